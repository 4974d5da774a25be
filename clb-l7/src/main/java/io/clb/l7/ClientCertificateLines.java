package io.clb.l7;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.engine.TlsSession;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** The header lines that tell a server whose certificate the client has shown. */
final class ClientCertificateLines {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final char FIRST_VISIBLE = 0x20;
    private static final char LAST_VISIBLE = 0x7E;

    private ClientCertificateLines() {}

    /** All of them, each with its end. */
    static String of(@Nullable TlsSession session) {
        X509Certificate shown = session == null ? null : session.client();
        if (shown == null) {
            return line("clientverify", "NONE");
        }
        return line("clientverify", "SUCCESS")
                + line("fingerprint", fingerprint(shown))
                + line("subjectdn", visible(shown.getSubjectX500Principal()))
                + line("issuerdn", visible(shown.getIssuerX500Principal()));
    }

    private static String line(String name, String value) {
        return "X-Forwarded-Clientcert-" + name + ": " + value + "\r\n";
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was verified", e);
        }
    }

    /** Whoever signs certificates may write into names what he likes, line ends too. */
    static String visible(X500Principal name) {
        String text = name.getName();
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(each -> {
            if (each >= FIRST_VISIBLE && each <= LAST_VISIBLE) {
                out.append((char) each);
            } else {
                for (byte part : Character.toString(each).getBytes(UTF_8)) {
                    out.append('\\').append(HEX.toHexDigits(part));
                }
            }
        });
        return out.toString();
    }
}
