package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Options;
import io.clb.engine.FakeClock;
import io.clb.spi.ServerState;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that takes probes and never answers, by a clock that the test moves. */
final class HttpCheckTimeTest {

    /** What a timer may be late. */
    private static final Duration TICK = Duration.ofMillis(10);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static ScriptedServer silent() {
        return ScriptedServer.of(connection -> connection.answer("").awaitEnd());
    }

    private static LoadBalancer start(FakeClock clock, String transport, ScriptedServer server, HealthCheck check) {
        return clock.start(
                transport,
                LoadBalancer.builder()
                        .name("test")
                        .serverGroup("web", g -> g.server(server.id()).healthCheck(check))
                        .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("web"))
                        .build());
    }

    private static void awaitProbe(ScriptedServer server) throws InterruptedException {
        assertThat(server.heads().poll(10, TimeUnit.SECONDS)).as("a probe").isNotNull();
    }

    /** Has loops look at their sockets, and control take in all that they found. */
    private static void settle(FakeClock clock, LoadBalancer lb) {
        clock.advance(Duration.ZERO);
        lb.update(c -> {});
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void itIsNoticedIn19SecondsByDefault(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        HealthCheck check = HealthCheck.http("/");
        Duration timeout = check.get(Options.CHECK_TIMEOUT);
        Duration interval = check.get(Options.CHECK_INTERVAL);
        try (ScriptedServer server = silent();
                LoadBalancer lb = start(clock, transport, server, check)) {
            clock.advance(interval.dividedBy(4));
            awaitProbe(server);
            Duration passed = Duration.ZERO;
            for (int probe = 1; probe <= 3; probe++) {
                clock.advance(timeout.minus(TICK));
                settle(clock, lb);
                assertThat(Balancers.server(lb, server.id()).state())
                        .as("probe %s", probe)
                        .isEqualTo(ServerState.CHECKING);
                clock.advance(TICK.multipliedBy(2));
                settle(clock, lb);
                passed = passed.plus(timeout).plus(TICK);
                if (probe < 3) {
                    clock.advance(interval);
                    awaitProbe(server);
                    passed = passed.plus(interval);
                }
            }
            assertThat(Balancers.server(lb, server.id()).state()).isEqualTo(ServerState.DOWN);
            assertThat(Balancers.server(lb, server.id()).why()).isEqualTo("no answer within 5 s");
            assertThat(passed)
                    .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(19).plus(TICK.multipliedBy(3)));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void itHasOneProbeAtATimeHoweverShortTheInterval(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Duration interval = Duration.ofMillis(100);
        HealthCheck check =
                HealthCheck.http("/").timeout(Duration.ofSeconds(30)).interval(interval);
        try (ScriptedServer server = silent();
                LoadBalancer lb = start(clock, transport, server, check)) {
            clock.advance(interval.dividedBy(4));
            awaitProbe(server);
            for (int second = 1; second < 30; second++) {
                clock.advance(Duration.ofSeconds(1));
                settle(clock, lb);
                assertThat(server.accepted()).as("after %s s", second).isEqualTo(1);
            }
            clock.advance(Duration.ofSeconds(1).plus(TICK));
            settle(clock, lb);
            clock.advance(interval);
            awaitProbe(server);
            assertThat(server.accepted()).isEqualTo(2);
        }
    }
}
