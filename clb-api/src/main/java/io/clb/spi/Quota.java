package io.clb.spi;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * A total for a cluster, and what is needed to tell a node's share of it. Each node enforces {@code total / (nodes - 1)} in a period, as an exact
 * fraction; the whole total where there are one or two nodes. The burst, what a node may let through at once, is 100 ms of its share, or
 * {@code leastBurst} where that is more.
 *
 * @param total permits in a period for the whole cluster, 1 to 100,000,000,000
 * @param period 1 s to 3,600 s in whole seconds
 * @param nodes how many nodes the cluster has, 1 to 10,000
 * @param leastBurst how many permits must fit into the burst, 1 or more
 * @param unit what a permit is
 */
public record Quota(long total, Duration period, int nodes, long leastBurst, Unit unit) {

    /** What a permit lets through. */
    public enum Unit {
        /** A request or a connection. */
        FLOW,
        /** A bit of payload. */
        BIT
    }

    /**
     * Takes what it is given; {@link RateLimiterFactory} judges the ranges.
     *
     * @param total permits in a period for the whole cluster
     * @param period the period
     * @param nodes how many nodes the cluster has
     * @param leastBurst how many permits must fit into the burst
     * @param unit what a permit is
     */
    public Quota {
        requireNonNull(period, "period");
        requireNonNull(unit, "unit");
    }
}
