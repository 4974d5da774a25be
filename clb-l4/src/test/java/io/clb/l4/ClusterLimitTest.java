package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.clb.BindException;
import io.clb.Cluster;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Snapshot.ClusterState;
import io.clb.Snapshot.EnforcedLimit;
import io.clb.engine.FakeClock;
import io.clb.spi.WhenAlone;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Balancers whose nodes talk to each other divide a total, each on its own sockets and on the system's clock. */
@ExtendWith(LeakCheck.class)
final class ClusterLimitTest {

    /** 4 MB a second; 2 MB for each of three nodes if that is even. */
    private static final Limit BANDWIDTH = Limit.bandwidthMbps(32);

    private static final long BITS = 32_000_000;
    private static final int NODES = 3;
    private static final Limit CPS = Limit.cps(900);

    private final ClusterHub hub = new ClusterHub();
    private final List<LoadBalancer> nodes = new ArrayList<>();
    private final Flood flood = new Flood();
    private final TestServer server = TestServer.of(flood::take);

    @AfterEach
    void close() {
        nodes.forEach(LoadBalancer::close);
        server.close();
    }

    private Config.Builder config(Cluster cluster) {
        return Balancers.tcp(NettyEngine.nio().threads(1), Balancers.unchecked(server))
                .name("test-" + nodes.size())
                .cluster(cluster);
    }

    private LoadBalancer start(Cluster cluster, Limit limit) {
        LoadBalancer lb = config(cluster).listener("front", l -> l.limit(limit)).start();
        nodes.add(lb);
        return lb;
    }

    /** Three nodes that know each other. */
    private void startAll(Limit limit) {
        for (int i = 1; i <= NODES; i++) {
            start(hub.cluster("node-" + i, NODES), limit);
        }
        for (LoadBalancer node : nodes) {
            awaitPresent(node, NODES);
        }
    }

    private static void awaitPresent(LoadBalancer lb, int count) {
        await().untilAsserted(() -> assertThat(cluster(lb).present()).isEqualTo(count));
    }

    private static ClusterState cluster(LoadBalancer lb) {
        return requireNonNull(lb.snapshot().cluster());
    }

    private static EnforcedLimit limit(LoadBalancer lb) {
        return Balancers.front(lb).limits().get(0);
    }

    private static double share(LoadBalancer lb) {
        return Double.parseDouble(limit(lb).share());
    }

    private static List<String> events(LoadBalancer lb) {
        return cluster(lb).events().stream().map(ClusterState.Event::what).toList();
    }

    @Test
    void oneNodeHasTheTotalWhileTheOthersAreIdleAndNoMoreOfItThanTheyLend() throws Exception {
        startAll(BANDWIDTH.adaptive());
        LoadBalancer busy = nodes.get(0);
        try (Client client = Client.to(busy, "front")) {
            Flood.sends(client);
            await().untilAsserted(() -> assertThat(limit(busy).used()).isGreaterThan((long) (0.9 * BITS)));
            EnforcedLimit limit = limit(busy);
            assertThat(limit.mode()).isEqualTo("adaptive");
            assertThat(limit.nodes()).isEqualTo(NODES);
            assertThat(limit.borrowed()).isGreaterThan((long) (0.5 * BITS));
            assertThat(limit.wanted()).isEqualTo(BITS);
            assertThat(limit(nodes.get(1)).lent()).isGreaterThan((long) (0.3 * BITS));
            // Read one after the other, while shares may move: true in the end, not at each look.
            await().untilAsserted(() -> assertThat(
                            nodes.stream().mapToDouble(ClusterLimitTest::share).sum())
                    .isLessThanOrEqualTo(1.01 * BITS));
        }
    }

