package io.clb.engine;

import io.clb.Snapshot.Metric;
import io.clb.spi.Reason;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is counted of a part of the balancer: a listener, a rule, a server group or a server. Each loop counts in a row of its own; anyone reads their sums. */
@SuppressWarnings("EnumOrdinal") // indices into arrays that live no longer than the enums
final class Tally {

    private static final Metric[] METRICS = Metric.values();
    private static final Reason[] REASONS = Reason.values();

    /** Of all reasons. Metrics come first, each at its number. */
    private static final int ALL_ENDED = METRICS.length;

    private static final int RESETS = ALL_ENDED + 1;
    private static final int ENDED = RESETS + 1;
    private static final int DROPPED = ENDED + REASONS.length;

    /** Counters of which more than the last minute is kept. */
    static final int KEPT = DROPPED + REASONS.length;

    /** The buckets of latencies. */
    static final int LATENCY = KEPT;

    static final int CELLS = LATENCY + LatencyBuckets.COUNT;

    private static final int CLASSES = 4;

    private final Stripes stripes;

    // written by control; read by any thread
    private volatile @Nullable CounterHistory history;

    Tally(int loops) {
        stripes = new Stripes(loops, CELLS);
    }

    void count(Loop loop, Metric metric, long amount) {
        stripes.add(loop.index(), metric.ordinal(), amount);
    }

    void countEnded(Loop loop, Reason reason) {
        stripes.add(loop.index(), ENDED + reason.ordinal(), 1);
        stripes.add(loop.index(), ALL_ENDED, 1);
    }

    void countDropped(Loop loop, Reason reason) {
        stripes.add(loop.index(), DROPPED + reason.ordinal(), 1);
        count(loop, Metric.DROPPED, 1);
    }

    void countReset(Loop loop) {
        stripes.add(loop.index(), RESETS, 1);
    }

    /**
     * Counts how a request was answered.
     *
     * @param status to the client; 0 for none
     * @param upstreamStatus the server's; 0 for none
     */
    void countStatuses(Loop loop, int status, int upstreamStatus) {
        countStatus(loop, Metric.STATUS_2XX.ordinal(), status);
        countStatus(loop, Metric.UPSTREAM_2XX.ordinal(), upstreamStatus);
    }

    private void countStatus(Loop loop, int first, int status) {
        int above = status / 100 - 2;
        if (above >= 0 && above < CLASSES) {
            stripes.add(loop.index(), first + above, 1);
        }
    }

    void countLatency(Loop loop, long nanos) {
        stripes.add(loop.index(), LATENCY + LatencyBuckets.of(nanos), 1);
    }

    long count(Metric metric) {
        return stripes.sum(metric.ordinal());
    }

    long resets() {
        return stripes.sum(RESETS);
    }

    /** How many of what a metric counts have not ended. */
    long active(Metric begun) {
        // In this order, so that none ends between the two that was not seen to begin.
        long ended = stripes.sum(ALL_ENDED);
        return Math.max(0, count(begun) - ended);
    }

    /** The counters that are kept, now. */
    long[] counts() {
        long[] counts = new long[KEPT];
        stripes.sums(counts);
        return counts;
    }

    /** Begins the history, for a part that is to have one before anything happens. Control only. */
    void begin(long nowNanos) {
        history = new CounterHistory(nowNanos);
    }

    /** Ends a second of the history; it begins with the second of the first count. Control only. */
    void sample(Sampling sampling) {
        CounterHistory sampled = history;
        if (sampled == null) {
            if (stripes.isEmpty()) {
                return;
            }
            sampled = new CounterHistory(sampling.second().startNanos());
        }
        stripes.sums(sampling.sums());
        sampled.sample(sampling.sums(), sampling);
        history = sampled;
    }

    /** What was sampled. */
    CounterHistory.Copy history(long nowNanos) {
        CounterHistory sampled = history;
        return sampled == null ? CounterHistory.Copy.NONE : sampled.copy(nowNanos);
    }

    static long count(long[] counts, Metric metric) {
        return counts[metric.ordinal()];
    }

    static long count(CounterHistory.Slice slice, Metric metric) {
        return slice.count(metric.ordinal());
    }

    static long highest(CounterHistory.Slice slice, Metric metric) {
        return slice.highest(metric.ordinal());
    }

    static Map<Reason, Long> ended(long[] counts) {
        return byReason(counts, ENDED);
    }

    static Map<Reason, Long> dropped(long[] counts) {
        return byReason(counts, DROPPED);
    }

    private static Map<Reason, Long> byReason(long[] all, int first) {
        Map<Reason, Long> counts = new EnumMap<>(Reason.class);
        for (Reason reason : REASONS) {
            put(counts, reason, all[first + reason.ordinal()]);
        }
        return counts;
    }

    static Map<Reason, Long> ended(CounterHistory.Slice slice) {
        Map<Reason, Long> counts = new EnumMap<>(Reason.class);
        PackedCounts.read(slice.packed(), (cell, count) -> {
            if (cell >= ENDED && cell < DROPPED) {
                put(counts, REASONS[cell - ENDED], count);
            }
        });
        return counts;
    }

    private static void put(Map<Reason, Long> counts, Reason reason, long count) {
        if (count > 0) {
            counts.put(reason, count);
        }
    }
}
