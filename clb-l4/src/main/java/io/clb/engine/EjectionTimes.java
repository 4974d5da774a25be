package io.clb.engine;

/**
 * For how long servers are ejected, and how many at a time. Immutable; pure arithmetic.
 *
 * <p>Worked for 30 s and 300 s: 30, 60, 120, 240, 300, 300 s. A server that was ejected for 30 s and then for 60 s, and has been back for 59 s, would go for 120 s; after 60 s
 * for 60 s, after 90 s for 30 s.
 *
 * @param firstNanos the first time, above 0
 * @param maxNanos the longest, not below the first
 */
record EjectionTimes(long firstNanos, long maxNanos) {

    /** How long the next one lasts, after so many that are not forgiven. */
    long nanos(int unforgiven) {
        long time = firstNanos;
        for (int i = 0; i < unforgiven && time < maxNanos; i++) {
            time = Math.min(maxNanos, 2 * time);
        }
        return time;
    }

    /** How many are not forgiven, of so many before, when the server has been back for a time: the last one is forgiven when it has been back as long as it lasted. */
    int unforgiven(int before, long backNanos) {
        int left = before;
        long credit = backNanos;
        while (left > 0 && credit >= nanos(left - 1)) {
            credit -= nanos(left - 1);
            left--;
        }
        return left;
    }

    /** How many of so many servers may be ejected at a time: one at least, and not the last. */
    static int most(int servers, int percent) {
        return Math.min(servers - 1, Math.max(1, servers * percent / 100));
    }
}
