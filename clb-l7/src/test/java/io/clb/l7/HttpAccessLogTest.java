package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.AccessLog;
import io.clb.Config;
import io.clb.FixedResponse;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.l4.HungServer;
import io.clb.l4.InOrder;
import io.clb.l4.LogLines;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the access log says of requests. */
final class HttpAccessLogTest {

    private static final Duration SOON = Duration.ofMillis(10);
    private static final int ROTATED_AT = 65_536;

    private final LogLines lines = new LogLines();

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private AccessLog log() {
        return AccessLog.to(lines).flushEvery(SOON);
    }

    private Config.Builder web(NettyEngine engine, String... servers) {
        return Balancers.http(engine, servers)
                .serverGroup("web", g -> g.scheduler(InOrder.of(servers)))
                .accessLog(log().json());
    }

    private Map<String, @Nullable Object> next() throws InterruptedException {
        return LogFields.of(lines.next());
    }

    /** What its proxy says of it, and the proxy says that last. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theClientIsTheOneBehindATrustedProxy(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = web(engine, server.id())
                        .listener("front", l -> l.trustedProxies("127.0.0.1"))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1, 192.0.2.2\r\n\r\n")
                    .response();
            assertThat(next())
                    .containsEntry("client_ip", "192.0.2.2")
                    .containsEntry("http_x_forwarded_for", "192.0.2.1, 192.0.2.2");
        }
    }

    /** From its handshake to its end. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aWebSocketIsOneLine(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection ->
                        connection.send(Frames.response(connection.head())).echo());
                LoadBalancer lb = web(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            String handshake = Frames.REQUEST;
            client.send(handshake);
            assertThat(client.response(true).status()).isEqualTo(101);
            client.send("12345");
            assertThat(client.socket().getInputStream().readNBytes(5)).hasSize(5);
            client.socket().shutdownOutput();
            assertThat(client.endsInOrder()).isTrue();
            assertThat(next())
                    .containsEntry("status", 101.0)
                    .containsEntry("upstream_status", List.of(101.0))
                    .containsEntry("body_bytes_sent", 5.0)
                    .containsEntry("request_length", handshake.length() + 5.0)
                    .containsEntry("reason", "completed");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void tellsAllOfARequest(NettyEngine engine) throws Exception {
        Instant before = Instant.now();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = web(engine, server.id())
                        .listener(
                                "front",
                                l -> l.rule("all \u00fc", r -> r.path("/a").forwardTo("web")))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            String head = String.join(
                    "\r\n",
                    "POST /a?b=\"c\" HTTP/1.1",
                    "Host: Example.org:80",
                    "Referer: http://r/",
                    "User-Agent: \u00e9 \\ \"x\"\t-",
                    "X-Forwarded-For: 1.2.3.4",
                    "X-Real-IP: -",
                    "Content-Length: 3",
                    "",
                    "");
            assertThat(client.send(head + "abc").response().text()).isEqualTo("hello");
            Map<String, @Nullable Object> line = next();
            assertThat(line)
                    .containsEntry("client_ip", "127.0.0.1")
                    .containsEntry("client_port", (double) client.socket().getLocalPort())
                    .containsEntry("scheme", "http")
                    .containsEntry("server_protocol", "HTTP/1.1")
                    .containsEntry("request_method", "POST")
                    .containsEntry("host", "Example.org")
                    .containsEntry("request_uri", "/a?b=\"c\"")
                    .containsEntry("http_host", "Example.org:80")
                    .containsEntry("http_referer", "http://r/")
                    .containsEntry("http_user_agent", "\u00e9 \\ \"x\"\t-")
                    .containsEntry("http_x_forwarded_for", "1.2.3.4")
                    .containsEntry("http_x_real_ip", "-")
                    .containsEntry("request_length", (double) head.length() + 3)
                    .containsEntry("body_bytes_sent", 5.0)
                    .containsEntry("status", 200.0)
                    .containsEntry("upstream_addr", List.of(server.id()))
                    .containsEntry("upstream_status", List.of(200.0))
                    .containsEntry("ssl_protocol", null)
                    .containsEntry("ssl_cipher", null)
                    .containsEntry("vip_addr", "127.0.0.1")
                    .containsEntry("slb_vport", (double) lb.address("front").getPort())
                    .containsEntry("slbid", "test")
                    .containsEntry("reason", "completed")
                    .containsEntry("rule", "all \u00fc")
                    .containsEntry("server_group", "web")
                    .containsEntry("listener", "front")
                    .containsEntry("upstream_result", List.of("completed"))
                    .doesNotContainKey("tcpinfo_rtt");
            assertThat(Instant.parse(String.valueOf(line.get("time")))).isBetween(before.minusMillis(1), Instant.now());
            for (String time : List.of("request_time", "read_request_time", "write_response_time")) {
                assertThat((Double) line.get(time)).as(time).isBetween(0.0, 10_000.0);
            }
            assertThat(line.get("upstream_response_time"))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void countsWhatIsSentBehindTheHeadWhateverItsFrame(NettyEngine engine) throws Exception {
        String chunks = "3\r\nabc\r\n0\r\n\r\n";
        try (WebServer server = WebServer.of(request -> switch (request.path()) {
                    case "/chunks" -> WebServer.bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
                    case "/none" -> WebServer.bytes("HTTP/1.1 204 No Content\r\n\r\n");
                    default -> WebServer.ok("x".repeat(5_000));
                });
                LoadBalancer lb = web(engine, server.id())
                        .listener(
                                "front",
                                l -> l.rule(
                                        "gone",
                                        r -> r.path("/gone")
                                                .respond(FixedResponse.of(410).body("it is gone"))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.get("/chunks");
            assertThat(next()).containsEntry("body_bytes_sent", (double) chunks.length());
            client.get("/none");
            assertThat(next()).containsEntry("body_bytes_sent", 0.0).containsEntry("status", 204.0);
            client.get("/large");
            assertThat(next()).containsEntry("body_bytes_sent", 5_000.0);
            client.get("/gone");
            assertThat(next())
                    .containsEntry("body_bytes_sent", 10.0)
                    .containsEntry("status", 410.0)
                    .containsEntry("rule", "gone")
                    .containsEntry("reason", "rule-answered")
                    .containsEntry("server_group", null)
                    .containsEntry("upstream_addr", List.of());
            try (HttpClient old = HttpClient.to(lb, "front").send("GET /none HTTP/1.0\r\n\r\n")) {
                old.line();
                assertThat(next())
                        .containsEntry("server_protocol", "HTTP/1.0")
                        .containsEntry("host", "127.0.0.1")
                        .containsEntry("http_host", null);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void hasOneEntryForEachTry(NettyEngine engine) throws Exception {
        String nobody = "127.0.0.1:" + Ports.free();
        try (WebServer server = WebServer.of(request -> request.path().equals("/bye") ? null : WebServer.ok("hello"));
                LoadBalancer lb = web(engine, nobody, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.get("/");
            assertThat(next())
                    .containsEntry("upstream_addr", List.of(nobody, server.id()))
                    .containsEntry("upstream_result", List.of("connect-refused", "completed"))
                    .containsEntry("upstream_status", java.util.Arrays.asList(null, 200.0));
            // Over the connection that is there, and once more over a new one: it was sent both times, and got no
            // status.
            assertThat(client.get("/bye").status()).isEqualTo(502);
            assertThat(next())
                    .containsEntry("status", 502.0)
                    .containsEntry("upstream_addr", List.of(nobody, server.id(), server.id()))
                    .containsEntry("upstream_result", List.of("connect-refused", "server-closed", "completed"))
                    .containsEntry("upstream_status", java.util.Arrays.asList(null, 0.0, 0.0))
                    .containsEntry("reason", "server-closed");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void tellsOfTimesAndOfAClientThatIsGone(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (HungServer hung = new HungServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(hung.id()).accessLog(log().json()).build());
                HttpClient client = HttpClient.to(lb, "front").send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            Balancers.awaitOn(lb, hung.id());
            clock.advance(Duration.ofMillis(1_250));
            client.reset();
            Balancers.awaitNothingActive(lb);
            clock.advance(SOON.multipliedBy(2));
            assertThat(next())
                    .containsEntry("status", 499.0)
                    .containsEntry("reason", "client-reset")
                    .containsEntry("request_time", 1.25)
                    .containsEntry("read_request_time", 0.0)
                    .containsEntry("write_response_time", null)
                    .containsEntry("upstream_addr", List.of(hung.id()))
                    .containsEntry("upstream_result", List.of("client-reset"))
                    .containsEntry("upstream_status", java.util.Collections.singletonList(null))
                    .containsEntry("upstream_connect_time", List.of(1.25))
                    .containsEntry("upstream_response_time", List.of(1.25));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void tellsOfRequestsThatAreRefused(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = web(engine, server.id()).start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send("GET / HTTP/1.1\r\nbad field\r\n\r\n")) {
                assertThat(client.response().status()).isEqualTo(400);
            }
            assertThat(next())
                    .containsEntry("status", 400.0)
                    .containsEntry("request_method", "GET")
                    .containsEntry("request_uri", "/")
                    .containsEntry("host", null)
                    .containsEntry("http_host", null)
                    .containsEntry("upstream_addr", List.of())
                    .containsEntry("upstream_status", List.of());
            try (HttpClient client = HttpClient.to(lb, "front").send("\u0000\u0001\r\n\r\n")) {
                assertThat(client.response().status()).isEqualTo(400);
            }
            assertThat(next())
                    .containsEntry("request_method", null)
                    .containsEntry("request_uri", null)
                    .containsEntry("server_protocol", null);
            try (HttpClient client =
                    HttpClient.to(lb, "front").send("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n\r\n")) {
                assertThat(client.response().status()).isEqualTo(414);
            }
            assertThat(next()).containsEntry("status", 414.0).containsEntry("request_uri", null);
            lb.update(c -> c.listener("front", l -> l.access(flow -> false)));
            try (HttpClient client = HttpClient.to(lb, "front")) {
                assertThat(client.response().status()).isEqualTo(403);
            }
            assertThat(next())
                    .containsEntry("status", 403.0)
                    .containsEntry("reason", "access-denied")
                    .containsEntry("client_ip", "127.0.0.1")
                    .containsEntry("request_uri", null)
                    .containsEntry("request_length", null);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void tellsOfAResponseThatIsCutOff(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(
                        connection -> connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
                LoadBalancer lb = web(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            client.line();
            assertThat(next())
                    .containsEntry("status", 200.0)
                    .containsEntry("reason", "response-truncated")
                    .containsEntry("body_bytes_sent", 3.0)
                    .containsEntry("upstream_status", List.of(200.0));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aPatternIsWrittenAsItStandsAndAnUpdateSwitchesIt(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = web(engine, server.id())
                        .accessLog(
                                log().pattern(
                                                "$client_ip \"$http_user_agent\" $http_referer|$request_uri $status $upstream_status $tcpinfo_rtt"))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET /a|b HTTP/1.1\r\nHost: a\r\nUser-Agent: a b\" 200\r\nReferer: x|y z\r\n\r\n")
                    .response();
            String rtt = engine.toString().contains("epoll") ? "[0-9]+" : "-|[0-9]+";
            assertThat(lines.next())
                    .matches("127\\.0\\.0\\.1 \"a b\\\\x22 200\" x\\\\x7cy\\\\x20z\\|/a\\|b 200 200 (" + rtt + ")");
            lb.update(c -> c.accessLog(log().pattern("${status} $ssl_protocol")));
            client.get("/");
            assertThat(lines.next()).isEqualTo("200 -");
            lb.update(c -> c.listener("front", l -> l.noAccessLog()));
            client.get("/");
            lb.update(c -> c.listener("front", l -> l.accessLog(log().pattern("own $status"))));
            client.get("/");
            assertThat(lines.next()).isEqualTo("own 200");
            await().until(() -> lb.snapshot().accessLog().lines() == 3);
            assertThat(lb.snapshot().accessLog().droppedLines()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aSlowSinkHoldsUpNobodyAndEachLineIsCounted(NettyEngine engine) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicLong written = new AtomicLong();
        int requests = 300;
        String agent = "a".repeat(8_000);
        AccessLog slow = AccessLog.to(batch -> {
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    while (batch.hasRemaining()) {
                        written.addAndGet(batch.get() == '\n' ? 1 : 0);
                    }
                })
                .flushEvery(SOON)
                .maxBuffered(1 << 20)
                .pattern("\"$http_user_agent\"");
        try (LoadBalancer lb = web(engine)
                        .accessLog(slow)
                        .listener(
                                "front",
                                l -> l.maxRequestsPerConnection(requests + 1)
                                        .rule("all", r -> r.path("/").respond(FixedResponse.of(200))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < requests; i++) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: " + agent + "\r\n\r\n")
                                .response()
                                .status())
                        .isEqualTo(200);
            }
            assertThat(lb.snapshot().accessLog().droppedLines()).isBetween(requests / 2L, requests - 50L);
            goOn.countDown();
            await().untilAsserted(() -> {
                Snapshot.AccessLog log = lb.snapshot().accessLog();
                assertThat(log.lines() + log.droppedLines()).isEqualTo(requests);
                assertThat(log.lines()).isEqualTo(written.get());
                assertThat(log.droppedBytes()).isEqualTo(log.droppedLines() * (agent.length() + 3));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void noLineIsLostOrTornWhenFilesAreRotatedOrMoved(String transport, @TempDir Path dir) throws Exception {
        Path file = dir.resolve("access.log");
        FakeClock clock = new FakeClock();
        int requests = 700;
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(server.id())
                                .listener("front", l -> l.maxRequestsPerConnection(requests + 1))
                                .accessLog(AccessLog.file(file)
                                        .rotateAt(ROTATED_AT)
                                        .flushEvery(SOON)
                                        .pattern("$request_uri \"$http_user_agent\""))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < requests; i++) {
                client.send("GET /" + i + " HTTP/1.1\r\nHost: a\r\nUser-Agent: " + "a".repeat(600) + "\r\n\r\n")
                        .response();
                if (i % 100 == 50) {
                    clock.advance(SOON.multipliedBy(2));
                }
                if (i % 200 == 150) {
                    int moved = i;
                    await().until(() -> lb.snapshot().accessLog().lines() == moved + 1);
                    Files.move(file, dir.resolve("moved." + i));
                    clock.advance(Duration.ofSeconds(2));
                }
            }
        }
        List<String> seen = new ArrayList<>();
        try (Stream<Path> files = Files.list(dir)) {
            List<Path> all = files.toList();
            assertThat(all).contains(file, dir.resolve("access.log.1"), dir.resolve("moved.150"));
            for (Path one : all) {
                seen.addAll(Files.readAllLines(one));
                assertThat(Files.size(one)).isLessThanOrEqualTo(ROTATED_AT);
            }
        }
        assertThat(seen).hasSize(requests).allMatch(line -> line.matches("/[0-9]+ \"a{600}\""));
        assertThat(seen.stream().map(line -> line.split(" ", 2)[0]).distinct()).hasSize(requests);
    }

    @Test
    void aFileThatCannotBeWrittenIsToldOfAndWrittenAgain(@TempDir Path dir) throws Exception {
        Path logs = Files.createDirectory(dir.resolve("logs"));
        Path file = logs.resolve("access.log");
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        "nio",
                        Balancers.http(server.id())
                                .accessLog(AccessLog.file(file).flushEvery(SOON).pattern("$request_uri"))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.get("/1");
            clock.advance(SOON.multipliedBy(2));
            await().untilAsserted(() -> assertThat(Files.readAllLines(file)).containsExactly("/1"));
            Files.delete(file);
            Files.delete(logs);
            client.get("/2");
            clock.advance(Duration.ofSeconds(2));
            await().until(() -> lb.snapshot().accessLog().droppedLines() == 1);
            assertThat(lb.snapshot().accessLog().failures()).isEqualTo(1);
            assertThat(lb.snapshot().accessLog().lastFailure()).startsWith(file + ": java.nio.file.NoSuchFile");
            Files.createDirectory(logs);
            client.get("/3");
            clock.advance(SOON.multipliedBy(2));
            await().until(() -> lb.snapshot().accessLog().lines() == 2);
            assertThat(Files.readAllLines(file)).containsExactly("/3");
        }
    }
}