    @Test
    void changesTheWayAndTheTotalWhileItRuns() {
        startAll(CPS);
        LoadBalancer lb = nodes.get(0);
        assertThat(limit(lb)).returns("450", EnforcedLimit::share).returns("even", EnforcedLimit::mode);
        assertThat(limit(lb)).returns("450", EnforcedLimit::enforced);

        for (LoadBalancer node : nodes) {
            node.update(c -> c.listener("front", l -> l.limit(CPS.adaptive())));
        }
        // Where nobody wants anything, all have the same.
        await().untilAsserted(() -> assertThat(share(lb)).isBetween(295.0, 300.0));
        assertThat(limit(lb).mode()).isEqualTo("adaptive");

        for (LoadBalancer node : nodes) {
            node.update(c -> c.listener("front", l -> l.limit(Limit.cps(1_800).adaptive())));
        }
        await().untilAsserted(() -> assertThat(share(lb)).isBetween(590.0, 600.0));

        for (LoadBalancer node : nodes) {
            node.update(c -> c.listener("front", l -> l.limit(Limit.cps(1_800).even())));
        }
        await().untilAsserted(() -> assertThat(limit(lb).share()).isEqualTo("900"));
        lb.update(c -> c.listener("front", l -> l.removeLimit(Limit.Kind.CPS)));
        assertThat(Balancers.front(lb).limits()).isEmpty();
    }

    @Test
    void countsASilentNodeUntilItIsForgotten() throws Exception {
        startAll(CPS);
        LoadBalancer lb = nodes.get(0);
        lb.update(c -> c.listener("front", l -> l.limit(Limit.cpsPerClient(100))));
        hub.cutOff("node-3");
        awaitPresent(lb, 2);
        assertThat(cluster(lb)).returns(3, ClusterState::nodes).returns("node-1", ClusterState::node);
        assertThat(cluster(lb).others())
                .extracting(ClusterState.Node::name, ClusterState.Node::present)
                .containsExactly(tuple("node-2", true), tuple("node-3", false));
        assertThat(limit(lb).share()).isEqualTo("450");
        assertThat(perClient(lb)).returns(3, EnforcedLimit::nodes).returns("50", EnforcedLimit::enforced);

        assertThat(forget(lb, "node-2")).isFalse();
        assertThat(forget(lb, "node-3")).isTrue();
        await().untilAsserted(() -> assertThat(limit(lb).share()).isEqualTo("900"));
        await().untilAsserted(() ->
                assertThat(perClient(lb)).returns(2, EnforcedLimit::nodes).returns("100", EnforcedLimit::enforced));
        await().untilAsserted(() -> assertThat(cluster(nodes.get(1)).nodes()).isEqualTo(2));
        assertThat(events(lb)).contains("connected", "node-3 is silent", "node-3 is forgotten", "N is 2");
    }

    private static EnforcedLimit perClient(LoadBalancer lb) {
        return Balancers.front(lb).limits().stream()
                .filter(limit -> limit.kind() == Limit.Kind.CPS_PER_CLIENT)
                .findFirst()
                .orElseThrow();
    }

