package io.clb;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * How a listener speaks TLS at the moment.
 *
 * @param provider who does it: {@code JDK}, or {@code BoringSSL} or the OpenSSL that was found, by its own name
 * @param policy the name of the policy in force
 * @param versions the versions that are spoken, as {@code TLSv1.3}: those of the policy that the provider has
 * @param suites the cipher suites, as IANA names them: those of the policy that the provider has
 * @param certificates all certificates, the default ones first
 */
public record TlsState(
        String provider, String policy, List<String> versions, List<String> suites, List<Certificate> certificates) {

    /**
     * A certificate in force.
     *
     * @param host the host or wildcard that it is for; empty for a default one
     * @param names the hosts and addresses in it, of its subject alternative names; its subject where it has none
     * @param keyType {@code RSA} or {@code EC}
     * @param notBefore from when on it is valid
     * @param notAfter until when it is
     * @param files where it was read from
     */
    public record Certificate(
            String host, List<String> names, String keyType, Instant notBefore, Instant notAfter, List<Path> files) {}
}
