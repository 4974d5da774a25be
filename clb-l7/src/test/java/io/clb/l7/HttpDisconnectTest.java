package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that go away while a server is at work on what they asked. */
final class HttpDisconnectTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static void awaits(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void assertGone(Seen.Flow flow, ScriptedServer server) {
        assertThat(flow.status()).isEqualTo(499);
        assertThat(flow.reason().party()).isEqualTo(Reason.Party.CLIENT);
        assertThat(flow.server()).isEqualTo(server.id());
    }

    /** What it did counts, and its connection is as good as before. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theServerMayFinish(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        CountDownLatch gone = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    awaits(gone);
                    connection.send("HTTP/1.1 103 Early Hints\r\n\r\n").send(OK);
                    connection.answer(OK);
                    connection.awaitEnd();
                });
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                server.heads().take();
                client.reset();
            }
            try (HttpClient next = HttpClient.to(lb, "front")) {
                // The loop has heard of the reset by then.
                lb.update(c -> {});
                gone.countDown();
                assertGone(seen.next(), server);
                HttpClient.Response response = next.send(GET).response();
                assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(response.text()).isEqualTo("ok");
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
                assertThat(server.accepted()).isEqualTo(1);
            }
            assertThat(server.ends()).isEmpty();
        }
    }

    /** Nobody wants the rest. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aLongAnswerIsNotReadToItsEnd(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        CountDownLatch gone = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    awaits(gone);
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
                    connection.sendForEver("x".repeat(8_192));
                });
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                server.heads().take();
                client.reset();
            }
            gone.countDown();
            assertGone(seen.next(), server);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatDoesNotAnswerHasNoMoreTimeThanUsual(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.awaitEnd();
                });
                LoadBalancer lb = clock.start(
                        transport, Balancers.http(server.id()).observer(seen).build())) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                server.heads().take();
                client.reset();
            }
            clock.advance(Duration.ofSeconds(59));
            assertThat(seen.flows()).isEmpty();
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            clock.advance(Duration.ofSeconds(2));
            assertGone(seen.next(), server);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
        }
    }

    /** It has nobody to wait for. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    @SuppressWarnings("try") // closing is what this is about
    void aShutdownDoesNotWaitLongerThanItMay(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.awaitEnd();
                });
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                server.heads().take();
                client.reset();
            }
            lb.close();
            assertGone(seen.next(), server);
            assertThat(server.ends().take()).isNotNull();
        }
    }
}
