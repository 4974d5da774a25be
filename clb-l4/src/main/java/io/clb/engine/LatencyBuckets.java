package io.clb.engine;

import java.util.concurrent.TimeUnit;

/**
 * How a length of time becomes one of few numbers: eight to each doubling, so that the middle of a bucket is within a sixteenth of whatever is in it (log-linear, as in HdrHistogram). What is below 1,024 ns
 * is in the first, what is above 4.8 hours in the last.
 */
final class LatencyBuckets {

    /** Two to this is how many a doubling has. */
    private static final int STEP_BITS = 3;

    private static final int STEPS = 1 << STEP_BITS;

    /** Below two to this, in nanoseconds, times are not told apart. */
    private static final int FLOOR_BITS = 10;

    /** From two to this on neither. */
    private static final int CEILING_BITS = 44;

    static final int COUNT = 1 + (CEILING_BITS - FLOOR_BITS) * STEPS;

    private LatencyBuckets() {}

    /** The bucket of a time, in nanoseconds. */
    static int of(long nanos) {
        if (nanos < 1L << FLOOR_BITS) {
            return 0;
        }
        if (nanos >= 1L << CEILING_BITS) {
            return COUNT - 1;
        }
        int bits = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        int step = (int) (nanos >> (bits - STEP_BITS)) & (STEPS - 1);
        return 1 + (bits - FLOOR_BITS) * STEPS + step;
    }

    /** The middle of a bucket, in nanoseconds. */
    static long nanos(int bucket) {
        if (bucket == 0) {
            return TimeUnit.MICROSECONDS.toNanos(1) / 2;
        }
        int bits = FLOOR_BITS + (bucket - 1) / STEPS;
        long width = 1L << (bits - STEP_BITS);
        return (STEPS + (bucket - 1) % STEPS) * width + width / 2;
    }
}
