package io.clb.bench.sim;

import java.util.Arrays;

/** Nanoseconds, all of them kept: percentiles are exact. */
final class Durations {

    private long[] nanos = new long[1_024];
    private int count;

    void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = duration;
    }

    void clear() {
        count = 0;
    }

    /** The least that so many of a hundred do not exceed; 0 if there is none. */
    long percentile(int of100) {
        Arrays.sort(nanos, 0, count);
        return count == 0 ? 0 : nanos[(int) (((long) count * of100 + 99) / 100) - 1];
    }
}
