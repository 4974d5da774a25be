package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.GroupView;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections to servers between two requests: which are used again, which are not, and when they are closed. */
final class HttpReuseTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Duration ALMOST = Duration.ofMillis(49_990);
    private static final Duration TO_THE_TIMEOUT = Duration.ofMillis(20);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Answers the first request of each connection, and closes at the second. */
    private static ScriptedServer closingAtTheSecond() {
        return ScriptedServer.of(connection -> {
            connection.answer(OK);
            connection.head();
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRequestThatMayBeRepeatedIsRepeatedOnce(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = closingAtTheSecond();
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 5; i++) {
                assertThat(client.get("/" + i).text()).isEqualTo("ok");
                assertThat(server.accepted()).isEqualTo(i);
                Seen.Flow flow = seen.next();
                assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
                assertThat(flow.request()).isEqualTo("GET /" + i);
                assertThat(flow.tries()).isEqualTo(server.id() + " completed");
            }
            assertThat(server.heads()).hasSize(9);
            client.leave();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRequestThatMayNotBeRepeatedFails(NettyEngine engine) throws Exception {
        for (String second : new String[] {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"
        }) {
            Seen seen = new Seen();
            try (ScriptedServer server = closingAtTheSecond();
                    LoadBalancer lb =
                            Balancers.http(engine, server.id()).observer(seen).start();
                    HttpClient client = HttpClient.to(lb, "front")) {
                assertThat(client.get("/").text()).isEqualTo("ok");
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
                assertThat(client.send(second).response().status()).isEqualTo(502);
                // What of it the server did not read makes its system reset in place of closing.
                assertThat(seen.next().reason()).isIn(Reason.SERVER_CLOSED, Reason.SERVER_RESET);
                assertThat(server.accepted()).isEqualTo(1);
                assertThat(client.get("/").text()).isEqualTo("ok");
            }
        }
    }

    /** A scheduler of one server, which meanwhile does what the test says, on the loop. */
    private record Meanwhile(Runnable doing) implements SchedulerFactory {

        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return (flow, nowNanos) -> {
                doing.run();
                return eligible.server(0);
            };
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRequestThatMayNotBeRepeatedGoesOverNoConnectionThatWasClosedBefore(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (WebServer server = WebServer.of(request -> WebServer.ok(request.text()));
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .serverGroup("web", g -> g.scheduler(new Meanwhile(server::hangUp)))
                        .observer(seen)
                        .start()) {
            for (int i = 1; i <= 5; i++) {
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy");
                    assertThat(client.response().text()).isEqualTo("xy");
                    assertThat(seen.next().tries()).isEqualTo(server.id() + " completed");
                    assertThat(server.accepted()).isEqualTo(i);
                }
            }
            assertThat(server.requests()).hasSize(5);
            assertThat(Balancers.server(lb, server.id()).resets()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void bytesAfterTheEndOfAResponseAreNobodys(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection ->
                        connection.answer(OK + "HTTP/1.1 200 OK\r\n").awaitEnd());
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 5; i++) {
                assertThat(client.get("/").text()).isEqualTo("ok");
                assertThat(server.ends().take()).isNotNull();
                assertThat(server.accepted()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void bytesThatNobodyAskedForEndAnIdleConnection(NettyEngine engine) throws Exception {
        Semaphore unasked = new Semaphore(0);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer(OK);
                    unasked.acquireUninterruptibly();
                    connection
                            .send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                            .awaitEnd();
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("ok");
                unasked.release();
                assertThat(server.ends().take()).isNotNull();
                assertThat(server.accepted()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void anIdleConnectionIsClosedAfterItsTimeAndNotBefore(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build())) {
            try (HttpClient client = HttpClient.to(lb, "front")) {
                for (int i = 0; i < 3; i++) {
                    assertThat(client.get("/").text()).isEqualTo("hello");
                    clock.advance(Duration.ofSeconds(10));
                }
                assertThat(client.get("/").text()).isEqualTo("hello");
            }
            Balancers.awaitNothingActive(lb);
            clock.advance(ALMOST);
            assertThat(server.open()).isEqualTo(1);
            clock.advance(TO_THE_TIMEOUT);
            await().until(() -> server.open() == 0);
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noMoreAreKeptThanTheListenerAllows(NettyEngine engine) throws Exception {
        int atOnce = 8;
        CountDownLatch all = new CountDownLatch(atOnce);
        try (WebServer server = WebServer.of(request -> {
                    all.countDown();
                    awaitQuietly(all);
                    return WebServer.ok("hello");
                });
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.maxIdleUpstreams(3))
                        .start()) {
            List<HttpClient> clients = new ArrayList<>();
            for (int i = 0; i < atOnce; i++) {
                clients.add(HttpClient.to(lb, "front").send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
            }
            for (HttpClient client : clients) {
                assertThat(client.response().text()).isEqualTo("hello");
            }
            assertThat(server.accepted()).isEqualTo(atOnce);
            await().until(() -> server.open() == 3);
            for (HttpClient client : clients) {
                assertThat(client.get("/").text()).isEqualTo("hello");
                client.leave();
            }
            assertThat(server.accepted()).isEqualTo(atOnce);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatWasRemovedServesNoMoreThoughItsConnectionIsOpen(NettyEngine engine) throws Exception {
        try (WebServer one = WebServer.saying("1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = Balancers.http(engine, one.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("1");
            for (int i = 0; i < 3; i++) {
                lb.update(
                        c -> c.serverGroup("web", g -> g.removeServer(one.id()).server(two.id())));
                assertThat(client.get("/").text()).isEqualTo("2");
                lb.update(
                        c -> c.serverGroup("web", g -> g.removeServer(two.id()).server(one.id())));
                assertThat(client.get("/").text()).isEqualTo("1");
            }
        }
    }
}
