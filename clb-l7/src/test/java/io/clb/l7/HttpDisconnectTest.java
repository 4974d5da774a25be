package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that go away while a server is at work on what they asked. */
final class HttpDisconnectTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final FakeClock clock = new FakeClock();
    private final Seen seen = new Seen();

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

    private LoadBalancer start(String transport, ScriptedServer server) {
        return clock.start(transport, Balancers.http(server.id()).observer(seen).build());
    }

    /** A client is gone as soon as a server has its request, and the balancer has come to know. */
    private void askAndGo(LoadBalancer lb, ScriptedServer server) throws Exception {
        try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            server.heads().take();
            client.reset();
        }
        clock.advance(Duration.ZERO);
        assertThat(seen.flows()).isEmpty();
        assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
    }

    private void assertGone(ScriptedServer server) throws Exception {
        Seen.Flow flow = seen.next();
        assertThat(flow.status()).isEqualTo(499);
        assertThat(flow.reason().party()).isEqualTo(Reason.Party.CLIENT);
        assertThat(flow.server()).isEqualTo(server.id());
    }

    /** What it did counts, and its connection is as good as before. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theServerMayFinish(String transport) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    if (first.getAndSet(false)) {
                        awaits(gone);
                        connection.send("HTTP/1.1 103 Early Hints\r\n\r\n").send(OK);
                        connection.answer(OK.replace("ok", "1."));
                        connection.awaitEnd();
                    } else {
                        connection.send(OK);
                        while (true) {
                            connection.answer(OK);
                        }
                    }
                });
                LoadBalancer lb = start(transport, server)) {
            askAndGo(lb, server);
            gone.countDown();
            assertGone(server);
            // Each loop has connections of its own, and only one has that one.
            await().until(() -> {
                try (HttpClient next = HttpClient.to(lb, "front")) {
                    return next.get("/").text().equals("1.");
                }
            });
            assertThat(server.ends()).isEmpty();
        }
    }

    /** Nobody wants the rest. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aLongAnswerIsNotReadToItsEnd(String transport) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    awaits(gone);
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
                    connection.sendForEver("x".repeat(8_192));
                });
                LoadBalancer lb = start(transport, server)) {
            askAndGo(lb, server);
            gone.countDown();
            assertGone(server);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatDoesNotAnswerHasNoMoreTimeThanUsual(String transport) throws Exception {
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb = start(transport, server)) {
            askAndGo(lb, server);
            clock.advance(Duration.ofSeconds(59));
            assertThat(seen.flows()).isEmpty();
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            clock.advance(Duration.ofSeconds(2));
            assertGone(server);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
        }
    }

    /** It has nobody to wait for. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    @SuppressWarnings("try") // closing is what this is about
    void closingTheBalancerEndsIt(String transport) throws Exception {
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb = start(transport, server)) {
            askAndGo(lb, server);
            lb.close();
            assertGone(server);
            assertThat(server.ends().take()).isNotNull();
        }
    }
}
