package io.clb.bench.cluster;

import java.time.Duration;

/**
 * What happens to a cluster.
 *
 * @param name for tables and pictures
 * @param nodes N
 * @param seconds how long
 * @param workload what comes
 * @param network what lies between the nodes
 * @param faults what happens to nodes
 * @param interval between reports
 */
record ClusterScenario(
        String name, int nodes, int seconds, Workload workload, Network network, Faults faults, Duration interval) {

    /** What happens to a node. */
    interface Faults {
        /** Whether a node does nothing at a time, though its clock goes on. */
        boolean isFrozen(int node, double seconds);

        /** When a node is there: before and after, it is not. */
        default boolean isUp(int node, double seconds) {
            return true;
        }

        /** Whether a node that ends says goodbye. */
        default boolean isOrderly() {
            return false;
        }
    }

    static final Faults NONE = (node, seconds) -> false;

    /** Nodes from some number on end in order, at a time. */
    static Faults fewer(int left, double fromSeconds) {
        return new Faults() {
            @Override
            public boolean isFrozen(int node, double seconds) {
                return false;
            }

            @Override
            public boolean isUp(int node, double seconds) {
                return node < left || seconds < fromSeconds;
            }

            @Override
            public boolean isOrderly() {
                return true;
            }
        };
    }

    static ClusterScenario of(String name, int nodes, int seconds, Workload workload) {
        return new ClusterScenario(
                name, nodes, seconds, workload, Network.quick(), NONE, Duration.ofMillis(Math.max(100, 2 * nodes)));
    }

    /** When what the scenario is about begins, or happens once more: after a third of the time, on the next lower five seconds. */
    int troubleSeconds() {
        return seconds / 15 * 5;
    }

    ClusterScenario on(Network other) {
        return new ClusterScenario(name, nodes, seconds, workload, other, faults, interval);
    }

    ClusterScenario with(Faults other) {
        return new ClusterScenario(name, nodes, seconds, workload, network, other, interval);
    }
}
