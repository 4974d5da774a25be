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

    /** More send more reports, N times N, than is worth while: a second of virtual time takes longer than a second. */
    private static final int MOST_REPORTING = 2_000;

    private static final long LONGEST_INTERVAL_MILLIS = 10_000;

    /** What happens to a node. */
    interface Faults {
        /** Whether a node does nothing at a time, though its clock goes on. */
        boolean isFrozen(int node, double seconds);

        /** When a node is there: before and after, it is not. */
        default boolean isUp(int node, double seconds) {
            return true;
        }

        /** Whether the store of permits does nothing at a time; what it was asked meanwhile it does when it goes on. */
        default boolean isStoreFrozen(double seconds) {
            return false;
        }

        /** Whether the store of permits is started anew at a time, without its data. */
        default boolean isStoreNew(double seconds) {
            return false;
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
        long millis = Math.min(LONGEST_INTERVAL_MILLIS, Math.max(100, 2L * nodes));
        return new ClusterScenario(name, nodes, seconds, workload, Network.quick(), NONE, Duration.ofMillis(millis));
    }

    /** Whether all nodes can report to all; else N is set. */
    boolean isReporting() {
        return nodes <= MOST_REPORTING;
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
