package io.clb.bench.cluster;

import java.util.function.IntToDoubleFunction;

/** What a cluster let through. */
final class ClusterResult {

    private final ClusterScenario scenario;
    private final LimitMode mode;
    private final long total;
    private final int binsPerSecond;

    /** By bin: permits. */
    private final long[] admitted;

    /** By second, then by node: permits. */
    private final int[][] admittedByNode;

    /** By bin: what the shares of all nodes have earned, as a part of what the total earns in that time. */
    private final double[] earned;

    /** By bin: what was wanted of all nodes, as a part of the total. */
    private final double[] wanted;

    private long mostShared;

    ClusterResult(ClusterScenario scenario, LimitMode mode, long total, int bins, int binsPerSecond) {
        this.scenario = scenario;
        this.mode = mode;
        this.total = total;
        this.binsPerSecond = binsPerSecond;
        admitted = new long[bins];
        admittedByNode = new int[scenario.seconds()][scenario.nodes()];
        earned = new double[bins];
        wanted = new double[bins];
    }

    void add(int bin, int node, double want, long permits) {
        admitted[bin] += permits;
        admittedByNode[bin / binsPerSecond][node] += (int) permits;
        wanted[bin] += want;
    }

    /**
     * Takes note of what all nodes may let through at a moment.
     *
     * @param seconds what their shares have earned since the last moment, in time of the total
     */
    void shared(int bin, long parts, double seconds) {
        earned[bin] += seconds * binsPerSecond;
        mostShared = Math.max(mostShared, parts);
    }

    /** The most that all nodes might have let through at any moment, in parts of the total. */
    long mostShared() {
        return mostShared;
    }

    ClusterScenario scenario() {
        return scenario;
    }

    LimitMode mode() {
        return mode;
    }

    int bins() {
        return admitted.length;
    }

    int binsPerSecond() {
        return binsPerSecond;
    }

    /** What all nodes let through in a bin, as a part of what is let through of the total in that time. */
    double rate(int bin) {
        return (double) admitted[bin] * binsPerSecond / total;
    }

    /** The most that was let through in any second between two times, as a part of the total. */
    double busiestSecond(double from, double until) {
        return busiestSecond(from, until, this::rate);
    }

    /** The most that all shares have earned in any second: all that could be let through, but for the bursts. */
    double richestSecond() {
        return busiestSecond(0, scenario.seconds(), bin -> earned[bin]);
    }

    private double busiestSecond(double from, double until, IntToDoubleFunction rate) {
        double sum = 0;
        double most = 0;
        int first = (int) (from * binsPerSecond);
        for (int bin = first; bin < (int) (until * binsPerSecond); bin++) {
            sum += rate.applyAsDouble(bin);
            if (bin - binsPerSecond >= first) {
                sum -= rate.applyAsDouble(bin - binsPerSecond);
            }
            most = Math.max(most, sum / binsPerSecond);
        }
        return most;
    }

    double busiestSecond() {
        return busiestSecond(0, scenario.seconds());
    }

    /** What was let through of what could have been: of what was wanted, but no more than the total. */
    double utilisation(double from, double until) {
        double could = 0;
        double was = 0;
        for (int bin = (int) (from * binsPerSecond); bin < (int) (until * binsPerSecond); bin++) {
            could += Math.min(1, wanted[bin]);
            was += rate(bin);
        }
        return was / could;
    }

    /** Jain's index of what each node let through: 1 if all the same, 1/N if one has all. */
    double fairness(int from, int until) {
        double sum = 0;
        double squares = 0;
        for (int node = 0; node < scenario.nodes(); node++) {
            double share = share(node, from, until);
            sum += share;
            squares += share * share;
        }
        return sum * sum / squares / scenario.nodes();
    }

    /** What a node let through on average between two seconds, as a part of the total. */
    double share(int node, int from, int until) {
        long sum = 0;
        for (int second = from; second < until; second++) {
            sum += admittedByNode[second][node];
        }
        return (double) sum / total / (until - from);
    }

    /** How long after a time all nodes together let through a part of the total over a tenth of a second; negative for never. */
    double secondsUntil(double part, double after, double until) {
        int window = binsPerSecond / 10;
        for (int bin = (int) (after * binsPerSecond); bin + window <= (int) (until * binsPerSecond); bin++) {
            double sum = 0;
            for (int i = 0; i < window; i++) {
                sum += rate(bin + i);
            }
            if (sum / window >= part) {
                return (double) (bin + window) / binsPerSecond - after;
            }
        }
        return -1;
    }
}
