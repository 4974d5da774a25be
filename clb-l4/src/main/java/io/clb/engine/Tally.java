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

    /** What ends some time. */
    private static final int BEGUN = RESETS + 1;

    private static final int ENDED = BEGUN + 1;
    private static final int DROPPED = ENDED + REASONS.length;

    /** Counters of which more than the last minute is kept. */
    static final int KEPT = DROPPED + REASONS.length;

    /** The buckets of latencies. */
    static final int LATENCY = KEPT;

    static final int CELLS = LATENCY + LatencyBuckets.COUNT;

    private static final int CLASSES = 4;

    private final int loops;
    private final Stripes stripes;

    // written by control; read by any thread
    private volatile @Nullable CounterHistory history;

    Tally(int loops) {
        this.loops = loops;
        stripes = new Stripes(loops, CELLS);
    }

    void count(Loop loop, Metric metric, long amount) {
        stripes.add(loop.index(), metric.ordinal(), amount);
    }

    /** Counts what is active until it is counted as ended. */
    void countBegun(Loop loop) {
        stripes.add(loop.index(), BEGUN, 1);
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

    int loops() {
        return loops;
    }

    /** How many of those that began have not ended. */
    long active() {
        // In this order, so that none ends between the two that was not seen to begin.
        long ended = stripes.sum(ALL_ENDED);
        return Math.max(0, stripes.sum(BEGUN) - ended);
    }

    /** Reads the counters that are kept, as many as there is room for. */
    void counts(long[] into) {
        stripes.sums(into);
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

    static long count(byte[] packed, Metric metric) {
        return PackedCounts.get(packed, metric.ordinal());
    }

    static long count(CounterHistory.Slice slice, Metric metric) {
        return slice.count(metric.ordinal());
    }

    static long highest(CounterHistory.Slice slice, Metric metric) {
        return slice.highest(metric.ordinal());
    }

    static long resets(byte[] packed) {
        return PackedCounts.get(packed, RESETS);
    }

    static Map<Reason, Long> ended(byte[] packed) {
        return byReason(packed, ENDED);
    }

    static Map<Reason, Long> dropped(byte[] packed) {
        return byReason(packed, DROPPED);
    }

    private static Map<Reason, Long> byReason(byte[] packed, int first) {
        Map<Reason, Long> counts = new EnumMap<>(Reason.class);
        PackedCounts.read(packed, (cell, count) -> {
            if (cell >= first && cell < first + REASONS.length) {
                counts.put(REASONS[cell - first], count);
            }
        });
        return counts;
    }
}
