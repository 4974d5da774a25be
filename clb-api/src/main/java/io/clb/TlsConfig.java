package io.clb;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a listener speaks TLS: {@code TlsConfig.pem(chain, key).certificate("*.example.org", TlsCertificate.pem(c2, k2))}. Immutable; each setter returns a copy.
 *
 * <p>A client that names a host (SNI, RFC 6066) gets the certificate of that name, else of the wildcard for it, else the default; so does one that names none. Sessions are resumed for 300 s.
 */
public final class TlsConfig {

    private static final int MAX_NAMES = 1_000;
    private static final int MAX_NAME = 253;
    private static final int MAX_SIDE_BY_SIDE = 2;
    private static final Pattern NAME = Pattern.compile("(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+"
            + "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final List<TlsCertificate> standard;
    private final Map<String, List<TlsCertificate>> byName;
    private final TlsPolicy policy;
    private final @Nullable ClientCertificates clients;
    private final Settings settings;

    private TlsConfig(
            List<TlsCertificate> standard,
            Map<String, List<TlsCertificate>> byName,
            TlsPolicy policy,
            @Nullable ClientCertificates clients,
            Settings settings) {
        this.standard = standard;
        this.byName = byName;
        this.policy = policy;
        this.clients = clients;
        this.settings = settings;
    }

    /**
     * Begins with the default certificate.
     *
     * @param certificates one; or two, of RSA and of ECDSA: each client gets one that it can verify
     * @return the configuration
     */
    public static TlsConfig of(TlsCertificate... certificates) {
        return new TlsConfig(
                List.of(requireNonNull(certificates, "certificates")),
                Map.of(),
                TlsPolicy.MODERN,
                null,
                Settings.DEFAULTS);
    }

    /**
     * Begins with the default certificate, of files in PEM.
     *
     * @param chain the certificate, and behind it those of authorities between it and the root
     * @param key its private key
     * @return the configuration
     */
    public static TlsConfig pem(Path chain, Path key) {
        return of(TlsCertificate.pem(chain, key));
    }

    /**
     * Adds the certificate of a host, or changes it; at most 1,000.
     *
     * @param name the host, or {@code *.} and a domain for all hosts that have one label more; letters in any case, in ASCII
     * @param certificates one; or two, of RSA and of ECDSA
     * @return a copy
     */
    public TlsConfig certificate(String name, TlsCertificate... certificates) {
        Map<String, List<TlsCertificate>> more = new LinkedHashMap<>(byName);
        more.put(
                requireNonNull(name, "name").toLowerCase(Locale.ROOT),
                List.of(requireNonNull(certificates, "certificates")));
        return new TlsConfig(standard, Collections.unmodifiableMap(more), policy, clients, settings);
    }

    /**
     * Sets versions and cipher suites.
     *
     * @param changed the policy; {@link TlsPolicy#MODERN} unless set
     * @return a copy
     */
    public TlsConfig policy(TlsPolicy changed) {
        return new TlsConfig(standard, byName, requireNonNull(changed, "changed"), clients, settings);
    }

    /**
     * Sets which certificates clients show.
     *
     * @param shown required ones or optional ones; null for none, which it is unless set
     * @return a copy
     */
    public TlsConfig clientCertificates(@Nullable ClientCertificates shown) {
        return new TlsConfig(standard, byName, policy, shown, settings);
    }

    /**
     * Sets how long a client may take for its handshake.
     *
     * @param time 1 s to 60 s, 10 s unless set
     * @return a copy
     */
    public TlsConfig handshakeTimeout(Duration time) {
        return new TlsConfig(standard, byName, policy, clients, settings.with(Options.TLS_HANDSHAKE_TIMEOUT, time));
    }

    /**
     * Sets who does the work.
     *
     * @param wanted {@link TlsProvider#AUTO} unless set
     * @return a copy
     */
    public TlsConfig provider(TlsProvider wanted) {
        return new TlsConfig(standard, byName, policy, clients, settings.with(Options.TLS_PROVIDER, wanted));
    }

    /** {@return the certificates for clients that name no host, or none of those here} */
    public List<TlsCertificate> certificates() {
        return standard;
    }

    /** {@return those of hosts by name, in small letters: an unmodifiable map} */
    public Map<String, List<TlsCertificate>> certificatesByName() {
        return byName;
    }

    /** {@return which certificates clients show; null for none} */
    public @Nullable ClientCertificates clientCertificates() {
        return clients;
    }

    /** {@return the versions and cipher suites} */
    public TlsPolicy policy() {
        return policy;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#TLS}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    void check(String listener, Mistakes mistakes) {
        String where = listener + ": tls";
        settings.check(where, mistakes);
        policy.check(where, mistakes);
        checkCount(where, "certificates", standard, mistakes);
        if (byName.size() > MAX_NAMES) {
            mistakes.add(where, "certificates", byName.size() + " names", "at most 1,000");
        }
        byName.forEach((name, certificates) -> {
            if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
                mistakes.add(where, "certificate", name, "a host in ASCII, or *. and a domain");
            }
            checkCount(where, "certificate " + name, certificates, mistakes);
        });
    }

    private static void checkCount(String where, String field, List<TlsCertificate> certificates, Mistakes mistakes) {
        if (certificates.isEmpty() || certificates.size() > MAX_SIDE_BY_SIDE) {
            mistakes.add(where, field, certificates.size() + " certificates", "one, or one of RSA and one of ECDSA");
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsConfig that
                && standard.equals(that.standard)
                && byName.equals(that.byName)
                && policy.equals(that.policy)
                && Objects.equals(clients, that.clients)
                && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(standard, byName, policy, clients, settings);
    }

    @Override
    public String toString() {
        return "TLS " + policy + " with " + standard + (byName.isEmpty() ? "" : " and " + byName.keySet());
    }
}
