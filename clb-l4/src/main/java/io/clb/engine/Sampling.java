package io.clb.engine;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The second, and now and then the minute, that ends for all histories of a balancer at once: they share it, and the room to count in. Control only. */
final class Sampling {

    static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** From one moment to another, by the clock of loops and control. */
    record Span(long startNanos, long endNanos) {

        /** How many whole seconds it is, 1 at least. */
        long seconds() {
            return Math.max(1, (endNanos - startNanos + SECOND / 2) / SECOND);
        }
    }

    private final PackedCounts.Writer writer = new PackedCounts.Writer();
    private final long[] sums = new long[Tally.CELLS];
    private Span second;
    private @Nullable Span minute;
    private long minuteNanos;

    Sampling(long nowNanos) {
        second = new Span(nowNanos, nowNanos);
        minuteNanos = nowNanos;
    }

    /** Ends a second: it is what has passed since the one before. */
    void end(long nowNanos) {
        second = new Span(second.endNanos, nowNanos);
        boolean over = Math.floorDiv(nowNanos, MINUTE) != Math.floorDiv(minuteNanos, MINUTE);
        minute = over ? new Span(minuteNanos, nowNanos) : null;
        minuteNanos = over ? nowNanos : minuteNanos;
    }

    /** The second that has ended last. */
    Span second() {
        return second;
    }

    /** The minute that ends with it; null if none does. */
    @Nullable
    Span minute() {
        return minute;
    }

    PackedCounts.Writer writer() {
        return writer;
    }

    /** Room for one part's counters. */
    long[] sums() {
        return sums;
    }
}
