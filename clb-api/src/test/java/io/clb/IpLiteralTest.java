package io.clb;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One spelling for one address. */
final class IpLiteralTest {

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "fe80::00ab, fe80::ab",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "1::, 1::",
        "::ffff:1.2.3.4, 1.2.3.4",
        "10.0.0.1, 10.0.0.1"
    })
    void spellingsOfOneAddressBecomeOne(String given, String canonical) {
        assertThat(IpLiteral.canonical(given)).isEqualTo(canonical);
    }

    @Property
    void theSpellingNamesTheSameAddress(@ForAll @Size(16) byte[] address) throws UnknownHostException {
        InetAddress given = InetAddress.getByAddress(address);
        String canonical = IpLiteral.canonical(given.getHostAddress());
        assertThat(IpLiteral.isLiteral(canonical)).isTrue();
        assertThat(InetAddress.getByName(canonical)).isEqualTo(given);
        assertThat(IpLiteral.canonical(canonical)).isEqualTo(canonical);
    }

    @Property
    void serversAndBindAddressesAreKnownByIt(@ForAll @Size(16) byte[] address) throws UnknownHostException {
        String literal = InetAddress.getByAddress(address).getHostAddress();
        String written = literal.indexOf(':') >= 0 ? "[" + literal + "]" : literal;
        HostPort parsed = HostPort.parse(written + ":80");
        assertThat(parsed).isNotNull().isEqualTo(HostPort.parse(String.valueOf(parsed)));
        assertThat(parsed.host()).isEqualTo(IpLiteral.canonical(literal));
    }
}
