package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.clb.BindException;
import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits of new connections, on a clock that stands still until it is moved. */
@ExtendWith(LeakCheck.class)
final class LimitTest {

    /** A permit of 400 a second. */
    private static final Duration PERMIT = Duration.ofNanos(2_500_000);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A balancer whose cluster may take 1,200 connections a second. */
    private static Config.Builder limited(TestServer server) {
        return Balancers.tcp(Balancers.unchecked(server)).listener("front", l -> l.limit(Limit.cps(1_200)));
    }

    private static boolean letsIn(LoadBalancer lb) throws IOException {
        try (Client client = Client.to(lb, "front")) {
            return client.echoes("x");
        } catch (SocketException e) {
            return false;
        }
    }

    /** Connects until one is refused, and returns how many were let in. */
    private static int drain(LoadBalancer lb) throws IOException {
        int count = 0;
        while (letsIn(lb)) {
            count++;
        }
        return count;
    }

    /** 1,200/(4-1): 400 a second, 40 of them at once. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void letsTheBurstThroughAndThenTheRateAndResetsTheRest(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        clock.start(transport, limited(server).observer(seen).build())) {
            assertThat(drain(lb)).isEqualTo(40);
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            clock.advance(PERMIT.minusNanos(1));
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            clock.advance(Duration.ofNanos(1));
            assertThat(drain(lb)).isEqualTo(1);
            for (int i = 0; i < 10; i++) {
                clock.advance(PERMIT.multipliedBy(7));
                assertThat(drain(lb)).isEqualTo(7);
            }
            clock.advance(SECOND);
            assertThat(drain(lb)).isEqualTo(40);

            long let = 40 + 1 + 10 * 7 + 40;
            long refused = 3 + 1 + 10 + 1;
            Snapshot.Listener front = Balancers.front(lb);
            assertThat(front.ended()).containsEntry(Reason.LIMIT_CPS, refused);
            assertThat(front.accepted()).isEqualTo(let + refused);
            assertThat(server.accepted()).isEqualTo((int) let);
            assertThat(seen.flows())
                    .filteredOn(flow -> flow.reason() == Reason.LIMIT_CPS)
                    .hasSize((int) refused)
                    .allSatisfy(flow -> assertThat(flow.tries()).isEmpty());
        }
    }

    @Test
    void tellsInTheSnapshotWhatThisNodeEnforces() {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = new FakeClock()
                        .start(
                                "nio",
                                limited(server)
                                        .cluster(Cluster.fixed(8))
                                        .listener("front", l -> l.limit(Limit.cps(1_000)))
                                        .build())) {
            assertThat(Balancers.front(lb).limits())
                    .singleElement()
                    .returns(Limit.Kind.CPS, Snapshot.EnforcedLimit::kind)
                    .returns(1_000L, Snapshot.EnforcedLimit::total)
                    .returns(8, Snapshot.EnforcedLimit::nodes)
                    .returns("142", Snapshot.EnforcedLimit::enforced);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void givesASingleNodeTheTotal(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport, limited(server).cluster(Cluster.single()).build())) {
            assertThat(drain(lb)).isEqualTo(120);
            clock.advance(Duration.ofMillis(51));
            assertThat(drain(lb)).isEqualTo(61);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void givesNoFreeBurstWhenAnUpdateChangesTheLimit(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(transport, limited(server).build())) {
            assertThat(drain(lb)).isEqualTo(40);
            lb.update(c -> c.listener("front", l -> l.limit(Limit.cps(2_400))));
            assertThat(letsIn(lb)).isFalse();
            clock.advance(PERMIT);
            assertThat(drain(lb)).isEqualTo(2);
            lb.update(c -> c.cluster(Cluster.single()));
            assertThat(letsIn(lb)).isFalse();
            lb.update(c -> c.listener("front", l -> l.limit(Limit.cps(100))));
            assertThat(letsIn(lb)).isFalse();
            clock.advance(SECOND);
            assertThat(drain(lb)).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void forgetsNothingWhenAnUpdateLeavesTheLimitOrFails(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(transport, limited(server).build())) {
            assertThat(drain(lb)).isEqualTo(40);
            lb.update(c -> c.listener("front", l -> l.connectTries(1).limit(Limit.cps(1_200))));
            assertThat(letsIn(lb)).isFalse();
            Consumer<Config.Builder> onAUsedPort = c -> c.listener("front", l -> l.limit(Limit.cps(1_000_000)))
                    .listener(
                            "other", l -> l.tcp(server.port()).bind("127.0.0.1").forwardTo("servers"));
            assertThatExceptionOfType(BindException.class).isThrownBy(() -> lb.update(onAUsedPort));
            assertThat(letsIn(lb)).isFalse();
            clock.advance(PERMIT);
            assertThat(drain(lb)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void letsEverythingThroughAgainWhenTheLimitIsRemoved(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(transport, limited(server).build())) {
            assertThat(drain(lb)).isEqualTo(40);
            lb.update(c -> c.listener("front", l -> l.removeLimit(Limit.Kind.CPS)));
            for (int i = 0; i < 100; i++) {
                assertThat(letsIn(lb)).isTrue();
            }
            assertThat(Balancers.front(lb).limits()).isEmpty();
        }
    }

    private static boolean letsIn(LoadBalancer lb, String address) throws IOException {
        try (Client client = Client.from(address, lb, "front")) {
            return client.echoes("x");
        } catch (SocketException e) {
            return false;
        }
    }

    private static int drain(LoadBalancer lb, String address) throws IOException {
        int count = 0;
        while (letsIn(lb, address)) {
            count++;
        }
        return count;
    }

    /** 150/(4-1): 50 a second, 5 of them at once. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void givesEachClientAddressALimitOfItsOwn(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server)
                                .observer(seen)
                                .listener("front", l -> l.limit(Limit.cpsPerClient(150)))
                                .build())) {
            assertThat(drain(lb, "127.0.0.1")).isEqualTo(5);
            assertThat(drain(lb, "127.0.0.2")).isEqualTo(5);
            clock.advance(Duration.ofMillis(20));
            assertThat(drain(lb, "127.0.0.2")).isEqualTo(1);
            assertThat(drain(lb, "127.0.0.1")).isEqualTo(1);
            lb.update(c -> c.listener("front", l -> l.limit(Limit.cpsPerClient(300))));
            assertThat(letsIn(lb, "127.0.0.2")).isFalse();
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.LIMIT_CPS_PER_CLIENT, 5L);
            assertThat(seen.flows())
                    .filteredOn(flow -> flow.reason() == Reason.LIMIT_CPS_PER_CLIENT)
                    .hasSize(5);
            assertThat(Balancers.front(lb).limits())
                    .extracting(Snapshot.EnforcedLimit::dropped)
                    .containsExactly(0L, 5L);
        }
    }

    @Test
    void saysOnceWhatItMakesOfEachLimitUntilAClusterIsSet() {
        List<String> said = Logged.during(() -> {
            try (TestServer server = TestServer.echo();
                    LoadBalancer lb = limited(server)
                            .listener("front", l -> l.limit(Limit.cps(1_000)))
                            .start()) {
                lb.update(c -> c.listener("front", l -> l.connectTries(1)));
                lb.update(c -> c.listener("front", l -> l.limit(Limit.cps(3_000))));
                lb.update(c -> c.cluster(Cluster.fixed(5)));
            }
        });
        assertThat(said)
                .filteredOn(line -> line.contains("limit cps"))
                .extracting(line -> line.substring(line.indexOf("test: ")))
                .containsExactly(
                        "test: limit cps 1000 on front: this node enforces 333 a second, exactly 1000/(4-1),"
                                + " the product's default; Cluster.single() if this is the only node",
                        "test: limit cps 3000 on front: this node enforces 1,000 a second, exactly 3000/(4-1),"
                                + " the product's default; Cluster.single() if this is the only node");
    }
}
