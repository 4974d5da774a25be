package io.clb.engine;

import static java.util.stream.Collectors.joining;

import io.clb.ClientCertificates;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.TlsCertificate;
import io.clb.TlsConfig;
import io.clb.TlsPolicy;
import io.clb.TlsProvider;
import io.clb.TlsState;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the certificates of a configuration, and makes of them what does handshakes: with BoringSSL or OpenSSL where netty-tcnative is on the class path, else with the JDK. On the thread of whoever
 * starts or updates: it reads files.
 */
final class TlsContexts {

    private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);

    /** How long sessions may be resumed, as in the product. */
    private static final long SESSION_SECONDS = 300;

    /** Sessions that the server keeps for clients without tickets: some 10 MB at most. Not measured. */
    private static final int MAX_SESSIONS = 20_480;

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final String balancer;
    private final Config config;
    private final List<ConfigException.Mistake> mistakes = new ArrayList<>();

    private TlsContexts(String balancer, Config config) {
        this.balancer = balancer;
        this.config = config;
    }

    /**
     * Prepares the listeners that speak TLS.
     *
     * @param config the configuration
     * @param before what is in force by the name of the listener: it goes on, and with it its sessions, where it is made of the same
     * @return by the name of the listener
     * @throws ConfigException if a certificate cannot be read, or a policy not be served
     */
    static Map<String, ListenerTls> prepare(Config config, Map<String, ListenerTls> before) {
        return new TlsContexts(config.name(), config).prepare(before);
    }

    private Map<String, ListenerTls> prepare(Map<String, ListenerTls> before) {
        Map<String, ListenerTls> made = new HashMap<>();
        for (ListenerConfig listener : config.listeners().values()) {
            TlsConfig tls = listener.tls();
            if (tls != null) {
                ListenerTls prepared = prepare(listener.name(), tls, before.get(listener.name()));
                if (prepared != null) {
                    made.put(listener.name(), prepared);
                }
            }
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
        return made;
    }

    private @Nullable ListenerTls prepare(String listener, TlsConfig tls, @Nullable ListenerTls before) {
        String where = "listener " + listener + ": tls";
        List<ListenerTls.Keys> keys = new ArrayList<>();
        List<TlsState.Certificate> shown = new ArrayList<>();
        load(where, "", tls.certificates(), keys, shown);
        tls.certificatesByName().forEach((name, certificates) -> load(where, name, certificates, keys, shown));
        List<X509Certificate> authorities = authorities(where, tls.clientCertificates());
        if (!mistakes.isEmpty()) {
            return null;
        }
        if (before != null && before.isMadeOf(tls, keys, authorities)) {
            return before;
        }
        try {
            return make(listener, tls, keys, authorities, shown);
        } catch (Exception e) {
            LOG.warn("{}: listener {}: TLS cannot be prepared", balancer, listener, e);
            mistakes.add(new ConfigException.Mistake(
                    where, "provider", provider(isNative(tls)), "one that serves this: " + e));
            return null;
        }
    }

    private void load(
            String where,
            String name,
            List<TlsCertificate> certificates,
            List<ListenerTls.Keys> keys,
            List<TlsState.Certificate> shown) {
        List<KeyStore.PrivateKeyEntry> entries = new ArrayList<>();
        for (TlsCertificate certificate : certificates) {
            try {
                KeyStore.PrivateKeyEntry entry = certificate.load();
                entries.add(entry);
                shown.add(shown(name, entry, certificate));
            } catch (NoSuchFileException e) {
                mistake(where, name, certificate, "files that are there: there is no " + e.getFile());
            } catch (IOException | GeneralSecurityException e) {
                mistake(where, name, certificate, "a certificate and its key: " + e.getMessage());
            }
        }
        List<String> kinds = entries.stream()
                .map(entry -> entry.getPrivateKey().getAlgorithm())
                .toList();
        if (kinds.size() > Set.copyOf(kinds).size()) {
            mistakes.add(new ConfigException.Mistake(
                    where, field(name), "two of " + kinds.get(0), "one certificate of RSA and one of ECDSA"));
        }
        keys.add(new ListenerTls.Keys(name, entries));
    }

    private List<X509Certificate> authorities(String where, @Nullable ClientCertificates clients) {
        if (clients == null) {
            return List.of();
        }
        try {
            return clients.load();
        } catch (NoSuchFileException e) {
            mistakes.add(new ConfigException.Mistake(
                    where,
                    "clientCertificates",
                    clients.toString(),
                    "a file that is there: there is no " + e.getFile()));
        } catch (IOException | GeneralSecurityException e) {
            mistakes.add(new ConfigException.Mistake(
                    where, "clientCertificates", clients.toString(), "certificates of authorities: " + e.getMessage()));
        }
        return List.of();
    }

    private static String field(String name) {
        return name.isEmpty() ? "certificate" : "certificate " + name;
    }

    private void mistake(String where, String name, TlsCertificate certificate, String expected) {
        mistakes.add(new ConfigException.Mistake(where, field(name), certificate.toString(), expected));
    }

    private ListenerTls make(
            String listener,
            TlsConfig tls,
            List<ListenerTls.Keys> keys,
            List<X509Certificate> authorities,
            List<TlsState.Certificate> shown)
            throws GeneralSecurityException, IOException {
        TlsPolicy policy = tls.policy();
        boolean isNative = isNative(tls);
        String provider = provider(isNative);
        List<String> versions = new ArrayList<>(policy.versions());
        List<String> suites = new ArrayList<>(policy.suites());
        versions.retainAll(servedVersions(isNative));
        suites.retainAll(servedSuites(isNative));
        boolean speaks13 = versions.contains("TLSv1.3");
        boolean has13 = suites.stream().anyMatch(suite -> !suite.contains("_WITH_"));
        boolean hasOlder = suites.stream().anyMatch(suite -> suite.contains("_WITH_"));
        if (!has13) {
            versions.remove("TLSv1.3");
        }
        if (!hasOlder) {
            versions.removeIf(version -> !version.equals("TLSv1.3"));
        }
        if (!speaks13) {
            suites.removeIf(suite -> !suite.contains("_WITH_"));
        }
        if (versions.isEmpty() || suites.isEmpty()) {
            throw new GeneralSecurityException("of policy " + policy + " it has versions " + versions + " and suites "
                    + suites + " (expected: one of each that go together)");
        }
        tellWhatLacks(listener, provider, policy, versions, suites);
        SslContext standard = null;
        Map<String, SslContext> byName = new LinkedHashMap<>();
        for (ListenerTls.Keys each : keys) {
            SslContext context = context(tls, each.entries(), authorities, versions, suites);
            if (each.name().isEmpty()) {
                standard = context;
            } else {
                byName.put(each.name(), context);
            }
        }
        if (standard == null) {
            throw new IllegalStateException("a configuration that was not validated");
        }
        TlsState state =
                new TlsState(provider, policy.name(), List.copyOf(versions), List.copyOf(suites), List.copyOf(shown));
        LOG.info("{}: listener {}: TLS by {}, {}, {}", balancer, listener, provider, policy, versions);
        return new ListenerTls(tls, keys, authorities, standard, byName, state);
    }

    private void tellWhatLacks(
            String listener, String provider, TlsPolicy policy, List<String> versions, List<String> suites) {
        String lacking = Stream.concat(policy.versions().stream(), policy.suites().stream())
                .filter(each -> !versions.contains(each) && !suites.contains(each))
                .collect(joining(" "));
        if (!lacking.isEmpty()) {
            LOG.warn("{}: listener {}: of policy {} {} lacks {}", balancer, listener, policy, provider, lacking);
        }
    }

    private static SslContext context(
            TlsConfig tls,
            List<KeyStore.PrivateKeyEntry> entries,
            List<X509Certificate> authorities,
            List<String> versions,
            List<String> suites)
            throws GeneralSecurityException, IOException {
        boolean isNative = isNative(tls);
        ClientCertificates clients = tls.clientCertificates();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        char[] password = {};
        for (int i = 0; i < entries.size(); i++) {
            KeyStore.PrivateKeyEntry entry = entries.get(i);
            store.setKeyEntry(String.valueOf(i), entry.getPrivateKey(), password, entry.getCertificateChain());
        }
        KeyManagerFactory keys = isNative
                ? new OpenSslCachingX509KeyManagerFactory(
                        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()))
                : KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SslContextBuilder builder = SslContextBuilder.forServer(keys);
        if (clients != null) {
            builder.trustManager(authorities)
                    .clientAuth(clients.isRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        }
        return builder.sslProvider(isNative ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols(versions)
                .ciphers(suites)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_1_1))
                .sessionTimeout(SESSION_SECONDS)
                .sessionCacheSize(MAX_SESSIONS)
                .build();
    }

    private static boolean isNative(TlsConfig tls) {
        // The other has one certificate for each handshake, whatever the client can verify.
        boolean sideBySide = tls.certificates().size() > 1
                || tls.certificatesByName().values().stream().anyMatch(each -> each.size() > 1);
        return tls.get(Options.TLS_PROVIDER) == TlsProvider.AUTO && !sideBySide && OpenSsl.isAvailable();
    }

    private static String provider(boolean isNative) {
        return isNative ? String.valueOf(OpenSsl.versionString()) : "JDK";
    }

    private static List<String> servedVersions(boolean isNative) throws GeneralSecurityException {
        if (isNative) {
            return Stream.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
                    .filter(version -> SslProvider.isTlsv13Supported(SslProvider.OPENSSL) || !version.equals("TLSv1.3"))
                    .toList();
        }
        // The JDK goes on naming those as supported that it has been told not to speak.
        List<String> disabled = Arrays.stream(String.valueOf(Security.getProperty("jdk.tls.disabledAlgorithms"))
                        .split(","))
                .map(String::trim)
                .toList();
        return Stream.of(supported().getProtocols())
                .filter(version -> !disabled.contains(version))
                .toList();
    }

    private static Set<String> servedSuites(boolean isNative) throws GeneralSecurityException {
        if (isNative) {
            return OpenSsl.availableJavaCipherSuites();
        }
        return Set.of(supported().getCipherSuites());
    }

    /** Of the JDK, whatever the application has set up as its default. */
    private static SSLParameters supported() throws GeneralSecurityException {
        SSLContext any = SSLContext.getInstance("TLS");
        any.init(new KeyManager[0], new TrustManager[0], null);
        return any.getSupportedSSLParameters();
    }

    private static TlsState.Certificate shown(String name, KeyStore.PrivateKeyEntry entry, TlsCertificate read)
            throws CertificateParsingException {
        X509Certificate own = (X509Certificate) entry.getCertificate();
        return new TlsState.Certificate(
                name,
                names(own),
                own.getPublicKey().getAlgorithm(),
                own.getNotBefore().toInstant(),
                own.getNotAfter().toInstant(),
                read.files());
    }

    private static List<String> names(X509Certificate certificate) throws CertificateParsingException {
        var alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            return alternatives.stream()
                    .filter(each -> each.get(0).equals(DNS_NAME) || each.get(0).equals(IP_ADDRESS))
                    .map(each -> String.valueOf(each.get(1)).toLowerCase(Locale.ROOT))
                    .toList();
        }
        return List.of(certificate.getSubjectX500Principal().getName());
    }
}
