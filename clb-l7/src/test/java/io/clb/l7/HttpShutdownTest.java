package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a balancer in good order. */
final class HttpShutdownTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static CompletableFuture<Void> begin(LoadBalancer lb) {
        int port = lb.address("front").getPort();
        CompletableFuture<Void> down = lb.shutdown(MINUTE).toCompletableFuture();
        await().until(() -> Ports.isFree(port));
        // It refuses updates when it has begun, with the time that it has.
        assertThatThrownBy(() -> lb.update(c -> {})).isInstanceOf(IllegalStateException.class);
        return down;
    }

    private static void assertNothingLeft(LoadBalancer lb, CompletableFuture<Void> down) {
        assertThat(down).succeedsWithin(TEN_SECONDS);
        assertThat(Balancers.front(lb).active()).isZero();
        await().untilAsserted(() -> assertThat(Balancers.threads("test")).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void idleConnectionsAreClosedAtOnceAndRequestsUnderWayAreAnswered(NettyEngine engine) throws Exception {
        Semaphore allowed = new Semaphore(1);
        try (WebServer server = WebServer.of(request -> {
                    allowed.acquireUninterruptibly();
                    return WebServer.ok("hello");
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient fresh = HttpClient.to(lb, "front");
                HttpClient idle = HttpClient.to(lb, "front");
                HttpClient busy = HttpClient.to(lb, "front");
                HttpClient half = HttpClient.to(lb, "front")) {
            assertThat(idle.get("/").text()).isEqualTo("hello");
            server.requests().take();
            busy.send(GET);
            server.requests().take();
            long requests = Balancers.front(lb).requests();
            half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx");
            await().until(() -> Balancers.front(lb).requests() > requests);
            CompletableFuture<Void> down = begin(lb);
            assertThat(fresh.endsInOrder()).isTrue();
            assertThat(idle.endsInOrder()).isTrue();
            idle.leave();
            allowed.release(2);
            HttpClient.Response response = busy.response();
            assertThat(response.text()).isEqualTo("hello");
            assertThat(response.field("connection")).isEqualTo("close");
            assertThat(busy.endsInOrder()).isTrue();
            busy.leave();
            assertThat(down).isNotDone();
            assertThat(half.send("y").response().field("connection")).isEqualTo("close");
            half.leave();
            assertNothingLeft(lb, down);
            await().until(() -> server.open() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aResponseThatHadBegunIsFinished(NettyEngine engine) throws Exception {
        CompletableFuture<Void> rest = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
                    rest.join();
                    connection.send("lo").awaitEnd();
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(client.line()).isEqualTo("Content-Length: 5");
            assertThat(client.line()).as("nothing was to be told").isEmpty();
            CompletableFuture<Void> down = begin(lb);
            rest.complete(null);
            assertThat(new String(client.exactly(5), StandardCharsets.US_ASCII)).isEqualTo("hello");
            assertThat(client.endsInOrder()).isTrue();
            client.leave();
            assertNothingLeft(lb, down);
            assertThat(server.ends().take()).isNotNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void whatIsUnderWayAtTheDeadlineIsToldOrReset(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    if (connection.head().startsWith("GET /begun")) {
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
                    }
                    connection.awaitEnd();
                });
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(server.id())
                                .listener("front", l -> l.requestTimeout(Duration.ofSeconds(90)))
                                .observer(seen)
                                .build());
                HttpClient waiting = HttpClient.to(lb, "front").send(GET);
                HttpClient begun = HttpClient.to(lb, "front").send("GET /begun HTTP/1.1\r\nHost: a\r\n\r\n")) {
            server.heads().take();
            assertThat(begun.line()).isEqualTo("HTTP/1.1 200 OK");
            server.heads().take();
            CompletableFuture<Void> down = begin(lb);
            clock.advance(MINUTE.minusMillis(1));
            assertThat(seen.flows()).isEmpty();
            clock.advance(Duration.ofMillis(1));
            HttpClient.Response response = waiting.response();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.field("connection")).isEqualTo("close");
            assertThat(waiting.endsInOrder()).isTrue();
            assertThatThrownBy(begun::rest).isInstanceOf(SocketException.class);
            assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
            assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
            assertNothingLeft(lb, down);
            assertThat(server.ends().take()).isNotNull();
            assertThat(server.ends().take()).isNotNull();
        }
    }
}
