package io.clb.schedule;

/**
 * How long one server takes, as a peak-sensitive moving average: a longer time counts at once, a shorter one by how long ago the last was, and
 * all of it fades while nothing is heard. Told and asked by any loop.
 *
 * <p>One word holds both the average (a float, in nanoseconds, in the upper half) and when it was told (in units of 2^20 ns, about a
 * millisecond, in the lower half, wrapping after 52 days), so one compare-and-set changes both. 0 is a server of which nothing is known.
 */
final class Latency extends PaddedWord {

    /** What {@link #nanos} says of a server that no flow has left yet. */
    static final float UNKNOWN = -1;

    private static final int TICK_BITS = 20;

    /** Ticks by which another loop's clock may be ahead. */
    private static final int SKEW = 1 << 20;

    /**
     * Takes in how long a flow took.
     *
     * @param durationNanos 0 or more
     * @param decayNanos in which an average fades to 1/e
     */
    void told(long durationNanos, long nowNanos, float decayNanos) {
        float sample = Math.max(1, durationNanos);
        int now = tick(nowNanos);
        long seen;
        long changed;
        do {
            seen = (long) WORD.getOpaque(this);
            float average = average(seen);
            int since = since(seen, now);
            float kept = sample >= average ? 0 : remains(since, decayNanos);
            // A shorter time within the same tick would count for nothing.
            if (kept == 1) {
                return;
            }
            changed = word(sample + (average - sample) * kept, seen != 0 && since < 0 ? (int) seen : now);
        } while (!WORD.weakCompareAndSetRelease(this, seen, changed));
    }

    /** Returns the average as it has faded by now, 0 or more; {@link #UNKNOWN} before the first flow. */
    float nanos(long nowNanos, float decayNanos) {
        long seen = (long) WORD.getOpaque(this);
        return seen == 0 ? UNKNOWN : average(seen) * remains(since(seen, tick(nowNanos)), decayNanos);
    }

    private static long word(float average, int tick) {
        return ((long) Float.floatToRawIntBits(average) << Integer.SIZE) | Integer.toUnsignedLong(tick);
    }

    private static float average(long word) {
        return Float.intBitsToFloat((int) (word >>> Integer.SIZE));
    }

    private static int tick(long nowNanos) {
        return (int) (nowNanos >> TICK_BITS);
    }

    /** Ticks from the word to now: below 0 only by the little that clocks of two loops differ. What is long ago stays so when ticks wrap. */
    private static int since(long word, int now) {
        int since = now - (int) word;
        return since < -SKEW ? Integer.MAX_VALUE : since;
    }

    private static float remains(int ticks, float decayNanos) {
        return ticks <= 0 ? 1 : (float) Math.exp(-((float) ticks * (1 << TICK_BITS)) / decayNanos);
    }
}
