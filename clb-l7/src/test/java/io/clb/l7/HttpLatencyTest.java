package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How long requests took, on a clock that only servers move, and the end of a second. */
final class HttpLatencyTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static int seconds(LoadBalancer lb) {
        return Balancers.front(lb).history().seconds().size();
    }

    private static void pass(FakeClock clock, LoadBalancer lb) {
        int before = seconds(lb);
        clock.advance(SECOND);
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> seconds(lb) > before);
    }

    private static void isAbout(Duration told, Duration exact) {
        assertThat(told).isCloseTo(exact, exact.dividedBy(16));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theLastTenSecondsAndTheLastMinuteAreTold(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Duration fast = Duration.ofMillis(10);
        Duration slow = Duration.ofMillis(300);
        try (WebServer server = WebServer.of(request -> {
                    clock.advance(request.path().equals("/slow") ? slow : fast);
                    return WebServer.ok("hello");
                });
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            Snapshot before = lb.snapshot();
            for (int i = 0; i < 18; i++) {
                client.get("/fast");
            }
            client.get("/slow");
            client.get("/slow");
            pass(clock, lb);
            Snapshot.LatencyWindow ten = Balancers.front(lb).latency().lastTenSeconds();
            assertThat(ten.count()).isEqualTo(20);
            isAbout(ten.p50(), fast);
            isAbout(ten.p90(), fast);
            isAbout(ten.p99(), slow);
            isAbout(ten.percentile(91), slow);
            isAbout(ten.max(), slow);
            for (int i = 0; i < 10; i++) {
                pass(clock, lb);
            }
            assertThat(Balancers.front(lb).latency().lastTenSeconds().count()).isZero();
            assertThat(Balancers.front(lb).latency().lastTenSeconds().max()).isZero();
            isAbout(Balancers.front(lb).latency().lastMinute().p99(), slow);
            assertThat(before.listener("front").latency().lastMinute().count())
                    .as("a snapshot stays as it was")
                    .isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aWebSocketCountsWithItsHandshakeAndWhatNoServerWasSentNotAtAll(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Duration handshake = Duration.ofMillis(20);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    String head = connection.head();
                    clock.advance(handshake);
                    connection.send(Frames.response(head)).echo();
                });
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(server.id())
                                .listener("front", l -> l.maxWebSockets(1))
                                .build());
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST);
                HttpClient refused = HttpClient.to(lb, "front")) {
            assertThat(client.response().status()).isEqualTo(101);
            assertThat(refused.send(Frames.REQUEST).response().status()).isEqualTo(503);
            clock.advance(Duration.ofMillis(500));
            assertThat(client.finish().endsInOrder()).isTrue();
            await().until(() -> Balancers.front(lb).webSockets() == 0);
            pass(clock, lb);
            Snapshot.LatencyWindow ten = Balancers.front(lb).latency().lastTenSeconds();
            assertThat(ten.count()).isEqualTo(1);
            isAbout(ten.max(), handshake);
        }
    }
}
