package io.clb.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What counters did in the last minute, second by second, and in the last hour, minute by minute. Control samples it once a second; any thread may read it, which then keeps control for as long as it takes
 * to copy, and no loop.
 */
final class CounterHistory {

    /** Seconds of a minute, minutes of an hour. */
    private static final int SLICES = 60;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MINUTE = SLICES * SECOND;

    /**
     * A second or a minute.
     *
     * @param startNanos when it began
     * @param endNanos when it ended
     * @param counts of each counter
     * @param highest of each counter, the most in a second
     */
    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    record Slice(long startNanos, long endNanos, long[] counts, long[] highest) {}

    private final @Nullable Slice[] seconds = new Slice[SLICES];
    private final @Nullable Slice[] minutes = new Slice[SLICES];

    private long[] totals;
    private long sampledNanos;
    private int nextSecond;
    private int nextMinute;

    // the minute that has begun
    private long minuteNanos;
    private final long[] minuteCounts;
    private final long[] minuteHighest;

    /**
     * Begins.
     *
     * @param totals the counters as they are
     */
    CounterHistory(long[] totals, long nowNanos) {
        this.totals = totals.clone();
        this.sampledNanos = nowNanos;
        this.minuteNanos = nowNanos;
        this.minuteCounts = new long[totals.length];
        this.minuteHighest = new long[totals.length];
    }

    /**
     * Ends a second.
     *
     * @param now the counters as they are
     */
    synchronized void sample(long[] now, long nowNanos) {
        long length = nowNanos - sampledNanos;
        if (length <= 0) {
            return;
        }
        long[] counts = new long[now.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = now[i] - totals[i];
        }
        // After a pause nobody knows which second it was: each may have had its part.
        long whole = Math.max(1, (length + SECOND / 2) / SECOND);
        long[] highest = counts.clone();
        for (int i = 0; i < highest.length; i++) {
            highest[i] = -Math.floorDiv(-highest[i], whole);
            minuteCounts[i] += counts[i];
            minuteHighest[i] = Math.max(minuteHighest[i], highest[i]);
        }
        seconds[nextSecond] = new Slice(sampledNanos, nowNanos, counts, highest);
        nextSecond = (nextSecond + 1) % SLICES;
        totals = now.clone();
        sampledNanos = nowNanos;
        if (Math.floorDiv(nowNanos, MINUTE) != Math.floorDiv(minuteNanos, MINUTE)) {
            endMinute(nowNanos);
        }
    }

    private void endMinute(long nowNanos) {
        minutes[nextMinute] = new Slice(minuteNanos, nowNanos, minuteCounts.clone(), minuteHighest.clone());
        nextMinute = (nextMinute + 1) % SLICES;
        minuteNanos = nowNanos;
        Arrays.fill(minuteCounts, 0);
        Arrays.fill(minuteHighest, 0);
    }

    /** The last full seconds, the oldest first. */
    synchronized List<Slice> seconds(long nowNanos) {
        return since(nowNanos - MINUTE - SECOND, seconds, nextSecond);
    }

    /** The last full minutes, the oldest first. */
    synchronized List<Slice> minutes(long nowNanos) {
        return since(nowNanos - SLICES * MINUTE - MINUTE, minutes, nextMinute);
    }

    private static List<Slice> since(long nanos, @Nullable Slice[] ring, int oldest) {
        List<Slice> found = new ArrayList<>(SLICES);
        for (int i = 0; i < SLICES; i++) {
            Slice slice = ring[(oldest + i) % SLICES];
            if (slice != null && slice.startNanos - nanos >= 0) {
                found.add(slice);
            }
        }
        return found;
    }
}
