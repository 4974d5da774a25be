package io.clb.l7;

import static io.clb.l7.WebServer.bytes;
import static io.clb.l7.WebServer.ok;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.AccessControl;
import io.clb.AccessLog;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.TlsCertificate;
import io.clb.TlsConfig;
import io.clb.TlsPolicy;
import io.clb.TlsProvider;
import io.clb.TlsState;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTPS listeners, on both transports and with both providers of TLS. */
final class HttpsTest {

    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final Duration TICK = Duration.ofMillis(100);

    @TempDir
    static Path files;

    private static Pki pki;
    private static TlsCertificate standard;

    @BeforeAll
    static void makeCertificates() throws Exception {
        pki = new Pki(files);
        standard = pki.certificate("standard", Pki.EC, "www.example.org");
    }

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder https(NettyEngine engine, TlsConfig tls, WebServer server) {
        return Balancers.http(engine, server.id())
                .listener("front", l -> l.https(0, tls).bind("127.0.0.1"));
    }

    private static int port(LoadBalancer lb) {
        return lb.address("front").getPort();
    }

    private static HttpClient client(LoadBalancer lb) throws IOException {
        return HttpClient.on(pki.client(port(lb), "www.example.org"));
    }

    private static TlsState state(LoadBalancer lb) {
        return requireNonNull(Balancers.front(lb).tls());
    }

