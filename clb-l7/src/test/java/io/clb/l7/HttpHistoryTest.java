package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.Snapshot.Metric;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a snapshot tells of the last seconds and minutes, on a clock that stands still until it is moved. */
final class HttpHistoryTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static List<Snapshot.Slice> seconds(LoadBalancer lb) {
        return lb.snapshot().listener("front").history().seconds();
    }

    private static List<Long> counts(LoadBalancer lb, Metric metric) {
        return seconds(lb).stream().map(slice -> slice.count(metric)).toList();
    }

    private static void pass(FakeClock clock, LoadBalancer lb) {
        int before = seconds(lb).size();
        clock.advance(SECOND);
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> seconds(lb).size() > before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void eachSecondIsToldByItself(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        byte[] moved = WebServer.bytes("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
        byte[] broken = WebServer.bytes("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
        try (WebServer server = WebServer.of(request -> switch (request.path()) {
                    case "/moved" -> moved;
                    case "/broken" -> broken;
                    case "/closed" -> null;
                    default -> WebServer.ok("hello");
                });
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(200);
            assertThat(client.get("/moved").status()).isEqualTo(302);
            pass(clock, lb);
            pass(clock, lb);
            for (String path : List.of("/", "/broken", "/broken", "/closed")) {
                client.get(path);
            }
            pass(clock, lb);
            assertThat(counts(lb, Metric.CONNECTIONS)).containsExactly(1L, 0L, 0L);
            assertThat(counts(lb, Metric.REQUESTS)).containsExactly(2L, 0L, 4L);
            assertThat(counts(lb, Metric.STATUS_2XX)).containsExactly(1L, 0L, 1L);
            assertThat(counts(lb, Metric.STATUS_3XX)).containsExactly(1L, 0L, 0L);
            assertThat(counts(lb, Metric.STATUS_4XX)).containsExactly(0L, 0L, 0L);
            assertThat(counts(lb, Metric.STATUS_5XX)).containsExactly(0L, 0L, 3L);
            assertThat(counts(lb, Metric.UPSTREAM_5XX)).containsExactly(0L, 0L, 2L);
            assertThat(counts(lb, Metric.UPSTREAM_2XX)).containsExactly(1L, 0L, 1L);
            assertThat(counts(lb, Metric.UPSTREAM_3XX)).containsExactly(1L, 0L, 0L);
            Snapshot.Listener front = lb.snapshot().listener("front");
            assertThat(front.count(Metric.STATUS_5XX)).isEqualTo(3);
            assertThat(front.count(Metric.UPSTREAM_4XX)).isZero();
            Snapshot.Slice last = seconds(lb).get(2);
            assertThat(last.length()).isEqualTo(SECOND);
            assertThat(last.ended()).isEqualTo(Map.of(Reason.COMPLETED, 3L, Reason.SERVER_CLOSED, 1L));
            assertThat(last.start()).isAfter(seconds(lb).get(1).start());
            assertThat(counts(lb, Metric.BYTES_FROM_CLIENTS).get(0))
                    .isEqualTo(front.bytesFromClients() - last.count(Metric.BYTES_FROM_CLIENTS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aMinuteKeepsItsHighestSecond(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build())) {
            try (HttpClient client = HttpClient.to(lb, "front")) {
                client.get("/");
                pass(clock, lb);
                for (int i = 0; i < 5; i++) {
                    client.get("/");
                }
                pass(clock, lb);
            }
            for (int i = 0; i < 58; i++) {
                pass(clock, lb);
            }
            await().until(() ->
                    !lb.snapshot().listener("front").history().minutes().isEmpty());
            Snapshot.Slice minute =
                    lb.snapshot().listener("front").history().minutes().get(0);
            assertThat(minute.length()).isEqualTo(Duration.ofMinutes(1));
            assertThat(minute.count(Metric.REQUESTS)).isEqualTo(6);
            assertThat(minute.highestSecond(Metric.REQUESTS)).isEqualTo(5);
        }
    }
}
