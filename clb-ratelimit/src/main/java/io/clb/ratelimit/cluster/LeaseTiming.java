package io.clb.ratelimit.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How often a node asks for permits, and what follows from it.
 *
 * @param intervalNanos what all that is granted and not used yet is worth at most, in time of the total
 */
record LeaseTiming(long intervalNanos) {

    /** A store that is farther away than half of that is not the place for permits. */
    private static final Duration LONGEST = Duration.ofMillis(200);

    /** With so much for each node, busy nodes ask a store 40,000 times a second together, which is about what a Redis does. */
    private static final long NANOS_PER_NODE = TimeUnit.MICROSECONDS.toNanos(100);

    private static final int ASKS = 4;
    private static final int LEASE_INTERVALS = 4;

    /** What two clocks may differ by in speed, as a part of the time. */
    private static final int DRIFT = 20;

    static LeaseTiming of(Duration interval, int nodes) {
        long nanos = Math.min(interval.toNanos(), LONGEST.toNanos());
        return new LeaseTiming(Math.max(nanos, nodes * NANOS_PER_NODE));
    }

    /** Between two asks of a busy node. */
    long turnNanos() {
        return intervalNanos / ASKS;
    }

    /** For so long after an ask was sent, what it was granted may be used, and its answer is waited for. */
    long usableNanos() {
        return intervalNanos / 2;
    }

    /** For so long after an ask was sent, the node's part is deposited, by the store's clock. */
    long leaseNanos() {
        return LEASE_INTERVALS * intervalNanos;
    }

    /** After so long the deposit is over, by the node's clock. */
    long returnedNanos() {
        return leaseNanos() + leaseNanos() / DRIFT;
    }

    /** What of a time on the node's clock has passed on the store's at least. */
    static long atLeast(long nanos) {
        return nanos - nanos / (DRIFT + 1);
    }
}
