package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections on which nothing moves. */
@ExtendWith(LeakCheck.class)
final class IdleTimeoutTest {

    private static final Duration TICK = Duration.ofMillis(5);
    private static final Duration ALMOST = Duration.ofMinutes(15).minus(TICK);

    /** What does not move for so long is still. */
    private static final Duration STILL = Duration.ofMillis(100);

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void bothSidesAreResetAfterTheIdleTimeoutAndNotBefore(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server.id()))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front").send("x");
                Client accepted = server.accept()) {
            assertThat(accepted.read(1)).isEqualTo("x");
            clock.advance(ALMOST);
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(TICK.multipliedBy(2));
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(accepted.end()).isEqualTo(End.RESET);
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.IDLE_TIMEOUT);
            assertThat(Duration.ofNanos(flow.durationNanos()))
                    .isBetween(Duration.ofMinutes(15), ALMOST.plus(TICK.multipliedBy(2)));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aByteFromEitherSideBeginsTheTimeAnew(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server.id())).build());
                Client client = Client.to(lb, "front").send("x");
                Client accepted = server.accept()) {
            assertThat(accepted.read(1)).isEqualTo("x");
            for (int i = 0; i < 3; i++) {
                clock.advance(ALMOST);
                client.send("c");
                assertThat(accepted.read(1)).isEqualTo("c");
                clock.advance(ALMOST);
                accepted.send("s");
                assertThat(client.read(1)).isEqualTo("s");
            }
            clock.advance(ALMOST.plus(TICK.multipliedBy(2)));
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void halfClosedConnectionsTimeOutToo(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server.id())).build());
                Client client = Client.to(lb, "front").finish();
                Client accepted = server.accept()) {
            assertThat(accepted.end()).isEqualTo(End.FIN);
            clock.advance(ALMOST.plus(TICK.multipliedBy(2)));
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aSlowReaderIsNotIdle(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        int bytes = 16 << 20;
        try (TestServer server = TestServer.of(socket -> Bulk.send(socket.getOutputStream(), bytes, 10));
                LoadBalancer lb = clock.start(
                        transport, Balancers.tcp(Balancers.unchecked(server)).build());
                Client client = Client.to(lb, "front")) {
            int part = 2 << 20;
            int read = 0;
            while (read < bytes) {
                long moved = awaitStill(lb);
                if (moved < bytes) { // else the rest is the system's, and nothing moves here any more
                    clock.advance(ALMOST);
                }
                do {
                    assertThat(client.socket().getInputStream().readNBytes(part))
                            .hasSize(part);
                    read += part;
                } while (read < bytes && Balancers.front(lb).bytesFromServers() == moved);
            }
        }
    }

    /** Waits until the buffers on the way are full, or there is no more to come. Returns how much has come. */
    private static long awaitStill(LoadBalancer lb) {
        AtomicLong before = new AtomicLong();
        await().pollInterval(STILL).until(() -> {
            long now = Balancers.front(lb).bytesFromServers();
            return before.getAndSet(now) == now && now > 0;
        });
        return before.get();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aReaderThatHasStoppedIsIdleInTheEnd(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (TestServer server = TestServer.of(socket -> Bulk.send(socket.getOutputStream(), 64 << 20, 11));
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front")) {
            awaitStill(lb);
            Duration eighth = Duration.ofMinutes(15).dividedBy(8).plus(TICK);
            for (int i = 0; i < 7; i++) {
                clock.advance(eighth);
                assertThat(Balancers.front(lb).active()).isEqualTo(1);
            }
            // One more: what waits to be written when it is looked at first might have been on its way.
            clock.advance(eighth);
            clock.advance(eighth);
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.IDLE_TIMEOUT);
        }
    }
}
