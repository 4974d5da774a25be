package io.clb.l4;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.RequestFilters;
import io.clb.engine.FakeClock;
import io.clb.spi.Flow;
import io.clb.spi.HttpFlow;
import io.clb.spi.Reason;
import io.clb.spi.RequestFilter;
import io.clb.spi.Ruling;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Filters of the application's, which judge connections by their first bytes. */
@ExtendWith(LeakCheck.class)
final class ConnectionFilterTest {

    /** A question that is to be answered. */
    private record Asked(String bytes, boolean last, Ruling ruling) {}

    /** Says what the client says, or nothing until the test does. */
    private static final class Filter implements RequestFilter {

        private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

        @Override
        public void request(HttpFlow request, Ruling ruling) {
            throw new AssertionError("no request");
        }

        @Override
        public void connection(Flow connection, ByteBuffer bytes, boolean last, Ruling ruling) {
            String text = ISO_8859_1.decode(bytes).toString();
            if (text.startsWith("slow")) {
                asked.add(new Asked(text, last, ruling));
            } else if (text.contains("bad")) {
                ruling.deny(403);
            } else if (text.contains("\n")) {
                ruling.pass();
            } else {
                ruling.more();
            }
        }

        Asked next() throws InterruptedException {
            Asked next = asked.poll(10, SECONDS);
            assertThat(next).isNotNull();
            return next;
        }
    }

    private final Filter filter = new Filter();
    private final Seen seen = new Seen();

    private Config.Builder filtered(Config.Builder config) {
        return config.observer(seen).listener("front", l -> l.requestFilters(RequestFilters.of(filter)));
    }

    private Config.Builder filtered(NettyEngine engine, TestServer server) {
        return filtered(Balancers.tcp(engine, Balancers.unchecked(server)));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatIsDeniedIsResetAndNoServerSeesIt(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server)
                        .listener("front", l -> l.maxConnectionsPerClient(1))
                        .start()) {
            for (int i = 0; i < 3; i++) {
                try (Client client = Client.to(lb, "front").send("something bad\n")) {
                    assertThat(client.end()).isEqualTo(End.RESET);
                    Seen.Flow flow = seen.next();
                    assertThat(flow.reason()).isEqualTo(Reason.FILTER_DENIED);
                    assertThat(flow.bytesFromClient()).isEqualTo(14);
                }
            }
            assertThat(server.accepted()).isZero();
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("all good\n")).isTrue();
                assertThat(client.echoes("bad now, which nobody looks at any more"))
                        .isTrue();
                client.finish();
                assertThat(client.readAll()).isEmpty();
            }
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
            assertThat(flow.bytesFromClient()).isEqualTo(flow.bytesFromServer());
            assertThat(Balancers.front(lb).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatComesInPiecesIsJudgedTogether(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server).start();
                Client client = Client.to(lb, "front");
                Client other = Client.to(lb, "front")) {
            client.send("good");
            other.send("b");
            await().until(() -> lb.snapshot().bufferedBytes() > 0);
            other.send("ad");
            assertThat(other.end()).isEqualTo(End.RESET);
            assertThat(server.accepted()).isZero();
            client.send("!\n");
            assertThat(client.read(6)).isEqualTo("good!\n");
        }
    }

    /** Its FIN comes through as well. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatWaitsHoldsUpNobodyElse(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server).start();
                Client client = Client.to(lb, "front");
                Client other = Client.to(lb, "front")) {
            client.send("slow").finish();
            Asked asked = filter.next();
            assertThat(other.echoes("quick\n")).isTrue();
            assertThat(server.accepted()).isEqualTo(1);
            assertThat(asked.ruling.allow()).isTrue();
            assertThat(client.readAll()).asString(ISO_8859_1).isEqualTo("slow");
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
        }
    }

    /** There will be no more to see than there is. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatIsNotEnoughMustBeWhenItIsAll(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server).start();
                Client client = Client.to(lb, "front")) {
            client.send("go");
            await().until(() -> lb.snapshot().bufferedBytes() > 0);
            client.finish();
            assertThat(client.readAll()).asString(ISO_8859_1).isEqualTo("go");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatIsHeldIsBounded(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server)
                        .listener(
                                "front",
                                l -> l.requestFilters(RequestFilters.of(filter).maxHeld(1_024)))
                        .start();
                Client client = Client.to(lb, "front")) {
            client.send("x".repeat(1_024));
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_HELD_TOO_MUCH);
            assertThat(lb.snapshot().bufferedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void itSeesWhatIsBehindTheHeaderOfAProxy(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server)
                        .listener("front", l -> l.proxyProtocolIn(ProxyProtocol.required("127.0.0.1")))
                        .start();
                Client client = Client.to(lb, "front")) {
            client.socket().getOutputStream().write(ProxyHeaders.binary());
            assertThat(client.echoes("good\n")).isTrue();
            try (Client bad = Client.to(lb, "front")) {
                bad.socket().getOutputStream().write(ProxyHeaders.binary());
                bad.send("bad\n");
                assertThat(bad.end()).isEqualTo(End.RESET);
            }
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_DENIED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void oneThatDoesNotAnswerInTimeAndAClientThatDoesNotSpeak(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        filtered(Balancers.tcp(Balancers.unchecked(server)))
                                .listener("front", l -> l.idleTimeout(Duration.ofSeconds(10)))
                                .build());
                Client client = Client.to(lb, "front");
                Client silent = Client.to(lb, "front")) {
            client.send("slow\n");
            Asked asked = filter.next();
            await().until(() -> Balancers.front(lb).active() == 2);
            // the loop waits for the answer by then
            clock.advance(Duration.ZERO);
            clock.advance(Duration.ofMillis(4_900));
            assertThat(seen.flows()).isEmpty();
            clock.advance(Duration.ofMillis(200));
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.FILTER_TIMEOUT);
            assertThat(asked.ruling.pass()).isFalse();
            clock.advance(Duration.ofSeconds(5));
            assertThat(silent.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.IDLE_TIMEOUT);
            assertThat(server.accepted()).isZero();

            lb.update(c -> c.listener(
                    "front", l -> l.requestFilters(RequestFilters.of(filter).failOpen(true))));
            try (Client next = Client.to(lb, "front").send("slow\n")) {
                filter.next();
                clock.advance(Duration.ZERO);
                clock.advance(Duration.ofSeconds(6));
                assertThat(next.line()).isEqualTo("slow");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aShutdownEndsThoseThatWait(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = filtered(engine, server).start();
                Client client = Client.to(lb, "front")) {
            client.send("slow\n");
            Asked asked = filter.next();
            lb.shutdown(Duration.ofSeconds(10)).toCompletableFuture().get(10, SECONDS);
            assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
            assertThat(asked.ruling.allow()).isFalse();
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(server.accepted()).isZero();
        }
    }
}
