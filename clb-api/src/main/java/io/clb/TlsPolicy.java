package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of TLS a listener speaks, and with which cipher suites: {@code TlsPolicy.MODERN}, which is the default, one of the product's own, or {@link #custom}. Immutable.
 *
 * <p>Suites are named as OpenSSL does ({@code ECDHE-RSA-AES128-GCM-SHA256}) or as IANA does ({@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}), and preferred in their order. What the TLS
 * provider lacks of a policy is told in the log once for each listener; a policy of which nothing is left is refused.
 */
public final class TlsPolicy {

    private static final int MAX_SUITES = 32;
    private static final List<String> VERSIONS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");
    private static final String VERSION_1_2 = "TLSv1.2";
    private static final String VERSION_1_3 = "TLSv1.3";

    private static final Pattern IANA = Pattern.compile("TLS_[A-Z0-9_]{3,60}");
    private static final Pattern OPENSSL = Pattern.compile("(?:(ECDHE)-(RSA|ECDSA)-)?"
            + "(?:(AES)(128|256)-(GCM-)?(SHA|SHA256|SHA384)|(DES-CBC3-SHA)|(CHACHA20-POLY1305))");

    private static final List<String> STRICT = List.of(
            "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256", "AES256-SHA384", "AES128-SHA", "AES256-SHA");

    /** The product's suites without ECDHE, and all of its with it, as they are preferred. */
    private static final List<String> BROAD = broad();

