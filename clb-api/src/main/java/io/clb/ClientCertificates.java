package io.clb;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates clients show: {@code TlsConfig.pem(chain, key).clientCertificates(ClientCertificates.required(authorities))}. Immutable.
 *
 * <p>A certificate that no authority here has signed, or whose time is over, fails the handshake, also where none need be shown. Servers are told of it in fields that clients cannot set themselves:
 * {@code X-Forwarded-Clientcert-clientverify} is {@code SUCCESS}, or {@code NONE} if none was shown, and {@code -fingerprint} (of SHA-256, in hexadecimal), {@code -subjectdn} and {@code -issuerdn}
 * (RFC 4514; what is not visible ASCII is escaped as in {@code \0D}) say whose.
 */
public final class ClientCertificates {

    private final Path authorities;
    private final boolean required;

    private ClientCertificates(Path authorities, boolean required) {
        this.authorities = requireNonNull(authorities, "authorities");
        this.required = required;
    }

    /**
     * Clients must show one: mutual TLS.
     *
     * @param authorities a file in PEM with the certificates of those who sign them; read when a configuration is applied
     * @return the setting
     */
    public static ClientCertificates required(Path authorities) {
        return new ClientCertificates(authorities, true);
    }

    /**
     * Clients may show one.
     *
     * @param authorities a file in PEM with the certificates of those who sign them; read when a configuration is applied
     * @return the setting
     */
    public static ClientCertificates optional(Path authorities) {
        return new ClientCertificates(authorities, false);
    }

    /** {@return whether a client without one is refused} */
    public boolean isRequired() {
        return required;
    }

    /**
     * Reads the file. Blocks.
     *
     * @return the authorities, one at least
     * @throws IOException if it cannot be read
     * @throws GeneralSecurityException if there is no certificate in it
     */
    public List<X509Certificate> load() throws IOException, GeneralSecurityException {
        return List.of(PemKeys.chain(authorities));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ClientCertificates that
                && authorities.equals(that.authorities)
                && required == that.required;
    }

    @Override
    public int hashCode() {
        return Objects.hash(authorities, required);
    }

    @Override
    public String toString() {
        return (required ? "required, signed by " : "optional, signed by ") + authorities;
    }
}
