package io.clb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.ClusterTransportFactory;
import io.clb.spi.Division;
import io.clb.spi.WhenAlone;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clusters whose nodes talk to each other, and limits that are divided by what they say. */
final class ClusterTest {

    /** Leads nowhere. */
    static final ClusterTransportFactory NOWHERE = new Nowhere("nowhere");

    private record Nowhere(String name) implements ClusterTransportFactory {
        @Override
        public ClusterTransport create(String node) {
            throw new UnsupportedOperationException(node);
        }
    }

    private static Cluster of(int nodes) {
        return Cluster.of("edge-1", NOWHERE).expectedNodes(nodes);
    }

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .cluster(of(4))
                .serverGroup("g", g -> g.server("10.0.0.1:80"))
                .listener("front", l -> l.tcp(80).forwardTo("g"));
    }

    private static List<String> mistakes(Config.Builder builder) {
        try {
            builder.build();
            return List.of();
        } catch (ConfigException e) {
            return e.mistakes().stream().map(Object::toString).toList();
        }
    }

    @Test
    void tellsHowThisNodeTakesPart() {
        Cluster cluster = of(4).reportInterval(Duration.ofSeconds(1)).whenAlone(WhenAlone.CLOSED);
        assertThat(cluster.settings())
                .isEqualTo(new ClusterSettings("edge-1", 4, Duration.ofSeconds(1), WhenAlone.CLOSED));
        assertThat(of(4).settings())
                .isEqualTo(new ClusterSettings("edge-1", 4, ClusterSettings.INTERVAL, WhenAlone.EVEN));
        assertThat(cluster)
                .returns(NOWHERE, Cluster::transport)
                .returns(4, Cluster::l4)
                .returns(4, c -> c.nodes(ListenerConfig.Protocol.HTTP))
                .returns(false, Cluster::isDefault)
                .hasToString("cluster of 4 nodes and more, this one edge-1, over nowhere");
        assertThat(Cluster.single().transport()).isNull();
    }

    @Test
    void isEqualToWhatSaysTheSame() {
        assertThat(of(4))
                .isEqualTo(Cluster.of("edge-1", new Nowhere("nowhere")).expectedNodes(4))
                .hasSameHashCodeAs(of(4))
                .isNotEqualTo(of(5))
                .isNotEqualTo(Cluster.fixed(4))
                .isNotEqualTo(Cluster.of("edge-2", NOWHERE).expectedNodes(4))
                .isNotEqualTo(Cluster.of("edge-1", new Nowhere("elsewhere")).expectedNodes(4))
                .isNotEqualTo(of(4).whenAlone(WhenAlone.OPEN))
                .isNotEqualTo(of(4).reportInterval(Duration.ofSeconds(1)));
    }

    @Test
    void needsANameAndANumberOfNodes() {
        assertThat(mistakes(sound().cluster(Cluster.of("edge 1", NOWHERE))))
                .containsExactly(
                        "cluster: node: edge 1 (expected: 1 to 60 letters, digits, dots, hyphens and underscores)",
                        "cluster: expectedNodes: not set (expected: 1 to 10,000: how many nodes are started)");
        assertThat(mistakes(sound().cluster(of(10_001).reportInterval(Duration.ofMillis(49)))))
                .containsExactly(
                        "cluster: expectedNodes: 10001 (expected: 1 to 10,000: how many nodes are started)",
                        "cluster: reportInterval: PT0.049S (expected: 50 ms to 10 s)");
        assertThat(mistakes(sound().cluster(of(10_000)))).isEmpty();
    }

    @Test
    void hasNoSettingsOfTalkIfNodesDoNotTalk() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Cluster.fixed(4).whenAlone(WhenAlone.OPEN))
                .withMessage(
                        "whenAlone on a cluster of 4 nodes on L4 and 4 on L7 (expected: Cluster.of(...), whose nodes"
                                + " talk to each other)");
        assertThatIllegalStateException().isThrownBy(() -> Cluster.fixed(4).expectedNodes(5));
        assertThatIllegalStateException().isThrownBy(() -> Cluster.single().reportInterval(Duration.ofSeconds(1)));
        assertThatIllegalStateException().isThrownBy(() -> Cluster.single().settings());
    }

    @Test
    void isNeededByLimitsThatAreDividedByDemand() {
        Config.Builder limited = sound().limit(Limit.cps(10).adaptive())
                .listener("front", l -> l.limit(Limit.bandwidthMbps(10).adaptive()));
        assertThat(mistakes(limited)).isEmpty();
        assertThat(mistakes(limited.cluster(Cluster.fixed(4))))
                .containsExactly(
                        "balancer: limit cps: adaptive (expected: even, or .cluster(Cluster.of(...)), whose nodes talk to"
                                + " each other, not a cluster of 4 nodes on L4 and 4 on L7)",
                        "listener front: limit bandwidth: adaptive (expected: even, or .cluster(Cluster.of(...)), whose"
                                + " nodes talk to each other, not a cluster of 4 nodes on L4 and 4 on L7)");
        assertThat(mistakes(sound().listener(
                                "front", l -> l.limit(Limit.cpsPerClient(10).adaptive()))))
                .containsExactly(
                        "listener front: limit cps per client: adaptive (expected: even: a limit of each key is"
                                + " divided so only)");
    }

    @Test
    void mustBeAbleToLeaseWhatIsLeased() {
        Config.Builder leased = sound().limit(Limit.cps(10).leased());
        assertThat(mistakes(leased))
                .containsExactly(
                        "balancer: limit cps: leased (expected: even, adaptive, or a cluster over a Redis that all"
                                + " nodes share, not a cluster of 4 nodes and more, this one edge-1, over nowhere)");
        ClusterTransportFactory leasing = new ClusterTransportFactory() {
            @Override
            public boolean canLease() {
                return true;
            }

            @Override
            public ClusterTransport create(String node) {
                return NOWHERE.create(node);
            }
        };
        assertThat(mistakes(leased.cluster(Cluster.of("edge-1", leasing).expectedNodes(4))))
                .isEmpty();
    }

    @Test
    void dividesAThousandLimitsByDemandAtMost() {
        Config.Builder many = sound();
        for (int i = 0; i < 500; i++) {
            many.listener(
                    "l" + i,
                    l -> l.tcp(0).forwardTo("g").limit(Limit.bandwidthMbps(10).adaptive()));
        }
        assertThat(mistakes(many)).isEmpty();
        assertThat(mistakes(many.limit(Limit.qps(5).adaptive())))
                .containsExactly("balancer: limits divided by demand: 1,001 (expected: at most 1,000, of which one of"
                        + " bandwidth counts two)");
    }

    @Test
    void isSaidByALimit() {
        Limit limit = Limit.cps(10).adaptive();
        assertThat(limit)
                .returns(Division.ADAPTIVE, Limit::division)
                .isNotEqualTo(Limit.cps(10))
                .hasToString("cps 10 adaptive");
        assertThat(limit.leased()).returns(Division.LEASED, Limit::division).hasToString("cps 10 leased");
        assertThat(limit.even()).isEqualTo(Limit.cps(10)).hasToString("cps 10");
        assertThat(limit.retryAfter().per(Duration.ofSeconds(2)).keys(1_024).division())
                .isEqualTo(Division.ADAPTIVE);
        assertThat(limit.refuse().division()).isEqualTo(Division.ADAPTIVE);
    }
}
