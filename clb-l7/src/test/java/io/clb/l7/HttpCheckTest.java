package io.clb.l7;

import static io.clb.l7.Balancers.awaitState;
import static io.clb.l7.Balancers.quick;
import static io.clb.l7.Balancers.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.HttpCheck;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.l4.HungServer;
import io.clb.l4.NettyEngine;
import io.clb.l4.TestServer;
import io.clb.l4.UdpClient;
import io.clb.l4.UdpServer;
import io.clb.l7.ScriptedServer.End;
import io.clb.l7.ScriptedServer.Script;
import io.clb.spi.ServerState;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP health checks in a balancer that runs: what they send, how they end, and what connections follow from them. */
final class HttpCheckTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static final String KIB = "x".repeat(1_024);
    private static final HealthCheck PATIENT = HealthCheck.http("/").timeout(Duration.ofSeconds(60));

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void nobodyListens(NettyEngine engine) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        String id = "127.0.0.1:" + port;
        try (LoadBalancer lb = start(engine, g -> g.server(id).healthCheck(quick(HttpCheck.path("/"))))) {
            awaitState(lb, id, ServerState.DOWN, "connection refused");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void nobodyAccepts(NettyEngine engine) throws Exception {
        HealthCheck check = quick(HttpCheck.path("/")).timeout(Duration.ofMillis(300));
        try (HungServer hung = new HungServer();
                LoadBalancer lb = start(engine, g -> g.server(hung.id()).healthCheck(check))) {
            awaitState(lb, hung.id(), ServerState.DOWN, "no connection within 300 ms");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theRequestIsWhatIsConfigured(NettyEngine engine) throws Exception {
        HttpCheck check =
                HttpCheck.path("/healthz?deep=1").method(HttpCheck.Method.GET).host("www.example.org");
        try (ScriptedServer server = ScriptedServer.answering(OK);
                LoadBalancer lb = start(engine, g -> g.server(server.id()).healthCheck(quick(check)))) {
            awaitState(lb, server.id(), ServerState.UP, "status 200");
            assertThat(server.heads().take().split("\r\n"))
                    .containsExactly(
                            "GET /healthz?deep=1 HTTP/1.1",
                            "host: www.example.org",
                            "user-agent: clb-health-check",
                            "connection: close");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theVersionMayBe10(NettyEngine engine) throws Exception {
        HttpCheck check = HttpCheck.path("/").version(HttpCheck.Version.HTTP_1_0);
        try (ScriptedServer server = ScriptedServer.answering("HTTP/1.0 200 OK\r\n\r\n");
                LoadBalancer lb = start(engine, g -> g.server(server.id()).healthCheck(quick(check)))) {
            awaitState(lb, server.id(), ServerState.UP, "status 200");
            assertThat(server.heads().take().split("\r\n"))
                    .containsExactly("HEAD / HTTP/1.0", "host: " + server.id(), "user-agent: clb-health-check");
        }
    }

    private static Stream<Arguments> headers() {
        String local = "\r\n\r\n\0\r\nQUIT\n" + " \0\0\0";
        return Balancers.engines()
                .flatMap(engine -> Stream.of(
                        Arguments.of(engine, ProxyProtocol.Version.V1, "PROXY UNKNOWN\r\n"),
                        Arguments.of(engine, ProxyProtocol.Version.V2, local)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("headers")
    void aServerThatInsistsOnAHeaderAnswersProbesThatBeginWithOne(
            NettyEngine engine, ProxyProtocol.Version version, String header) throws Exception {
        Script strict = connection -> {
            if (connection.read(header.length()).equals(header)) {
                connection.answer(OK);
            }
        };
        HealthCheck without = quick(HttpCheck.path("/"));
        HealthCheck with = without.proxyProtocol(version);
        try (ScriptedServer server = ScriptedServer.of(strict);
                LoadBalancer lb = start(engine, g -> g.server(server.id()).healthCheck(with))) {
            awaitState(lb, server.id(), ServerState.UP, "status 200");
            assertThat(server.heads().take()).startsWith("HEAD / HTTP/1.1\r\n");
            lb.update(c -> c.serverGroup("web", g -> g.healthCheck(without)));
            awaitState(lb, server.id(), ServerState.DOWN, "");
            lb.update(c -> c.serverGroup("web", g -> g.healthCheck(with)));
            awaitState(lb, server.id(), ServerState.UP, "status 200");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itIsForServersOfDatagramsToo(NettyEngine engine) throws Exception {
        AtomicInteger status = new AtomicInteger(200);
        try (UdpServer server = UdpServer.named();
                ScriptedServer admin = ScriptedServer.of(c -> c.answer("HTTP/1.1 " + status + " X\r\n\r\n"));
                LoadBalancer lb = LoadBalancer.builder()
                        .name("test")
                        .engine(engine)
                        .serverGroup(
                                "web",
                                g -> g.server(server.id())
                                        .healthCheck(quick(HttpCheck.path("/")).port(admin.port())))
                        .listener("front", l -> l.udp(0).bind("127.0.0.1").forwardTo("web"))
                        .start();
                UdpClient client = UdpClient.to(lb, "front")) {
            awaitState(lb, server.id(), ServerState.UP, "status 200");
            assertThat(client.ask("x")).isEqualTo(server.id());
            status.set(503);
            awaitState(lb, server.id(), ServerState.DOWN, "status 503, expected 2xx");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thePortIsTheChecksOwn(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(ScriptedServer.Connection::reset);
                ScriptedServer admin = ScriptedServer.answering(OK);
                LoadBalancer lb = start(
                        engine,
                        g -> g.server(server.id())
                                .healthCheck(quick(HttpCheck.path("/")).port(admin.port())))) {
            awaitState(lb, server.id(), ServerState.UP, "status 200");
            assertThat(admin.heads().take()).contains("host: " + admin.id() + "\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theSourceAddressIsTheChecksOwn(NettyEngine engine) throws Exception {
        BlockingQueue<String> clients = new LinkedBlockingQueue<>();
        try (TestServer server = TestServer.of(socket -> {
                    clients.add(socket.getInetAddress().getHostAddress());
                    socket.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII));
                    TestServer.echo(socket);
                });
                LoadBalancer lb = start(
                        engine,
                        g -> g.server(server.id())
                                .healthCheck(quick(HttpCheck.path("/")).sourceAddress("127.0.0.3")))) {
            awaitState(lb, server.id(), ServerState.UP, "status 200");
            assertThat(clients.take()).isEqualTo("127.0.0.3");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aConnectionThatWasAnsweredInFullEndsWithFin(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(c -> c.answer(OK).awaitEnd());
                LoadBalancer lb = start(engine, g -> g.server(server.id()).healthCheck(quick(HttpCheck.path("/"))))) {
            assertThat(server.ends().poll(10, TimeUnit.SECONDS)).isEqualTo(End.FIN);
            awaitState(lb, server.id(), ServerState.UP, "status 200");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aLongBodyIsCutAndDoesNotCountAgainstTheServer(NettyEngine engine) throws Exception {
        HttpCheck get = HttpCheck.path("/").method(HttpCheck.Method.GET);
        Script endless = c -> c.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .sendForEver("400\r\n" + KIB + "\r\n");
        try (ScriptedServer server = ScriptedServer.of(endless);
                LoadBalancer lb = start(engine, g -> g.server(server.id()).healthCheck(quick(get)))) {
            assertThat(server.ends().poll(10, TimeUnit.SECONDS)).isEqualTo(End.RST);
            awaitState(lb, server.id(), ServerState.UP, "status 200");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aProbeUnderWayEndsWithItsServer(NettyEngine engine) throws Exception {
        try (ScriptedServer silent = ScriptedServer.of(c -> c.answer("").awaitEnd());
                LoadBalancer lb = start(engine, g -> g.server(silent.id()).healthCheck(PATIENT))) {
            assertThat(silent.heads().poll(10, TimeUnit.SECONDS)).isNotNull();
            lb.update(c -> c.serverGroup("web", g -> g.removeServer(silent.id())));
            assertThat(silent.ends().poll(10, TimeUnit.SECONDS)).isEqualTo(End.RST);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aProbeUnderWayEndsWithTheBalancer(NettyEngine engine) throws Exception {
        try (ScriptedServer silent = ScriptedServer.of(c -> c.answer("").awaitEnd())) {
            try (LoadBalancer lb = start(engine, g -> g.server(silent.id()).healthCheck(PATIENT))) {
                assertThat(silent.heads().poll(10, TimeUnit.SECONDS))
                        .as("%s is probed", lb)
                        .isNotNull();
            }
            assertThat(silent.ends().poll(10, TimeUnit.SECONDS)).isEqualTo(End.RST);
        }
    }

    @Test
    void aProbeUnderWayEndsWithTheBalancerOnTheApplicationsLoops() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            aProbeUnderWayEndsWithTheBalancer(NettyEngine.on(group));
        } finally {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void connectionsFollowTheAnswers(NettyEngine engine) throws Exception {
        AtomicInteger status = new AtomicInteger(200);
        try (ScriptedServer fickle =
                        ScriptedServer.of(c -> c.answer("HTTP/1.1 " + status + " X\r\nA: fickle\r\n\r\n"));
                ScriptedServer steady = ScriptedServer.answering("HTTP/1.1 200 OK\r\nA: steady\r\n\r\n");
                LoadBalancer lb = start(
                        engine,
                        g -> g.server(fickle.id()).server(steady.id()).healthCheck(quick(HttpCheck.path("/"))))) {
            awaitState(lb, fickle.id(), ServerState.UP, "status 200");
            awaitState(lb, steady.id(), ServerState.UP, "status 200");
            assertThat(ask(lb) + ask(lb)).contains("fickle", "steady");

            status.set(500);
            awaitState(lb, fickle.id(), ServerState.DOWN, "status 500");
            await().untilAsserted(() -> assertThat(ask(lb) + ask(lb)).doesNotContain("fickle"));

            status.set(200);
            awaitState(lb, fickle.id(), ServerState.UP, "status 200");
            await().untilAsserted(() -> assertThat(ask(lb) + ask(lb)).contains("fickle", "steady"));
        }
    }

    /** Sends a request through the listener. */
    private static String ask(LoadBalancer lb) throws Exception {
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), lb.address("front").getPort())) {
            client.setSoTimeout(10_000);
            client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