    private static boolean forget(LoadBalancer lb, String node) throws Exception {
        return lb.forgetNode(node).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void dividesWithoutANodeThatIsShutDown() {
        startAll(CPS);
        LoadBalancer lb = nodes.get(0);
        nodes.remove(2).close();
        await().untilAsserted(() -> assertThat(limit(lb).share()).isEqualTo("900"));
        // What a node says of its view is that of its last report, which follows.
        await().untilAsserted(() ->
                assertThat(cluster(lb)).returns(2, ClusterState::nodes).returns(2, ClusterState::present));
        await().untilAsserted(() -> assertThat(events(lb)).contains("node-3 is shut down"));
    }

    @Test
    void fallsBackAtOnceSaysSoOnceAndRecovers() {
        startAll(CPS.adaptive());
        LoadBalancer lb = nodes.get(0);
        await().untilAsserted(() -> assertThat(share(lb)).isLessThanOrEqualTo(300));
        List<String> said = Logged.during(() -> {
            hub.down();
            for (LoadBalancer node : nodes) {
                await().untilAsserted(() -> assertThat(limit(node).share()).isEqualTo("450"));
                await().until(() -> !cluster(node).connected());
            }
        });
        assertThat(said)
                .filteredOn(line -> line.contains("test-0"))
                .singleElement()
                .asString()
                .contains("WARN", "cluster: no other node can be reached: the hub is down");
        assertThat(cluster(lb)).returns(false, ClusterState::connected).returns(3, ClusterState::nodes);

        hub.up();
        await().untilAsserted(() -> assertThat(share(lb)).isLessThanOrEqualTo(300));
        awaitPresent(lb, 3);
        assertThat(cluster(lb).connected()).isTrue();
    }

    private static boolean letsIn(LoadBalancer lb) throws IOException {
        try (Client client = Client.to(lb, "front")) {
            return client.send("x").finish().line().equals("1");
        } catch (SocketException e) {
            return false;
        }
    }

    @Test
    void letsNothingThroughAloneIfItIsToldSo() throws Exception {
        LoadBalancer lb = start(hub.cluster("node-1", 2).whenAlone(WhenAlone.CLOSED), CPS);
        await().untilAsserted(() -> assertThat(limit(lb).share()).isEqualTo("0"));
        // One may have been saved up.
        letsIn(lb);
        assertThat(letsIn(lb)).isFalse();
        start(hub.cluster("node-2", 2), CPS);
        await().untilAsserted(() -> assertThat(limit(lb).share()).isEqualTo("900"));
    }

    @Test
    void limitsNothingAloneIfItIsToldSo() throws Exception {
        LoadBalancer lb = start(hub.cluster("node-1", 3).whenAlone(WhenAlone.OPEN), Limit.cps(2));
        await().untilAsserted(() -> assertThat(limit(lb)).returns("open", EnforcedLimit::share));
        for (int i = 0; i < 20; i++) {
            assertThat(letsIn(lb)).isTrue();
        }
        assertThat(limit(lb).dropped()).isZero();
        assertThat(limit(lb).enforced()).isEqualTo("open");
    }

    @Test
    void isFixedWhileTheBalancerRuns() {
        LoadBalancer lb = start(hub.cluster("node-1", 3), CPS);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> lb.update(c -> c.cluster(Cluster.single())))
                .withMessageContaining("balancer: cluster: cluster of 1 nodes on L4 and 1 on L7 (expected: cluster of 3"
                        + " nodes and more, this one node-1, over hub: it is fixed while the balancer runs)");
        lb.update(c -> c.cluster(hub.cluster("node-1", 3)));

        try (LoadBalancer alone = config(Cluster.single()).start()) {
            assertThatThrownBy(() -> forget(alone, "node-2"))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("expected: Cluster.of(...)");
            assertThat(alone.snapshot().cluster()).isNull();
        }
    }

    @Test
    void doesNotStartIfItCanNeverTakePart() {
        Cluster broken = Cluster.of("node-1", node -> {
                    throw new IllegalArgumentException("the address is not of this host");
                })
                .expectedNodes(2);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> config(broken).start())
                .withMessageContaining("cannot take part in the cluster of 2 nodes and more, this one node-1, over ")
                .withMessageEndingWith("the address is not of this host");
        assertThat(Balancers.threads("test-0")).isEmpty();
    }

    @Test
    void leavesAgainIfItCannotListen() {
        LoadBalancer first = start(hub.cluster("node-1", 2), CPS);
        int taken = first.address("front").getPort();
        Config second = config(hub.cluster("node-2", 2))
                .listener("front", l -> l.tcp(taken))
                .build();
        assertThatExceptionOfType(BindException.class).isThrownBy(() -> LoadBalancer.start(second));
        assertThat(hub.nodes()).containsExactly("node-1");
    }

    /** With 41 bytes a second, a turn of 512 is 12 s away. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aConnectionThatWaitsGoesOnAsSoonAsTheShareGrows(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Config config = Balancers.tcp(Balancers.unchecked(server))
                .cluster(hub.cluster("node-1", 3).whenAlone(WhenAlone.OPEN))
                .listener("front", l -> l.limit(Limit.bandwidth(1_000)))
                .build();
        try (LoadBalancer lb = clock.start(transport, config);
                Client client = Client.to(lb, "front")) {
            Flood.sends(client);
            await().until(() -> limit(lb).putOff() > 0);
            await().until(() -> {
                clock.advance(Duration.ofMillis(25));
                return limit(lb).share().equals("open");
            });
            clock.advance(Duration.ofMillis(25));
            await().until(() -> flood.sum() > 1_000_000);
        }
    }
}
