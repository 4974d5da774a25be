package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.http().listener("front", l -> l.access(flow -> false)).build())) {
            int answered = 0;
            for (int i = 0; i < 3 * AT_ONCE; i++) {
                HttpClient client = HttpClient.to(lb, "front");
                crowd.add(client);
                answered += isAnswered(client) ? 1 : 0;
            }
            // There are two loops.
            assertThat(answered).isEqualTo(2 * AT_ONCE);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.ACCESS_DENIED, 3L * AT_ONCE);
            clock.advance(Duration.ofMillis(2_010));
            try (HttpClient client = HttpClient.to(lb, "front")) {
                assertThat(isAnswered(client)).isTrue();
            }
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

    private static boolean isAnswered(HttpClient client) throws IOException {
        try {
            return client.response().status() == 403;
        } catch (SocketException e) {
            return false;
        }
    }
}
