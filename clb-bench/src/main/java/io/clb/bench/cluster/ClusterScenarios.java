package io.clb.bench.cluster;

import java.util.List;

/** What docs/benchmarks.md shows. */
final class ClusterScenarios {

    private static final int NODES = 8;

    private ClusterScenarios() {}

    static List<ClusterScenario> all() {
        return List.of(
                of("all-busy", 20, Workload.uniform(NODES, 2)),
                of("one-hot-node", 20, Workload.hot(3, 2, 0.005)),
                of("moving-hot-spot", 30, Workload.movingHotSpot(NODES, 2, 5)),
                of("moving-hot-spot-bad-network", 30, Workload.movingHotSpot(NODES, 2, 5))
                        .on(Network.bad()),
                of("flash-crowd", 20, Workload.flashCrowd(NODES, 5, 15, 5)),
                of("long-connections", 30, Workload.longConnections(5)),
                of("sawtooth", 30, Workload.sawtooth(NODES, 5, 1.5)),
                of("frozen-node", 30, (node, seconds) -> node == 3 ? 2 : 0.3)
                        .with((node, seconds) -> node == 3 && seconds >= 10 && seconds < 20),
                of("fewer-nodes", 20, Workload.uniform(NODES, 4)).with(ClusterScenario.fewer(4, 5)),
                of("split-cluster", 30, Workload.uniform(NODES, 3))
                        .on(Network.quick()
                                .with((from, to, seconds) -> seconds >= 10 && seconds < 20 && from < 3 != to < 3)));
    }

    private static ClusterScenario of(String name, int seconds, Workload workload) {
        return ClusterScenario.of(name, NODES, seconds, workload);
    }

    /** Many nodes for a minute, whose hot spot moves twice. */
    static ClusterScenario large(int nodes) {
        return ClusterScenario.of(nodes + "-nodes", nodes, 60, Workload.movingHotSpot(nodes, 2, 20));
    }
}
