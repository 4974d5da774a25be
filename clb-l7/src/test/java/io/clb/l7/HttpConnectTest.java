package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HttpCheck;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.HungServer;
import io.clb.l4.InOrder;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that no server takes, or not the first one. */
final class HttpConnectTest {

    private static final Duration BEFORE_THE_TIMEOUT = Duration.ofMillis(4_990);
    private static final Duration TO_THE_TIMEOUT = Duration.ofMillis(20);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** An address where nothing listens: a port that was free a moment ago. */
    private static String nobody() {
        return "127.0.0.1:" + Ports.free();
    }

    /** Servers that are tried in this order. */
    private static Config.Builder inOrder(String... servers) {
        return Balancers.http(servers).serverGroup("web", g -> g.scheduler(InOrder.of(servers)));
    }

    /** Has one request fail, twice over one connection, as no server was asked for anything but to connect. */
    private static void assertFails(LoadBalancer lb, Seen seen, Reason reason, String tries) throws Exception {
        try (HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 2; i++) {
                HttpClient.Response response = client.get("/a?b=" + i);
                assertThat(response.status()).isEqualTo(reason.status());
                assertThat(response.field("connection")).isNull();
                Seen.Flow flow = seen.next();
                assertThat(flow.request()).isEqualTo("GET /a?b=" + i);
                assertThat(flow.reason()).isEqualTo(reason);
                assertThat(flow.status()).isEqualTo(reason.status());
                assertThat(flow.server()).isNull();
                assertThat(flow.tries()).isEqualTo(tries);
            }
        }
        Balancers.awaitNothingActive(lb);
        assertThat(Balancers.front(lb).ended()).containsKey(reason);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void nobodyListens(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String nobody = nobody();
        try (LoadBalancer lb = Balancers.http(engine, nobody).observer(seen).start()) {
            assertFails(lb, seen, Reason.CONNECT_REFUSED, nobody + " connect-refused");
            assertThat(Balancers.server(lb, nobody).connectFailures()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aNameThatHasNoAddress(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (LoadBalancer lb =
                Balancers.http(engine, "nowhere.invalid:80").observer(seen).start()) {
            assertFails(lb, seen, Reason.NAME_UNRESOLVED, "nowhere.invalid:80 name-unresolved");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theNextServerTakesWhatTheFirstRefused(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String nobody = nobody();
        try (WebServer server = WebServer.of(request -> WebServer.ok(request.text()));
                LoadBalancer lb = inOrder(nobody, server.id())
                        .engine(engine)
                        .observer(seen)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 3; i++) {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
                assertThat(client.response().text()).isEqualTo("hello");
                Seen.Flow flow = seen.next();
                assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
                assertThat(flow.status()).isEqualTo(200);
                assertThat(flow.server()).isEqualTo(server.id());
                assertThat(flow.tries()).isEqualTo(nobody + " connect-refused, " + server.id() + " completed");
            }
            assertThat(server.accepted()).isEqualTo(1);
            assertThat(Balancers.server(lb, nobody).active()).isZero();
            assertThat(Balancers.server(lb, nobody).connectFailures()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noMoreServersAreTriedThanTheListenerAllows(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String one = nobody();
        String two = nobody();
        try (WebServer never = WebServer.saying("no");
                LoadBalancer lb = inOrder(one, two, never.id())
                        .engine(engine)
                        .listener("front", l -> l.connectTries(2))
                        .observer(seen)
                        .start()) {
            assertFails(lb, seen, Reason.CONNECT_REFUSED, one + " connect-refused, " + two + " connect-refused");
            assertThat(never.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void allServersAreDown(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String nobody = nobody();
        try (LoadBalancer lb = Balancers.http(engine, nobody)
                .serverGroup("web", g -> g.healthCheck(Balancers.quick(HttpCheck.path("/"))))
                .observer(seen)
                .start()) {
            Balancers.awaitState(lb, nobody, ServerState.DOWN, "");
            awaitReason(lb, seen, Reason.ALL_SERVERS_DOWN);
            assertFails(lb, seen, Reason.ALL_SERVERS_DOWN, "");
        }
    }

    /** Verdicts come into force a moment after they are known. */
    private static void awaitReason(LoadBalancer lb, Seen seen, Reason reason) throws IOException {
        try (HttpClient client = HttpClient.to(lb, "front")) {
            await().until(() -> {
                client.get("/");
                return seen.next().reason() == reason;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noServerMayTakeAnything(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(200);
            seen.next();
            lb.update(c -> c.serverGroup("web", g -> g.server(server.id(), s -> s.weight(0))));
            assertThat(client.get("/").status()).isEqualTo(503);
            assertThat(seen.next().reason()).isEqualTo(Reason.NO_SERVER_AVAILABLE);
            lb.update(c -> c.serverGroup(
                    "web", g -> g.server(server.id(), s -> s.weight(1)).drain(server.id())));
            assertThat(client.get("/").status()).isEqualTo(503);
            assertThat(seen.next().reason()).isEqualTo(Reason.NO_SERVER_AVAILABLE);
            lb.update(c -> c.serverGroup("web", g -> g.undrain(server.id())));
            assertThat(client.get("/").text()).isEqualTo("hello");
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theNextServerIsAskedAfterTheConnectTimeoutAndNotBefore(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (HungServer hung = new HungServer();
                WebServer server = WebServer.of(request -> WebServer.ok(request.text()));
                LoadBalancer lb = clock.start(
                        transport,
                        inOrder(hung.id(), server.id()).observer(seen).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            // The first time the server that takes it has to be connected to, the second time a connection waits.
            for (int i = 0; i < 2; i++) {
                client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
                Balancers.awaitOn(lb, hung.id());
                clock.advance(BEFORE_THE_TIMEOUT);
                assertThat(Balancers.server(lb, hung.id()).active()).isEqualTo(1);
                clock.advance(TO_THE_TIMEOUT);
                assertThat(client.response().text()).isEqualTo("hello");
                Seen.Flow flow = seen.next();
                assertThat(flow.tries()).isEqualTo(hung.id() + " connect-timeout, " + server.id() + " completed");
                assertThat(flow.tryNanos())
                        .containsExactly(BEFORE_THE_TIMEOUT.plus(TO_THE_TIMEOUT).toNanos(), 0L);
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theLastConnectThatHangsIsAnswered(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (HungServer one = new HungServer();
                HungServer two = new HungServer();
                LoadBalancer lb = clock.start(
                        transport, inOrder(one.id(), two.id()).observer(seen).build());
                HttpClient client = HttpClient.to(lb, "front").send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            Balancers.awaitOn(lb, one.id());
            clock.advance(BEFORE_THE_TIMEOUT.plus(TO_THE_TIMEOUT));
            Balancers.awaitOn(lb, two.id());
            clock.advance(BEFORE_THE_TIMEOUT);
            assertThat(Balancers.server(lb, two.id()).active()).isEqualTo(1);
            clock.advance(TO_THE_TIMEOUT);
            assertThat(client.response().status()).isEqualTo(504);
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.CONNECT_TIMEOUT);
            assertThat(flow.status()).isEqualTo(504);
            assertThat(flow.tries()).isEqualTo(one.id() + " connect-timeout, " + two.id() + " connect-timeout");
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.CONNECT_TIMEOUT, 1L));
        }
    }
}
