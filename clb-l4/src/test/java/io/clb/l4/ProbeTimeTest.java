package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Options;
import io.clb.UdpCheck;
import io.clb.engine.FakeClock;
import io.clb.spi.ServerState;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When probes are sent, and how long it takes until they lead to something, by a clock that the test moves. */
@ExtendWith(LeakCheck.class)
final class ProbeTimeTest {

    /** What a timer may be late. */
    private static final Duration TICK = Duration.ofMillis(10);

    private static final int SERVERS = 200;

    /** Has loops look at their sockets, and control take in all that they found. */
    private static void settle(FakeClock clock, LoadBalancer lb) {
        clock.advance(Duration.ZERO);
        lb.update(c -> {});
    }

    /** The dead server says nothing at all, and so is the worst that there is. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aDeadServerIsNoticedAndOneThatIsBackIsUsedWithinTheWindowsThatTheCheckTells(String transport)
            throws Exception {
        FakeClock clock = new FakeClock();
        HealthCheck check = HealthCheck.udp(UdpCheck.request("ping").expect("127.0.0.1:"));
        Duration timeout = check.get(Options.CHECK_TIMEOUT);
        Duration interval = check.get(Options.CHECK_INTERVAL);
        try (UdpServer dead = UdpServer.silent();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.checked(check, dead.id())).build())) {
            // The first probe begins within a quarter of the interval, and fails within the timeout of that.
            clock.advance(interval.dividedBy(4));
            dead.next();
            Duration passed = Duration.ZERO;
            for (int probe = 1; probe <= 3; probe++) {
                clock.advance(timeout.minus(TICK));
                settle(clock, lb);
                assertThat(Balancers.server(lb, dead.id()).state())
                        .as("probe %s", probe)
                        .isEqualTo(ServerState.CHECKING);
                clock.advance(TICK.multipliedBy(2));
                settle(clock, lb);
                passed = passed.plus(timeout).plus(TICK);
                if (probe < 3) {
                    clock.advance(interval);
                    dead.next();
                    passed = passed.plus(interval);
                }
            }
            assertThat(Balancers.server(lb, dead.id()).state()).isEqualTo(ServerState.DOWN);
            assertThat(passed)
                    .isBetween(check.noticeWindow(), check.noticeWindow().plus(TICK.multipliedBy(3)));
            assertThat(Balancers.server(lb, dead.id()).why()).isEqualTo("no answer within 10 s");

            dead.stop();
            try (UdpServer back = UdpServer.namedOn(dead.port())) {
                passed = Duration.ZERO;
                for (int probe = 1; probe <= 3; probe++) {
                    assertThat(Balancers.server(lb, back.id()).state())
                            .as("probe %s", probe)
                            .isEqualTo(ServerState.DOWN);
                    clock.advance(interval);
                    back.next();
                    settle(clock, lb);
                    passed = probe == 1 ? Duration.ZERO : passed.plus(interval);
                }
                assertThat(Balancers.server(lb, back.id()).state()).isEqualTo(ServerState.UP);
                assertThat(passed).isEqualTo(check.recoveryWindow(Duration.ZERO));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void theFirstProbesOfManyServersAreSpreadEvenly(String transport) {
        FakeClock clock = new FakeClock();
        Duration span = HealthCheck.tcp().get(Options.CHECK_INTERVAL).dividedBy(4);
        int ticks = (int) span.dividedBy(TICK);
        int port = Ports.free();
        String[] servers = IntStream.rangeClosed(1, SERVERS)
                .mapToObj(i -> "127.0.1." + i + ":" + port)
                .toArray(String[]::new);
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.tcp(Balancers.checked(HealthCheck.tcp(), servers)).build())) {
            for (int tick = 1; tick <= ticks; tick++) {
                clock.advance(TICK);
                // Of what is due, the loops and control may be late with some, but never early.
                int due = SERVERS * tick / ticks;
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> probed(lb) >= due - 4);
                assertThat(probed(lb)).as("after tick %s", tick).isLessThanOrEqualTo(due + 4);
            }
            await().until(() -> probed(lb) == SERVERS);
        }
    }

    private static long probed(LoadBalancer lb) {
        return lb.snapshot().serverGroup("servers").servers().stream()
                .filter(server -> server.lastProbe() != null)
                .count();
    }
}