    /** One that does not wait for ever. */
    private static Socket patient(InetAddress address, int port) throws IOException {
        Socket socket = new Socket(address, port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /** The first name in the certificate that a client gets. */
    private static String nameFor(LoadBalancer lb, String host) throws Exception {
        try (SSLSocket socket = (SSLSocket) pki.clients()
                .getSocketFactory()
                .createSocket(patient(InetAddress.getLoopbackAddress(), port(lb)), host, port(lb), true)) {
            socket.startHandshake();
            X509Certificate own = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return own.getSubjectX500Principal().getName().substring("CN=".length());
        }
    }

    private static void awaitEnded(LoadBalancer lb, Reason reason, long count) {
        await().untilAsserted(() -> assertThat(Balancers.front(lb).ended()).containsEntry(reason, count));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void requestsReachServersInThePlainAndSayThatTheyCameByHttps(NettyEngine engine, TlsProvider provider)
            throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start();
                HttpClient client = client(lb)) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/" + i).text()).isEqualTo("hello");
                assertThat(server.requests().take().head()).contains("\r\nX-Forwarded-Proto: https\r\n");
            }
            assertThat(Balancers.front(lb).accepted()).isEqualTo(1);
            TlsState state = state(lb);
            assertThat(state.provider()).isEqualTo(provider == TlsProvider.JDK ? "JDK" : "BoringSSL");
            assertThat(state.versions()).containsExactly("TLSv1.2", "TLSv1.3");
            assertThat(state.certificates())
                    .singleElement()
                    .satisfies(each -> assertThat(each.names()).containsExactly("www.example.org"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void largeBodiesComeUnalteredBothWays(NettyEngine engine, TlsProvider provider) throws Exception {
        byte[] body = new byte[5 << 20];
        new Random(7).nextBytes(body);
        try (WebServer server = WebServer.of(request -> ok(new String(request.body(), ISO_8859_1)));
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start();
                HttpClient client = client(lb)) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n");
            client.send(body);
            assertThat(client.response().body()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aClientGetsTheCertificateOfTheHostThatItNames(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsConfig tls = TlsConfig.of(standard)
                .provider(provider)
                .certificate("api.example.org", pki.certificate("api", Pki.RSA, "api.example.org"))
                .certificate("*.Example.org", pki.certificate("any", Pki.EC, "*.example.org"))
                .certificate("*.eu.example.org", pki.certificate("eu", Pki.EC, "*.eu.example.org"));
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, tls, server).start()) {
            assertThat(nameFor(lb, "api.example.org")).isEqualTo("api.example.org");
            assertThat(nameFor(lb, "API.example.org")).isEqualTo("api.example.org");
            assertThat(nameFor(lb, "shop.example.org")).isEqualTo("*.example.org");
            assertThat(nameFor(lb, "shop.eu.example.org")).isEqualTo("*.eu.example.org");
            assertThat(nameFor(lb, "a.shop.example.org")).isEqualTo("www.example.org");
            assertThat(nameFor(lb, "elsewhere.test")).isEqualTo("www.example.org");
            assertThat(nameFor(lb, "127.0.0.1")).isEqualTo("www.example.org");
            try (HttpClient client = HttpClient.on(pki.client(port(lb), "api.example.org"))) {
                assertThat(client.get("/").text()).isEqualTo("hello");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void ofTwoCertificatesEachClientGetsOneThatItCanVerify(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsConfig tls = TlsConfig.of(standard, pki.certificate("rsa", Pki.RSA, "www.example.org"))
                .provider(provider)
                .policy(TlsPolicy.TLS_1_2_STRICT);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, tls, server).start()) {
            for (String kind : List.of("RSA", "ECDSA")) {
                try (SSLSocket socket = pki.client(port(lb), "www.example.org")) {
                    socket.setEnabledProtocols(new String[] {"TLSv1.2"});
                    socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_" + kind + "_WITH_AES_128_GCM_SHA256"});
                    socket.startHandshake();
                    assertThat(socket.getSession()
                                    .getPeerCertificates()[0]
                                    .getPublicKey()
                                    .getAlgorithm())
                            .isEqualTo(kind.equals("RSA") ? "RSA" : "EC");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void whatIsNotOfThePolicyIsRefused(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsConfig tls = TlsConfig.of(standard).provider(provider).policy(TlsPolicy.TLS_1_2_STRICT);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, tls, server).start();
                SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            socket.setEnabledProtocols(new String[] {"TLSv1.3"});
            // An alert that says why, not a reset.
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
            awaitEnded(lb, Reason.TLS_HANDSHAKE_FAILED, 1);
            assertThat(Balancers.front(lb).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void theServersPreferenceOfSuitesCounts(NettyEngine engine, TlsProvider provider) throws Exception {
        String preferred = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
        String other = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        TlsPolicy policy = TlsPolicy.custom(List.of("TLSv1.2"), List.of(preferred, "ECDHE-ECDSA-AES128-GCM-SHA256"));
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(
                                engine,
                                TlsConfig.of(standard).provider(provider).policy(policy),
                                server)
                        .start();
                SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            socket.setEnabledCipherSuites(new String[] {other, preferred});
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo(preferred);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void whoDoesNotSpeakTlsIsRefused(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsConfig one = TlsConfig.of(standard).provider(provider);
        for (TlsConfig tls : List.of(one, one.certificate("a.test", standard))) {
            try (WebServer server = WebServer.saying("hello");
                    LoadBalancer lb = https(engine, tls, server).start();
                    HttpClient plain = HttpClient.to(lb, "front")) {
                plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                awaitEnded(lb, Reason.TLS_HANDSHAKE_FAILED, 1);
                assertThat(Balancers.front(lb).active()).isZero();
                assertThat(server.accepted()).isZero();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aPolicyOfWhichNothingIsLeftIsRefused(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsPolicy policy = TlsPolicy.custom(List.of("TLSv1.3"), List.of("ECDHE-RSA-AES128-GCM-SHA256"));
        TlsConfig tls = TlsConfig.of(standard).provider(provider).policy(policy);
        try (WebServer server = WebServer.saying("hello")) {
            assertThatThrownBy(() -> https(engine, tls, server).start())
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("listener front: tls: provider: ")
                    .hasMessageContaining("of policy custom it has versions []");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aHandshakeThatDoesNotEndIsReset(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(server.id())
                                .listener(
                                        "front",
                                        l -> l.https(0, TlsConfig.of(standard)).bind("127.0.0.1"))
                                .build());
                Socket silent = patient(InetAddress.getLoopbackAddress(), port(lb))) {
            silent.getOutputStream().write(new byte[] {22, 3, 1});
            await().until(() -> Balancers.front(lb).active() == 1);
            clock.advance(HANDSHAKE.minus(TICK));
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(TICK.multipliedBy(2));
            assertThatThrownBy(() -> silent.getInputStream().read()).isInstanceOf(SocketException.class);
            awaitEnded(lb, Reason.TLS_HANDSHAKE_TIMEOUT, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void anUpdateHasNewConnectionsGetWhatIsInTheFilesThen(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsCertificate changing = pki.certificate("changing", Pki.EC, "first.example.org");
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(changing).provider(provider), server)
                        .start();
                HttpClient before = HttpClient.on(pki.client(port(lb), "first.example.org"))) {
            assertThat(before.get("/").text()).isEqualTo("hello");
            pki.certificate("changing", Pki.RSA, "second.example.org");
            assertThat(nameFor(lb, "any.test")).isEqualTo("first.example.org");
            lb.update(c -> {});
            assertThat(nameFor(lb, "any.test")).isEqualTo("second.example.org");
            assertThat(before.get("/").text()).isEqualTo("hello");
            assertThat(state(lb).certificates().get(0).keyType()).isEqualTo("RSA");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aHalfWrittenPairIsRefusedAndTheOldOneStays(NettyEngine engine, TlsProvider provider) throws Exception {
        TlsCertificate torn = pki.certificate("torn", Pki.EC, "first.example.org");
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(torn).provider(provider), server)
                        .start()) {
            Files.copy(pki.chain("standard"), pki.chain("torn"), StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> lb.update(c -> c.listener("front", l -> l.maxConnections(7))))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("listener front: tls: certificate: " + torn)
                    .hasMessageContaining("do not belong together");
            assertThat(nameFor(lb, "any.test")).isEqualTo("first.example.org");
            assertThat(lb.snapshot().configurations()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void sessionsAreResumedAlsoAcrossAnUpdateOfSomethingElse(NettyEngine engine, TlsProvider provider)
            throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start()) {
            for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                long first = sessionBegan(lb, version);
                lb.update(c -> c.listener("front", l -> l.maxConnections(1_000)));
                assertThat(sessionBegan(lb, version)).isEqualTo(first);
            }
        }
    }

    private static long sessionBegan(LoadBalancer lb, String version) throws IOException {
        try (SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            socket.setEnabledProtocols(new String[] {version});
            HttpClient client = HttpClient.on(socket);
            assertThat(client.get("/").status()).isEqualTo(200);
            return socket.getSession().getCreationTime();
        }
    }

    /** BoringSSL takes it for the end of the connection. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatSaysItIsDoneStillGetsItsResponseByTheJdk(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(TlsProvider.JDK), server)
                        .start();
                SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            HttpClient client = HttpClient.on(socket);
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            socket.shutdownOutput();
            assertThat(client.response().text()).isEqualTo("hello");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aClientThatSaysGoodbyeLeavesNothingBehind(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start();
                SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            assertThat(HttpClient.on(socket).get("/").status()).isEqualTo(200);
            socket.shutdownOutput();
            await().until(() -> Balancers.front(lb).active() == 0);
        }
    }

    @SuppressWarnings("try") // closing is what this is about
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aResponseThatIsCutOffDoesNotLookComplete(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server =
                        WebServer.of(request -> bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"));
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start();
                SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            HttpClient.on(socket).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            InputStream in = socket.getInputStream();
            StringBuilder came = new StringBuilder();
            while (came.indexOf("only this") < 0) {
                int next = in.read();
                assertThat(next).isNotNegative();
                came.append((char) next);
            }
            server.close();
            assertThatThrownBy(in::read).isInstanceOf(IOException.class);
            awaitEnded(lb, Reason.RESPONSE_TRUNCATED, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void whoIsNotLetInIsResetBeforeTheHandshake(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .listener("front", l -> l.access(AccessControl.deny("127.0.0.1")))
                        .start();
                Socket socket = patient(InetAddress.getLoopbackAddress(), port(lb))) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
            awaitEnded(lb, Reason.ACCESS_DENIED, 1);
        }
    }

    @SuppressWarnings("try") // closing is what this is about
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void closingEndsHandshakesAndTellsClientsGoodbye(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start();
                Socket silent = patient(InetAddress.getLoopbackAddress(), port(lb));
                SSLSocket socket = pki.client(port(lb), "www.example.org")) {
            HttpClient client = HttpClient.on(socket);
            assertThat(client.get("/").status()).isEqualTo(200);
            await().until(() -> Balancers.front(lb).active() == 2);
            lb.close();
            // A close_notify: an end without one would be an exception.
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(() -> silent.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aClientThatDoesNotTrustTheCertificateIsCounted(NettyEngine engine, TlsProvider provider) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = https(engine, TlsConfig.of(standard).provider(provider), server)
                        .start();
                SSLSocket socket = pki.client(port(lb), "other.example.org")) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
            awaitEnded(lb, Reason.TLS_HANDSHAKE_FAILED, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void mistakesAreNamed(NettyEngine engine, TlsProvider provider) throws Exception {
        Path none = files.resolve("none.pem");
        Path empty = Files.writeString(files.resolve("empty.pem"), "nothing");
        TlsConfig tls = TlsConfig.pem(none, pki.key("standard"))
                .provider(provider)
                .certificate("a.test", TlsCertificate.pem(pki.chain("standard"), empty))
                .certificate("b.test", TlsCertificate.pem(empty, pki.key("standard")))
                .certificate("c.test", standard, standard)
                .certificate("d.test", TlsCertificate.keyStore(empty, "secret"));
        try (WebServer server = WebServer.saying("hello")) {
            assertThatThrownBy(() -> https(engine, tls, server).start())
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("listener front: tls: certificate: " + none + " with")
                    .hasMessageContaining("there is no " + none)
                    .hasMessageContaining(empty + " has no private key (expected: one in PEM)")
                    .hasMessageContaining(empty + " has no certificate (expected: one or more in PEM)")
                    .hasMessageContaining(
                            "certificate c.test: two of EC (expected: one certificate of RSA and one of ECDSA)")
                    .hasMessageContaining(empty + " cannot be opened")
                    .hasMessageNotContaining("secret");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void theAccessLogSaysHowItWasEncrypted(NettyEngine engine, TlsProvider provider) throws Exception {
        Path log = files.resolve("access-" + engine.hashCode() + provider + ".log");
        try (WebServer server = WebServer.saying("hello")) {
            try (LoadBalancer lb = https(
                                    engine,
                                    TlsConfig.of(standard).provider(provider).policy(TlsPolicy.TLS_1_2_STRICT),
                                    server)
                            .accessLog(AccessLog.file(log).pattern("$scheme $ssl_protocol $ssl_cipher"))
                            .start();
                    HttpClient client = client(lb)) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            assertThat(Files.readString(log, UTF_8)).isEqualTo("https TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256\n");
        }
    }

    @SuppressWarnings("try") // closing is what this is about
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void webSocketsFlowBothWays(NettyEngine engine, TlsProvider provider) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection ->
                        connection.send(Frames.response(connection.head())).echo());
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener(
                                "front",
                                l -> l.https(0, TlsConfig.of(standard).provider(provider))
                                        .bind("127.0.0.1"))
                        .start();
                HttpClient client = client(lb).send(Frames.REQUEST + "early")) {
            assertThat(client.response().status()).isEqualTo(101);
            assertThat(new String(client.exactly(5), ISO_8859_1)).isEqualTo("early");
            client.send(" late");
            assertThat(new String(client.exactly(5), ISO_8859_1)).isEqualTo(" late");
            assertThat(Balancers.front(lb).webSockets()).isEqualTo(1);
            client.close();
            Balancers.awaitNothingActive(lb);
        }
    }

    @SuppressWarnings("try") // closing is what this is about
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#tlsEngines")
    void aClientThatDoesNotReadHoldsLittle(NettyEngine engine, TlsProvider provider) throws Exception {
        try (ScriptedServer server = ScriptedServer.endless();
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener(
                                "front",
                                l -> l.https(0, TlsConfig.of(standard).provider(provider))
                                        .bind("127.0.0.1"))
                        .start();
                HttpClient client = client(lb)) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            await().until(() -> lb.snapshot().bufferedBytes() > 0);
            await().during(Balancers.STILL).until(() -> lb.snapshot().bufferedBytes() < 2 << 20);
            client.close();
            await().until(() -> Balancers.front(lb).active() == 0);
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    /** 20,000 bytes, of which a burst of a tenth of a second's 100,000 comes at once. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void uploadsArePaced(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] body = new byte[20_000];
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(server.id())
                                .listener(
                                        "front",
                                        l -> l.https(0, TlsConfig.of(standard))
                                                .bind("127.0.0.1")
                                                .limit(Limit.bandwidth(800_000)))
                                .build());
                HttpClient client = client(lb)) {
            CompletableFuture<HttpClient.Response> response = CompletableFuture.supplyAsync(() -> {
                try {
                    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n");
                    return client.send(body).response();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            Duration passed = Duration.ZERO;
            while (!response.isDone()) {
                clock.advance(TICK.dividedBy(10));
                passed = passed.plus(TICK.dividedBy(10));
            }
            assertThat(response.join().text()).isEqualTo("hello");
            assertThat(passed).isGreaterThanOrEqualTo(TICK);
            assertThat(Balancers.front(lb).limits().get(0).putOff()).isPositive();
        }
    }
}