    /**
     * TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only. The default.
     */
    public static final TlsPolicy MODERN = new TlsPolicy(
            "modern",
            List.of(VERSION_1_2, VERSION_1_3),
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "ECDHE-ECDSA-AES128-GCM-SHA256",
                    "ECDHE-RSA-AES128-GCM-SHA256",
                    "ECDHE-ECDSA-AES256-GCM-SHA384",
                    "ECDHE-RSA-AES256-GCM-SHA384",
                    "ECDHE-ECDSA-CHACHA20-POLY1305",
                    "ECDHE-RSA-CHACHA20-POLY1305"));

    /** The product's {@code tls_cipher_policy_1_0}: TLS 1.0 to 1.2, with suites that have no forward secrecy. For clients that are older than 2008. */
    public static final TlsPolicy TLS_1_0 =
            new TlsPolicy("tls_cipher_policy_1_0", List.of("TLSv1", "TLSv1.1", VERSION_1_2), BROAD);

    /** The product's {@code tls_cipher_policy_1_1}: TLS 1.1 and 1.2, with suites that have no forward secrecy. */
    public static final TlsPolicy TLS_1_1 =
            new TlsPolicy("tls_cipher_policy_1_1", List.of("TLSv1.1", VERSION_1_2), BROAD);

    /** The product's {@code tls_cipher_policy_1_2}: TLS 1.2, with suites that have no forward secrecy. */
    public static final TlsPolicy TLS_1_2 = new TlsPolicy("tls_cipher_policy_1_2", List.of(VERSION_1_2), BROAD);

    /** The product's {@code tls_cipher_policy_1_2_strict}: TLS 1.2 with forward secrecy. */
    public static final TlsPolicy TLS_1_2_STRICT =
            new TlsPolicy("tls_cipher_policy_1_2_strict", List.of(VERSION_1_2), forward());

    /** The product's {@code tls_cipher_policy_1_2_strict_with_1_3}: TLS 1.2 with forward secrecy, and 1.3. */
    public static final TlsPolicy TLS_1_2_STRICT_WITH_1_3 =
            new TlsPolicy("tls_cipher_policy_1_2_strict_with_1_3", List.of(VERSION_1_2, VERSION_1_3), with13());

    private final String name;
    private final List<String> versions;
    private final List<String> suites;

    private TlsPolicy(String name, List<String> versions, List<String> suites) {
        this.name = name;
        this.versions = versions;
        this.suites = suites;
    }

    private static List<String> forward() {
        List<String> suites = new ArrayList<>();
        STRICT.forEach(suite -> suites.add("ECDHE-ECDSA-" + suite));
        STRICT.forEach(suite -> suites.add("ECDHE-RSA-" + suite));
        return List.copyOf(suites);
    }

    private static List<String> broad() {
        List<String> suites = new ArrayList<>(forward());
        suites.addAll(List.of(
                "AES128-GCM-SHA256",
                "AES256-GCM-SHA384",
                "AES128-SHA256",
                "AES256-SHA256",
                "AES128-SHA",
                "AES256-SHA",
                "DES-CBC3-SHA"));
        return List.copyOf(suites);
    }

    private static List<String> with13() {
        List<String> suites = new ArrayList<>(List.of(
                "TLS_AES_128_GCM_SHA256",
                "TLS_AES_256_GCM_SHA384",
                "TLS_CHACHA20_POLY1305_SHA256",
                "TLS_AES_128_CCM_SHA256",
                "TLS_AES_128_CCM_8_SHA256"));
        suites.addAll(forward());
        return List.copyOf(suites);
    }

    /**
     * Makes a policy of one's own. Mistakes in it are reported when the configuration is built.
     *
     * @param versions one or more of {@code TLSv1}, {@code TLSv1.1}, {@code TLSv1.2} and {@code TLSv1.3}
     * @param suites 1 to 32 suites, the preferred one first; TLS 1.3 has its own, {@code TLS_AES_128_GCM_SHA256} and others
     * @return the policy, called {@code custom}
     */
    public static TlsPolicy custom(List<String> versions, List<String> suites) {
        return new TlsPolicy(
                "custom",
                List.copyOf(requireNonNull(versions, "versions")),
                List.copyOf(requireNonNull(suites, "suites")));
    }

    /** {@return what the product calls it; {@code modern} or {@code custom} for those that it has not} */
    public String name() {
        return name;
    }

    /** {@return the versions, as {@code TLSv1.2}} */
    public List<String> versions() {
        return versions;
    }

    /** {@return the suites, the preferred one first, as IANA names them} */
    public List<String> suites() {
        return suites.stream()
                .map(suite -> requireNonNull(ianaName(suite), suite))
                .toList();
    }

    /** The name that a suite has with IANA; null if it is none. */
    static @Nullable String ianaName(String suite) {
        if (IANA.matcher(suite).matches()) {
            return suite;
        }
        Matcher parts = OPENSSL.matcher(suite);
        if (!parts.matches()) {
            return null;
        }
        String exchange = parts.group(1) == null ? "TLS_RSA_WITH_" : "TLS_ECDHE_" + parts.group(2) + "_WITH_";
        if (parts.group(7) != null) {
            return exchange + "3DES_EDE_CBC_SHA";
        }
        if (parts.group(8) != null) {
            return exchange + "CHACHA20_POLY1305_SHA256";
        }
        String mode = parts.group(5) == null ? "_CBC_" : "_GCM_";
        return exchange + "AES_" + parts.group(4) + mode + parts.group(6);
    }

    void check(String where, Mistakes mistakes) {
        for (String version : versions) {
            if (!VERSIONS.contains(version)) {
                mistakes.add(where, "policy", version, "versions of " + VERSIONS);
            }
        }
        if (versions.isEmpty()) {
            mistakes.add(where, "policy", "no version", "one or more of " + VERSIONS);
        }
        if (suites.isEmpty() || suites.size() > MAX_SUITES) {
            mistakes.add(where, "policy", suites.size() + " suites", "1 to " + MAX_SUITES);
        }
        for (String suite : suites) {
            if (ianaName(suite) == null) {
                mistakes.add(
                        where,
                        "policy",
                        suite,
                        "a cipher suite as OpenSSL or IANA names it, of RSA or ECDHE with AES, ChaCha20 or 3DES");
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsPolicy that
                && name.equals(that.name)
                && versions.equals(that.versions)
                && suites.equals(that.suites);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, versions, suites);
    }

    @Override
    public String toString() {
        return name;
    }
}
