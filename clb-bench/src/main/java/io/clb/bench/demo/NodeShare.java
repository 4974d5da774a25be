package io.clb.bench.demo;

import io.clb.Snapshot;
import java.util.Locale;

/**
 * What one node enforces of a limit of a cluster.
 *
 * @param total per second, for the whole cluster
 * @param nodes N
 */
record NodeShare(long total, int nodes) {

    /** At once, a node lets through what it may in so long, at least one. */
    private static final double BURST_SECONDS = 0.1;

    static NodeShare of(Snapshot.EnforcedLimit limit) {
        return new NodeShare(limit.total(), limit.nodes());
    }

    /** Per second: Total/(N-1). */
    double rate() {
        return (double) total / Math.max(1, nodes - 1);
    }

    double burst() {
        return Math.max(1, rate() * BURST_SECONDS);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d/(%d-1) = %.1f/s", total, nodes, rate());
    }
}
