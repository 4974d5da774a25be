package io.clb.l7.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.HostPort;
import io.clb.HttpCheck;
import org.junit.jupiter.api.Test;

/** What an HTTP probe sends. */
final class HttpProbeTest {

    @Test
    void hostIsTheAddressThatIsProbed() {
        assertThat(host(HttpCheck.path("/"), new HostPort("10.0.0.1", 8080))).isEqualTo("10.0.0.1:8080");
        assertThat(host(HttpCheck.path("/"), new HostPort("web.internal", 80))).isEqualTo("web.internal:80");
    }

    @Test
    void ipv6LiteralsStandInBrackets() {
        assertThat(host(HttpCheck.path("/"), new HostPort("2001:db8::1", 80))).isEqualTo("[2001:db8::1]:80");
    }

    @Test
    void aConfiguredHostGoesFirst() {
        HttpCheck check = HttpCheck.path("/").host("www.example.org");
        assertThat(host(check, new HostPort("10.0.0.1", 8080))).isEqualTo("www.example.org");
    }

    private static String host(HttpCheck check, HostPort probed) {
        return HttpProbe.request(check, probed).headers().get("host");
    }
}
