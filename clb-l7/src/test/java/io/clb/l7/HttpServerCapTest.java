package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ServerConfig;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that may have so many requests at a time, and requests that wait for room on them. */
final class HttpServerCapTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Each lets one answer out. */
    private final Semaphore answers = new Semaphore(0);

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A server that answers each request when it may. */
    private ScriptedServer server() {
        return ScriptedServer.of(connection -> {
            while (true) {
                connection.head();
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                answers.acquireUninterruptibly();
                inside.decrementAndGet();
                connection.send(OK);
            }
        });
    }

    private static Config.Builder capped(ScriptedServer server, Consumer<ServerConfig.Builder> cap) {
        return Balancers.http(server.id()).serverGroup("web", g -> g.server(server.id(), cap));
    }

    private static void awaitWaiting(LoadBalancer lb, int requests) {
        await().until(() -> lb.snapshot().serverGroup("web").waiting() == requests);
    }

    private void awaitInside(int requests) {
        await().until(() -> inside.get() == requests);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneTooManyWaitsAndIsSentOverAConnectionThatIsThere(NettyEngine engine) throws Exception {
        try (ScriptedServer server = server();
                LoadBalancer lb =
                        capped(server, s -> s.maxConnections(1)).engine(engine).start();
                HttpClient first = HttpClient.to(lb, "front");
                HttpClient second = HttpClient.to(lb, "front")) {
            first.send(GET);
            awaitInside(1);
            second.send(GET);
            awaitWaiting(lb, 1);
            answers.release();
            assertThat(first.response().text()).isEqualTo("ok");
            awaitWaiting(lb, 0);
            answers.release();
            assertThat(second.response().text()).isEqualTo("ok");
            assertThat(most.get()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerNeverHasMoreAndAllAreServed(NettyEngine engine) throws Exception {
        int cap = 3;
        answers.release(1_000);
        List<HttpClient> clients = new ArrayList<>();
        try (ScriptedServer server = server();
                LoadBalancer lb = capped(server, s -> s.maxConnections(cap))
                        .engine(engine)
                        .start()) {
            for (int i = 0; i < 40; i++) {
                clients.add(HttpClient.to(lb, "front"));
            }
            for (int round = 0; round < 10; round++) {
                for (HttpClient client : clients) {
                    client.send(GET);
                }
                for (HttpClient client : clients) {
                    assertThat(client.response().text()).isEqualTo("ok");
                }
            }
            assertThat(most.get()).isBetween(1, cap);
            await().until(() -> Balancers.server(lb, server.id()).active() == 0);
        } finally {
            for (HttpClient client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRequestThatWaitsWithItsBodyIsSentWhole(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.of(request -> {
                    answers.acquireUninterruptibly();
                    return WebServer.ok(request.body().length + " bytes");
                });
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .serverGroup("web", g -> g.server(server.id(), s -> s.maxConnections(1)))
                        .start();
                HttpClient first = HttpClient.to(lb, "front");
                HttpClient second = HttpClient.to(lb, "front")) {
            first.send(GET);
            await().until(() -> server.requests().size() == 1);
            second.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000));
            awaitWaiting(lb, 1);
            answers.release(2);
            assertThat(first.response().text()).isEqualTo("0 bytes");
            assertThat(second.response().text()).isEqualTo("200000 bytes");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneMoreThanMayWaitIsAnsweredWith503(NettyEngine engine) throws Exception {
        try (ScriptedServer server = server();
                LoadBalancer lb = capped(server, s -> s.maxConnections(1).queue(1))
                        .engine(engine)
                        .start();
                HttpClient first = HttpClient.to(lb, "front");
                HttpClient second = HttpClient.to(lb, "front");
                HttpClient third = HttpClient.to(lb, "front")) {
            first.send(GET);
            awaitInside(1);
            second.send(GET);
            awaitWaiting(lb, 1);
            assertThat(third.get("/").status()).isEqualTo(503);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.SERVER_QUEUE_FULL, 1L);
            second.reset();
            awaitWaiting(lb, 0);
            third.send(GET);
            awaitWaiting(lb, 1);
            answers.release(2);
            assertThat(first.response().text()).isEqualTo("ok");
            assertThat(third.response().text()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void whoWaitedTooLongIsAnsweredWith503AndMayAskAgain(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (ScriptedServer server = server();
                LoadBalancer lb = clock.start(
                        transport,
                        capped(server, s -> s.maxConnections(1).queueTimeout(Duration.ofSeconds(3)))
                                .build());
                HttpClient first = HttpClient.to(lb, "front");
                HttpClient second = HttpClient.to(lb, "front")) {
            first.send(GET);
            awaitInside(1);
            second.send(GET);
            awaitWaiting(lb, 1);
            clock.advance(Duration.ofMillis(2_990));
            assertThat(lb.snapshot().serverGroup("web").waiting()).isEqualTo(1);
            clock.advance(Duration.ofMillis(30));
            assertThat(second.response().status()).isEqualTo(503);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.SERVER_QUEUE_TIMEOUT, 1L);
            answers.release(2);
            assertThat(first.response().text()).isEqualTo("ok");
            assertThat(second.get("/").text()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void closingTheBalancerEndsThoseThatWait(NettyEngine engine) throws IOException {
        try (ScriptedServer server = server()) {
            LoadBalancer lb =
                    capped(server, s -> s.maxConnections(1)).engine(engine).start();
            try (lb;
                    HttpClient first = HttpClient.to(lb, "front");
                    HttpClient second = HttpClient.to(lb, "front")) {
                first.send(GET);
                awaitInside(1);
                second.send(GET);
                awaitWaiting(lb, 1);
            }
            answers.release(2);
            assertThat(Balancers.threads("test")).isEmpty();
        }
    }
}
