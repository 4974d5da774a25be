package io.clb.engine;

import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What a client and a listener have agreed on.
 *
 * @param version the version of TLS, as {@code TLSv1.3}
 * @param suite the cipher suite, as OpenSSL names it; those of TLS 1.3 have one name only
 * @param client the client's certificate, which an authority of the listener has signed; null if it showed none
 */
public record TlsSession(
        String version, String suite, @Nullable X509Certificate client) {

    private static final Pattern IANA = Pattern.compile("(?:TLS|SSL)_(?:(ECDHE)_(RSA|ECDSA)|RSA)_WITH_"
            + "(?:AES_(128|256)_(?:CBC|(GCM))_(SHA\\d*)|(3DES_EDE_CBC_SHA)|(CHACHA20_POLY1305)_SHA256)");

    /** The few names that there are, by those that providers use. */
    private static final Map<String, String> NAMES = new ConcurrentHashMap<>();

    /** @param asksClients whether the client was asked for a certificate */
    static TlsSession of(SSLSession session, boolean asksClients) {
        String suite = session.getCipherSuite();
        String known = NAMES.get(suite);
        if (known == null) {
            known = openSslName(suite);
            NAMES.put(suite, known);
        }
        return new TlsSession(session.getProtocol(), known, asksClients ? client(session) : null);
    }

    private static @Nullable X509Certificate client(SSLSession session) {
        try {
            return (X509Certificate) session.getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    /** The same where it has no other name with OpenSSL. */
    static String openSslName(String suite) {
        Matcher parts = IANA.matcher(suite);
        if (!parts.matches()) {
            return suite;
        }
        String exchange = parts.group(1) == null ? "" : "ECDHE-" + parts.group(2) + "-";
        if (parts.group(6) != null) {
            return exchange + "DES-CBC3-SHA";
        }
        if (parts.group(7) != null) {
            return exchange + "CHACHA20-POLY1305";
        }
        return exchange + "AES" + parts.group(3) + (parts.group(4) == null ? "-" : "-GCM-") + parts.group(5);
    }
}
