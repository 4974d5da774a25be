package io.clb.ratelimit.cluster;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How often a node reports, and what follows from it.
 *
 * @param intervalNanos between two reports that nothing hurries
 * @param leaseNanos how long a node may use what another lent it, from when it sent the report that the other had heard
 * @param silenceNanos after so long without a report a node is taken to be gone
 */
record Timing(long intervalNanos, long leaseNanos, long silenceNanos) {

    private static final int LEASE_INTERVALS = 10;
    private static final int SILENCE_INTERVALS = 15;

    /** A hurried report is later than the last by a part of the interval. */
    private static final int HURRIED = 4;

    private static final int MOST_HURRYING = 64;

    /** What two clocks may differ by in speed, as a part of the time; those of computers do by a thousandth of that. */
    private static final int DRIFT = 20;

    static Timing of(Duration interval) {
        long nanos = requireNonNull(interval, "interval").toNanos();
        return new Timing(nanos, LEASE_INTERVALS * nanos, SILENCE_INTERVALS * nanos);
    }

    /** After so long the lender may use again what it lent: the borrower's clock has come to the end of the lease, though it be slower. */
    long returnedNanos() {
        return leaseNanos + leaseNanos / DRIFT;
    }

    /** The least time between two reports. Where there are many nodes nothing is hurried, as it would be all the time. */
    long hurriedNanos(int nodes) {
        return nodes > MOST_HURRYING ? intervalNanos : intervalNanos / HURRIED;
    }
}
