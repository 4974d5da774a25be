package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.Snapshot.Metric;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is counted of rules, server groups and servers. */
final class HttpCountersTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Snapshot.Rule rule(LoadBalancer lb, String name) {
        return Balancers.front(lb).rule(name);
    }

    private static Snapshot.ServerGroup group(LoadBalancer lb) {
        return lb.snapshot().serverGroup("web");
    }

    private static List<Long> seconds(Snapshot.Part part, Metric metric) {
        return part.history().seconds().stream()
                .map(slice -> slice.count(metric))
                .toList();
    }

    private static void pass(FakeClock clock, LoadBalancer lb) {
        int before = Balancers.front(lb).history().seconds().size();
        clock.advance(SECOND);
        // The next task of control's comes after it has sampled all.
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> Balancers.front(lb).history().seconds().size() > before);
        lb.update(c -> {});
    }

    private static LoadBalancer start(FakeClock clock, String transport, WebServer server) {
        return clock.start(
                transport,
                Balancers.http(server.id())
                        .listener(
                                "front",
                                l -> l.rule("api", r -> r.path("/api").forwardTo("web"))
                                        .rule("old", r -> r.path("/old").forwardTo("web")))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void eachPartHasWhatItTook(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] missing = WebServer.bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        try (WebServer server = WebServer.of(request -> switch (request.path()) {
                    case "/api/missing" -> missing;
                    case "/api/closed" -> null;
                    default -> WebServer.ok("hello");
                });
                LoadBalancer lb = start(clock, transport, server);
                HttpClient client = HttpClient.to(lb, "front")) {
            client.get("/api/one");
            client.get("/api/missing");
            client.get("/");
            pass(clock, lb);
            client.get("/api/closed");
            pass(clock, lb);
            Snapshot.Rule api = rule(lb, "api");
            assertThat(api.count(Metric.REQUESTS)).isEqualTo(3);
            assertThat(api.active()).isZero();
            assertThat(api.ended()).isEqualTo(Map.of(Reason.COMPLETED, 2L, Reason.SERVER_CLOSED, 1L));
            assertThat(seconds(api, Metric.REQUESTS)).containsExactly(2L, 1L);
            assertThat(seconds(api, Metric.STATUS_2XX)).containsExactly(1L, 0L);
            assertThat(seconds(api, Metric.UPSTREAM_4XX)).containsExactly(1L, 0L);
            assertThat(seconds(api, Metric.STATUS_5XX)).containsExactly(0L, 1L);
            assertThat(api.latency().lastMinute().count()).isEqualTo(3);
            Snapshot.Rule old = rule(lb, "old");
            assertThat(old.count(Metric.REQUESTS)).isZero();
            assertThat(old.history().seconds()).isEmpty();

            Snapshot.ServerGroup group = group(lb);
            Snapshot.Server only = group.server(server.id());
            for (Snapshot.Part part : List.of(group, only)) {
                assertThat(seconds(part, Metric.REQUESTS)).containsExactly(3L, 1L);
                assertThat(seconds(part, Metric.UPSTREAM_2XX)).containsExactly(2L, 0L);
                assertThat(seconds(part, Metric.STATUS_5XX)).containsExactly(0L, 1L);
                assertThat(part.ended()).isEqualTo(Map.of(Reason.COMPLETED, 3L, Reason.SERVER_CLOSED, 1L));
                assertThat(part.latency().lastTenSeconds().count()).isEqualTo(4);
                assertThat(part.count(Metric.BYTES_FROM_SERVERS))
                        .isEqualTo(only.bytesFromServer())
                        .isPositive();
                assertThat(part.count(Metric.BYTES_FROM_CLIENTS)).isEqualTo(only.bytesToServer());
            }
            assertThat(api.count(Metric.BYTES_FROM_CLIENTS))
                    .isLessThan(Balancers.front(lb).bytesFromClients())
                    .isPositive();
            assertThat(only.resets()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsUnderWayIsActive(NettyEngine engine) throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (WebServer server = WebServer.of(request -> {
                    try {
                        return answer.await(10, TimeUnit.SECONDS) ? WebServer.ok("late") : null;
                    } catch (InterruptedException e) {
                        return null;
                    }
                });
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener(
                                "front", l -> l.rule("api", r -> r.path("/api").forwardTo("web")))
                        .start();
                HttpClient client = HttpClient.to(lb, "front").send("GET /api HTTP/1.1\r\nHost: a\r\n\r\n")) {
            Balancers.awaitOn(lb, server.id());
            assertThat(group(lb).active()).isEqualTo(1);
            assertThat(rule(lb, "api").active()).isEqualTo(1);
            answer.countDown();
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(group(lb).active()).isZero();
            assertThat(rule(lb, "api").active()).isZero();
        }
    }

    /** A server that refuses is told apart from the one that takes what it did not. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void connectFailuresAreCountedWhereTheyBelong(NettyEngine engine) throws Exception {
        String gone = "127.0.0.1:" + Ports.free();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, gone, server.id())
                        .serverGroup("web", g -> g.healthCheck(HealthCheck.none()))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 4; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            long failures = Balancers.server(lb, gone).count(Metric.CONNECT_FAILURES);
            assertThat(failures).isPositive();
            assertThat(group(lb).count(Metric.CONNECT_FAILURES)).isEqualTo(failures);
            assertThat(Balancers.front(lb).count(Metric.CONNECT_FAILURES)).isEqualTo(failures);
            assertThat(Balancers.server(lb, gone).count(Metric.REQUESTS)).isZero();
            assertThat(Balancers.server(lb, server.id()).count(Metric.REQUESTS)).isEqualTo(4);
            assertThat(Balancers.server(lb, server.id()).count(Metric.CONNECT_FAILURES))
                    .isZero();
        }
    }
}
