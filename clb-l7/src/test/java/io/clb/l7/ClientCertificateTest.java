package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.ClientCertificates;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.LoadBalancer;
import io.clb.TlsCertificate;
import io.clb.TlsConfig;
import io.clb.TlsProvider;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates that clients show: who is let in, and what servers are told. */
final class ClientCertificateTest {

    private static final String FORGED = """
            GET / HTTP/1.1\r
            Host: a\r
            X-Forwarded-Clientcert-clientverify: SUCCESS\r
            x-forwarded-CLIENTCERT-subjectdn: CN=forged\r
            X_Forwarded_Clientcert_Subjectdn: CN=forged\r
            \r
            """;

    @TempDir
    static Path files;

    private static Pki pki;
    private static TlsCertificate standard;
    private static X509Bundle alice;

    @BeforeAll
    static void makeCertificates() throws Exception {
        pki = new Pki(files);
        standard = pki.certificate("standard", Pki.EC, "www.example.org");
        alice = pki.forClients("alice", true);
    }

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder asking(
            NettyEngine engine, TlsProvider provider, ClientCertificates clients, WebServer server) {
        TlsConfig tls = TlsConfig.of(standard).provider(provider).clientCertificates(clients);
        return Balancers.http(engine, server.id())
                .listener("front", l -> l.https(0, tls).bind("127.0.0.1").allowUnderscores(true));
    }

    private static SSLSocket socket(LoadBalancer lb, SSLContext clients, String version) throws IOException {
        SSLSocket socket = Pki.client(clients, lb.address("front").getPort(), "www.example.org");
        socket.setEnabledProtocols(new String[] {version});
        return socket;
    }

    /** What the server was told about the client's certificate, in its order. */
    private static List<String> told(WebServer server) throws InterruptedException {
        return server.requests()
                .take()
                .head()
                .lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).contains("clientcert"))
                .toList();
    }

    private static List<String> linesAbout(X509Bundle shown) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(shown.getCertificate().getEncoded());
        return List.of(
                "X-Forwarded-Clientcert-clientverify: SUCCESS",
                "X-Forwarded-Clientcert-fingerprint: " + HexFormat.of().formatHex(digest),
                "X-Forwarded-Clientcert-subjectdn: CN=alice,O=Clients",
                "X-Forwarded-Clientcert-issuerdn: CN=the tests' authority");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void whoShowsOneIsKnownAlsoWhenItsSessionIsResumed(NettyEngine engine, TlsProvider provider) throws Exception {
        SSLContext clients = pki.showing(alice);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = asking(engine, provider, ClientCertificates.required(pki.authorities()), server)
                        .start()) {
            for (String version : List.of("TLSv1.2", "TLSv1.2", "TLSv1.3", "TLSv1.3")) {
                try (SSLSocket socket = socket(lb, clients, version)) {
                    HttpClient client = HttpClient.on(socket);
                    for (int i = 0; i < 2; i++) {
                        assertThat(client.send(FORGED).response().status()).isEqualTo(200);
                        assertThat(told(server)).isEqualTo(linesAbout(alice));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void whoShowsNoneIsRefusedWhereOneIsRequired(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = asking(engine, provider, ClientCertificates.required(pki.authorities()), server)
                        .start();
                SSLSocket twelve = socket(lb, pki.clients(), "TLSv1.2");
                SSLSocket thirteen = socket(lb, pki.clients(), "TLSv1.3")) {
            assertThatThrownBy(twelve::startHandshake).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> HttpClient.on(thirteen).get("/")).isInstanceOf(IOException.class);
            await().untilAsserted(() ->
                    assertThat(Balancers.front(lb).ended()).containsEntry(Reason.TLS_HANDSHAKE_FAILED, 2L));
            assertThat(server.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void whoShowsNoneIsServedWhereItIsOptionalAndSaysSo(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = asking(engine, provider, ClientCertificates.optional(pki.authorities()), server)
                        // What a proxy before this one says of certificates is not what was shown here.
                        .listener("front", l -> l.trustedProxies("127.0.0.1"))
                        .start();
                SSLSocket none = socket(lb, pki.clients(), "TLSv1.3");
                SSLSocket one = socket(lb, pki.showing(alice), "TLSv1.3")) {
            assertThat(HttpClient.on(none).send(FORGED).response().status()).isEqualTo(200);
            assertThat(told(server)).containsExactly("X-Forwarded-Clientcert-clientverify: NONE");
            assertThat(HttpClient.on(one).send(FORGED).response().status()).isEqualTo(200);
            assertThat(told(server)).isEqualTo(linesAbout(alice));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void oneThatNobodyKnownHasSignedIsRefusedInAnyCase(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = asking(engine, provider, ClientCertificates.optional(pki.authorities()), server)
                        .start();
                SSLSocket socket = socket(lb, pki.showing(pki.forClients("alice", false)), "TLSv1.2")) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
            await().untilAsserted(() ->
                    assertThat(Balancers.front(lb).ended()).containsEntry(Reason.TLS_HANDSHAKE_FAILED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withoutTlsNobodyButATrustedProxyMaySayWhoseCertificateItIs(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            String request = FORGED.replaceAll("X_Forwarded.*\r\n", "");
            assertThat(client.send(request).response().status()).isEqualTo(200);
            assertThat(told(server)).isEmpty();
            lb.update(c -> c.listener("front", l -> l.trustedProxies("127.0.0.1")));
            assertThat(client.send(request).response().status()).isEqualTo(200);
            assertThat(told(server)).hasSize(2);
        }
    }

    @Test
    void aFileWithoutAuthoritiesIsNamed() throws Exception {
        ClientCertificates none = ClientCertificates.required(pki.key("standard"));
        try (WebServer server = WebServer.saying("hello")) {
            assertThatThrownBy(() -> asking(NettyEngine.nio(), TlsProvider.AUTO, none, server)
                            .start())
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("listener front: tls: clientCertificates: required, signed by "
                            + pki.key("standard") + " (expected: certificates of authorities:");
        }
    }

    /** Whoever signs certificates may write into names what he likes. */
    @Test
    void aNameCannotEndItsLine() {
        assertThat(ClientCertificateLines.visible(new X500Principal("CN=a\\0D\\0AX-Evil: 1, O=Z\u00fcrich")))
                .isEqualTo("CN=a\\0D\\0AX-Evil: 1,O=Z\\C3\\BCrich");
    }
}
