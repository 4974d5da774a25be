package io.clb.bench.cluster;

/** What comes to the nodes of a cluster. */
interface Workload {

    /** What is wanted of a node, as a part of the total: 1 is all of it. */
    double wanted(int node, double seconds);

    /** Whether it is wanted as connections want bandwidth: whoever has to wait takes what he gets, and wants no less later. */
    default boolean isElastic() {
        return false;
    }

    /** All nodes want the same. */
    static Workload uniform(int nodes, double sum) {
        return (node, seconds) -> sum / nodes;
    }

    /** One node has nearly all that comes. */
    static Workload hot(int hotNode, double load, double others) {
        return (node, seconds) -> node == hotNode ? load : others;
    }

    /** All comes to one node, and after some time to another. */
    static Workload movingHotSpot(int nodes, double load, double everySeconds) {
        return (node, seconds) -> node == ((int) (seconds / everySeconds)) * 3 % nodes ? load : 0;
    }

    /** Little, and suddenly a multiple of the total everywhere. */
    static Workload flashCrowd(int nodes, double fromSeconds, double untilSeconds, double sum) {
        return (node, seconds) -> (seconds >= fromSeconds && seconds < untilSeconds ? sum : 0.2) / nodes;
    }

    /** Demand that rises evenly and falls at once, on each node at another time. */
    static Workload sawtooth(int nodes, double periodSeconds, double highest) {
        return (node, seconds) -> highest * ((seconds / periodSeconds + (double) node / nodes) % 1) * 2 / nodes;
    }

    /** A few connections, each on a node of its own, that take what they get; one begins after the others have ended. */
    static Workload longConnections(double eachSeconds) {
        return new Workload() {
            @Override
            public double wanted(int node, double seconds) {
                int turn = (int) (seconds / eachSeconds);
                return turn % 2 == 0 ? (node == turn % 3 ? 2 : 0) : node < 3 ? 2 : 0;
            }

            @Override
            public boolean isElastic() {
                return true;
            }
        };
    }
}
