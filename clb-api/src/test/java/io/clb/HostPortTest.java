package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:8080, 10.0.0.1, 8080",
        "0.0.0.0:1, 0.0.0.0, 1",
        "255.255.255.255:65535, 255.255.255.255, 65535",
        "localhost:80, localhost, 80",
        "DB.Internal:5432, db.internal, 5432",
        "a_b-c.4u:80, a_b-c.4u, 80",
        "[::]:80, ::, 80",
        "[::1]:80, ::1, 80",
        "[2001:DB8::1]:80, 2001:db8::1, 80",
        "[1:2:3:4:5:6:7:8]:80, 1:2:3:4:5:6:7:8, 80",
        "[1:2:3:4:5:6:7::]:80, 1:2:3:4:5:6:7::, 80",
        "[::ffff:10.0.0.1]:80, ::ffff:10.0.0.1, 80",
        "[1:2:3:4:5:6:10.0.0.1]:80, 1:2:3:4:5:6:10.0.0.1, 80",
        "1.2.3.4, 1.2.3.4, 0",
        "db, db, 0",
        "[2001:db8::1], 2001:db8::1, 0",
    })
    void readsHostAndPort(String text, String host, int port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // no port, or none that can be
                "",
                ":",
                "db:",
                "db:0",
                "db:65536",
                "db:99999999999",
                "db:-1",
                "db:+80",
                "db:8 0",
                "db:8o",
                "db:\u0661",
                // no host, or none that can be
                ":80",
                " :80",
                "a b:80",
                ".:80",
                "a..b:80",
                "http://db:80",
                "db/x:80",
                "ä:80",
                // nearly IPv4; a name does not end in a number
                "1.2.3:80",
                "1.2.3.4.5:80",
                "1.2.3.256:80",
                "1.2.3.04:80",
                "1.2.3.:80",
                "1234:80",
                // IPv6 without brackets, brackets without IPv6
                "::1:80",
                "2001:db8::1:80",
                "[::1:80",
                "::1]:80",
                "[]:80",
                "[db]:80",
                "[1.2.3.4]:80",
                // nearly IPv6
                "[::1%eth0]:80",
                "[:]:80",
                "[:::]:80",
                "[:1]:80",
                "[1:2:3:4:5:6:7]:80",
                "[1:2:3:4:5:6:7:8:9]:80",
                "[1:2:3:4:5:6:7::8]x:80",
                "[1::2::3]:80",
                "[1:2:3:4:5:6:7:8::]:80",
                "[12345::]:80",
                "[g::]:80",
                "[1.2.3.4::]:80",
                "[::1.2.3.4:5]:80",
                "[::1.2.3.256]:80",
                "[1:2:3:4:5:6:7:1.2.3.4]:80",
            })
    void refusesWhatIsNoHostAndPort(String text) {
        assertThat(HostPort.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1:80, true", "[::1]:80, true", "localhost:80, false", "10.0.0.1.example:80, false"})
    void tellsLiteralsFromNames(String text, boolean literal) {
        HostPort address = HostPort.parse(text);
        assertThat(address).isNotNull().returns(literal, HostPort::isLiteral);
    }

    @Property
    void readsBackWhatItWrites(@ForAll("addresses") HostPort address) {
        assertThat(HostPort.parse(address.toString())).isEqualTo(address);
    }

    @Property
    void readsTheSameInAnyCase(@ForAll("addresses") HostPort address) {
        assertThat(HostPort.parse(address.toString().toUpperCase(Locale.ROOT))).isEqualTo(address);
    }

    @Property
    void takesForIpv6OnlyWhatTheJdkTakesForIpv6(@ForAll("nearlyIpv6") String text) throws UnknownHostException {
        if (IpLiteral.isIpv6(text)) {
            // Throws if it is none; a text with a colon is never looked up.
            assertThat(InetAddress.getByName(text)).isNotNull();
        }
    }

    @Provide
    Arbitrary<HostPort> addresses() {
        return Combinators.combine(
                        Arbitraries.oneOf(ipv4(), names(), ipv6()),
                        Arbitraries.integers().between(1, 65_535))
                .as(HostPort::new);
    }

    @Provide
    Arbitrary<String> nearlyIpv6() {
        return Arbitraries.of("::", ":", "0", "1", "ffff", "10000", ".", "1.2.3.4")
                .array(String[].class)
                .ofMaxSize(16)
                .map(parts -> ":" + String.join("", parts));
    }

    private static Arbitrary<String> ipv4() {
        return Arbitraries.integers()
                .between(0, 255)
                .map(String::valueOf)
                .array(String[].class)
                .ofSize(4)
                .map(parts -> String.join(".", parts));
    }

    private static Arbitrary<String> names() {
        return Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars('0', '9', '-', '_')
                .ofMinLength(1)
                .ofMaxLength(63)
                .array(String[].class)
                .ofMinSize(0)
                .ofMaxSize(2)
                .map(labels -> labels.length == 0 ? "a" : String.join(".", labels) + ".a");
    }

    /** Eight groups, of which none to all give way to a gap. */
    private static Arbitrary<String> ipv6() {
        Arbitrary<String[]> groups = Arbitraries.integers()
                .between(0, 0xffff)
                .map(Integer::toHexString)
                .array(String[].class)
                .ofSize(8);
        return Combinators.combine(
                        groups,
                        Arbitraries.integers().between(0, 8),
                        Arbitraries.integers().between(0, 8))
                .as((g, a, b) -> a.equals(b) ? String.join(":", g) : withGap(g, Math.min(a, b), Math.max(a, b)));
    }

    private static String withGap(String[] groups, int from, int to) {
        String before = String.join(":", Arrays.copyOfRange(groups, 0, from));
        String after = String.join(":", Arrays.copyOfRange(groups, to, groups.length));
        return before + "::" + after;
    }
}
