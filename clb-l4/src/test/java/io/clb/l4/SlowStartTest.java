package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that join, and what they are given until they have their full weight. */
@ExtendWith(LeakCheck.class)
final class SlowStartTest {

    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final Duration HALF = Duration.ofSeconds(15);

    /** Nothing listens there, and no test that uses it connects. */
    private static final String NOBODY = "127.0.0.1:1";

    private static Config.Builder slowly(Consumer<ServerGroupConfig.Builder> group) {
        return Balancers.tcp(group.andThen(g -> g.slowStart(WINDOW)));
    }

    private static void change(LoadBalancer lb, Consumer<ServerGroupConfig.Builder> group) {
        lb.update(c -> c.serverGroup("servers", group));
    }

    private static int weight(LoadBalancer lb, String id) {
        return Balancers.server(lb, id).weightInForce();
    }

    private static void awaitWeight(LoadBalancer lb, String id, int weight) {
        await().until(() -> weight(lb, id) == weight);
    }

    /** How many of so many connections in a row a server is given. */
    private static int share(LoadBalancer lb, TestServer server, int connections) throws Exception {
        int given = 0;
        for (int i = 0; i < connections; i++) {
            try (Client client = Client.to(lb, "front")) {
                given += client.line().equals(server.id()) ? 1 : 0;
            }
        }
        return given;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerAddedLaterBeginsWithATenthOfItsShareAndEndsWithAllOfIt(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer old = TestServer.named();
                TestServer added = TestServer.named();
                LoadBalancer lb =
                        clock.start(transport, slowly(Balancers.unchecked(old)).build())) {
            change(lb, g -> g.server(added.id()));
            assertThat(Balancers.server(lb, added.id()))
                    .returns(ServerState.UP, Snapshot.Server::state)
                    .returns(100, Snapshot.Server::weight)
                    .returns(10, Snapshot.Server::weightInForce);
            assertThat(share(lb, added, 22)).isEqualTo(2);

            clock.advance(HALF);
            awaitWeight(lb, added.id(), 50);
            assertThat(share(lb, added, 6)).isEqualTo(2);

            clock.advance(HALF);
            awaitWeight(lb, added.id(), 100);
            assertThat(share(lb, added, 6)).isEqualTo(3);
            assertThat(weight(lb, old.id())).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void theFirstServersHaveTheirFullWeightAtOnce(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        HealthCheck check = HealthCheck.tcp();
        try (TestServer one = TestServer.named();
                TestServer other = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        slowly(Balancers.checked(check, one.id(), other.id())).build())) {
            assertThat(weight(lb, one.id())).isEqualTo(100);
            assertThat(share(lb, other, 6)).isEqualTo(3);
            clock.advance(Duration.ofSeconds(2));
            await().until(() -> Balancers.server(lb, other.id()).state() == ServerState.UP);
            assertThat(weight(lb, other.id())).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatRecoversBeginsAnewEachTime(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        ManualCheck check = new ManualCheck();
        Duration interval = Duration.ofMillis(100);
        HealthCheck once = HealthCheck.custom(check)
                .interval(interval)
                .timeout(Duration.ofMinutes(5))
                .healthyThreshold(1)
                .unhealthyThreshold(1);
        try (LoadBalancer lb =
                clock.start(transport, slowly(Balancers.checked(once, NOBODY)).build())) {
            for (int i = 0; i < 2; i++) {
                check.next(clock, interval).answer().complete(Verdict.failed("on purpose"));
                await().until(() -> Balancers.server(lb, NOBODY).state() == ServerState.DOWN);
                check.next(clock, interval).answer().complete(Verdict.ok());
                awaitWeight(lb, NOBODY, 10);
                // Behind what waits for the next step, which is a moment after the weight shows.
                lb.update(c -> {});
                clock.advance(HALF);
                awaitWeight(lb, NOBODY, 50);
            }
        }
    }

    @Test
    void aServerThatIsCheckedBeginsWithItsFirstSuccess() throws Exception {
        FakeClock clock = new FakeClock();
        ManualCheck check = new ManualCheck();
        Duration interval = Duration.ofMillis(100);
        HealthCheck patient = HealthCheck.custom(check).interval(interval).timeout(Duration.ofMinutes(5));
        try (LoadBalancer lb =
                clock.start("nio", slowly(Balancers.checked(patient)).build())) {
            change(lb, g -> g.server(NOBODY));
            ManualCheck.Asked first = check.next(clock, interval);
            clock.advance(HALF);
            assertThat(weight(lb, NOBODY)).isEqualTo(100);
            first.answer().complete(Verdict.ok());
            awaitWeight(lb, NOBODY, 10);
        }
    }

    @Test
    void aServerThatTheOperatorPutsBackBeginsWithATenth() {
        try (LoadBalancer lb =
                new FakeClock().start("nio", slowly(Balancers.unchecked(NOBODY)).build())) {
            change(lb, g -> g.drain(NOBODY));
            assertThat(weight(lb, NOBODY)).isEqualTo(100);
            change(lb, g -> g.undrain(NOBODY));
            assertThat(weight(lb, NOBODY)).isEqualTo(10);

            change(lb, g -> g.slowStart(Duration.ZERO).maintenance(NOBODY, true));
            change(lb, g -> g.slowStart(WINDOW).maintenance(NOBODY, false));
            assertThat(weight(lb, NOBODY)).isEqualTo(10);

            change(lb, g -> g.server(NOBODY, s -> s.weight(0)));
            assertThat(weight(lb, NOBODY)).isZero();
            change(lb, g -> g.server(NOBODY, s -> s.weight(50)));
            assertThat(weight(lb, NOBODY)).isEqualTo(5);
        }
    }

    @Test
    void whatIsConfiguredOnTheWayHoldsAtOnceAndStartsNothingAnew() {
        FakeClock clock = new FakeClock();
        try (LoadBalancer lb =
                clock.start("nio", slowly(Balancers.unchecked(NOBODY)).build())) {
            String added = "127.0.0.1:2";
            change(lb, g -> g.server(added));
            clock.advance(HALF);
            awaitWeight(lb, added, 50);

            change(lb, g -> g.server(added, s -> s.weight(50)));
            assertThat(weight(lb, added)).isEqualTo(25);
            change(lb, g -> g.server(added, s -> s.weight(100)));
            assertThat(weight(lb, added)).isEqualTo(50);

            change(lb, g -> g.slowStart(WINDOW.multipliedBy(2)));
            assertThat(weight(lb, added)).isEqualTo(20);
            clock.advance(HALF);
            awaitWeight(lb, added, 50);
            change(lb, g -> g.slowStart(WINDOW));
            assertThat(weight(lb, added)).isEqualTo(100);

            change(lb, g -> g.drain(added));
            change(lb, g -> g.undrain(added));
            assertThat(weight(lb, added)).isEqualTo(10);
            change(lb, g -> g.slowStart(Duration.ZERO));
            assertThat(weight(lb, added)).isEqualTo(100);
            change(lb, g -> g.slowStart(WINDOW));
            assertThat(weight(lb, added)).isEqualTo(100);
            assertThat(weight(lb, NOBODY)).isEqualTo(100);
        }
    }

    @Test
    void aShorterWindowMeansShorterStepsFromNowOn() {
        FakeClock clock = new FakeClock();
        try (LoadBalancer lb =
                clock.start("nio", slowly(Balancers.checked(HealthCheck.none())).build())) {
            change(lb, g -> g.slowStart(Duration.ofMinutes(15)).server(NOBODY));
            assertThat(weight(lb, NOBODY)).isEqualTo(10);
            change(lb, g -> g.slowStart(WINDOW));
            clock.advance(Duration.ofSeconds(6));
            awaitWeight(lb, NOBODY, 20);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aGroupThatBeginsAsAWholeSharesAsItsWeightsSay(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer one = TestServer.named();
                TestServer other = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport, slowly(Balancers.checked(HealthCheck.none())).build())) {
            change(lb, g -> g.server(one.id(), s -> s.weight(40)).server(other.id(), s -> s.weight(80)));
            assertThat(weight(lb, one.id())).isEqualTo(4);
            assertThat(share(lb, other, 6)).isEqualTo(4);
        }
    }

    @Test
    void saysOnceForAGroupWhoBegins() {
        List<String> said = Logged.during(() -> {
            try (LoadBalancer lb = new FakeClock()
                    .start("nio", slowly(Balancers.unchecked(NOBODY)).build())) {
                change(lb, g -> g.server("127.0.0.1:2"));
                change(lb, g -> g.server("127.0.0.1:3").server("127.0.0.1:4").server("127.0.0.1:5"));
            }
        });
        assertThat(said)
                .filteredOn(line -> line.contains("slow start"))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .endsWith("test: group servers: slow start of 30 s begins for 127.0.0.1:2"),
                        line -> assertThat(line)
                                .endsWith("test: group servers: slow start of 30 s begins for 127.0.0.1:3 and 2 more"));
    }
}
