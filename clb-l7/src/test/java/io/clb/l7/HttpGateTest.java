package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.AccessControl;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.FlowRecord;
import io.clb.spi.Reason;
import io.clb.spi.TrafficObserver;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that are turned away before their first request. */
final class HttpGateTest {

    private static final int AT_ONCE = 1_024;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Shows that a client is answered and sent away, whether it says something or not. */
    private static void assertTurnedAway(LoadBalancer lb, Seen seen, Reason reason) throws Exception {
        for (String said : new String[] {"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HT"}) {
            try (HttpClient client = HttpClient.to(lb, "front").send(said)) {
                HttpClient.Response response = client.response();
                assertThat(response.status()).isEqualTo(reason.status());
                assertThat(response.field("connection")).isEqualTo("close");
                assertThat(client.endsInOrder()).isTrue();
            }
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(reason);
            assertThat(flow.status()).isEqualTo(reason.status());
            assertThat(flow.server()).isNull();
        }
        assertThat(Balancers.front(lb).ended()).containsEntry(reason, 3L);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneMoreThanTheListenerTakes(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.maxConnections(1))
                        .observer(seen)
                        .start()) {
            try (HttpClient only = HttpClient.to(lb, "front")) {
                assertThat(only.get("/").text()).isEqualTo("hello");
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
                assertTurnedAway(lb, seen, Reason.MAX_CONNECTIONS);
                assertThat(only.get("/").text()).isEqualTo("hello");
            }
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).accepted()).isEqualTo(4);
            try (HttpClient next = HttpClient.to(lb, "front")) {
                assertThat(next.get("/").text()).isEqualTo("hello");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatThePolicyRefuses(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.access(flow -> false))
                        .observer(seen)
                        .start()) {
            assertTurnedAway(lb, seen, Reason.ACCESS_DENIED);
            assertThat(server.accepted()).isZero();
            assertThat(Balancers.front(lb).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatIsOnNoList(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.access(AccessControl.allow("127.0.0.2")))
                        .observer(seen)
                        .start()) {
            assertTurnedAway(lb, seen, Reason.ACCESS_DENIED);
            assertThat(server.accepted()).isZero();
            try (HttpClient welcome = HttpClient.from("127.0.0.2", lb, "front")) {
                assertThat(welcome.get("/").text()).isEqualTo("hello");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aPolicyThatThrows(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener(
                                "front",
                                l -> l.access(flow -> {
                                    throw new StackOverflowError("on purpose");
                                }))
                        .observer(seen)
                        .start()) {
            assertTurnedAway(lb, seen, Reason.EXTENSION_FAILED);
            assertThat(Balancers.front(lb).active()).isZero();
            lb.update(c -> c.listener("front", l -> l.access(null)));
            try (HttpClient client = HttpClient.to(lb, "front")) {
                assertThat(client.get("/").text()).isEqualTo("hello");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aClientThatStaysIsLeftAfterAMoment(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http()
                                .listener("front", l -> l.access(flow -> false))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.response().status()).isEqualTo(403);
            assertThat(client.endsInOrder()).isTrue();
            client.send("still here");
            clock.advance(Duration.ofMillis(2_010));
            // Nobody reads that any more, so the system answers it with RST.
            await().until(() -> !isHeard(client));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aCrowdIsTurnedAwayInOrderUpToANumber(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        List<HttpClient> crowd = new ArrayList<>();
        AtomicInteger recorded = new AtomicInteger();
        TrafficObserver observer = new TrafficObserver() {
            @Override
            public void flowEnded(FlowRecord record) {
                recorded.addAndGet(record.status() == 403 ? 1 : 0);
            }
        };
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.http()
                        .observer(observer)
                        .listener("front", l -> l.access(flow -> false))
                        .build())) {
            int answered = 0;
            for (int i = 0; i < 3 * AT_ONCE; i++) {
                answered += isAnswered(lb, crowd) ? 1 : 0;
            }
            // There are two loops.
            assertThat(answered).isEqualTo(2 * AT_ONCE);
            assertThat(recorded).hasValue(answered);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.ACCESS_DENIED, 3L * AT_ONCE);
            clock.advance(Duration.ofMillis(2_010));
            assertThat(isAnswered(lb, crowd)).isTrue();
        } finally {
            for (HttpClient client : crowd) {
                client.close();
            }
        }
    }

    private static boolean isHeard(HttpClient client) {
        try {
            client.send("still here");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** One more of the crowd: the others are reset, which may be before they know that they are connected. */
    private static boolean isAnswered(LoadBalancer lb, List<HttpClient> crowd) throws IOException {
        try {
            HttpClient client = HttpClient.to(lb, "front");
            crowd.add(client);
            return client.response().status() == 403;
        } catch (SocketException e) {
            return false;
        }
    }
}
