package io.clb.engine;

import io.clb.engine.Sampling.Span;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the counters of a part did in the last minute, second by second, and in the last hour, minute by minute. Control samples it once a second; any thread may read it, which then keeps control for as long as it
 * takes to copy references, and no loop.
 *
 * <p>What was counted is kept packed, so that a second or minute takes room by what happened in it.
 */
final class CounterHistory {

    /** Seconds of a minute, minutes of an hour. */
    private static final int SLICES = 60;

    /** Where the highest seconds of a minute are: so far behind its counts. */
    private static final int HIGHEST = Tally.KEPT;

    /**
     * A second or a minute.
     *
     * @param packed its counts; of a minute the highest seconds too
     */
    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    record Slice(Span span, byte[] packed, boolean isMinute) {

        long count(int cell) {
            return PackedCounts.get(packed, cell);
        }

        /** The most in a second. After a pause nobody knows which second it was: each may have had its part. */
        long highest(int cell) {
            return isMinute ? PackedCounts.get(packed, HIGHEST + cell) : each(count(cell), span);
        }
    }

    /** The last slices, the oldest of which gives way to the next. */
    private static final class Ring {

        private final @Nullable Span[] spans;
        private final byte[] @Nullable [] packed;
        private int next;

        Ring() {
            spans = new Span[SLICES];
            packed = new byte[SLICES][];
        }

        Ring(Ring copied) {
            spans = copied.spans.clone();
            packed = copied.packed.clone();
            next = copied.next;
        }

        void add(Span span, byte[] counts) {
            spans[next] = span;
            packed[next] = counts;
            next = (next + 1) % SLICES;
        }

        /** Those that began later than that, the oldest first. */
        List<Slice> after(long nanos, boolean minutes) {
            List<Slice> found = new ArrayList<>(SLICES);
            for (int i = 0; i < SLICES; i++) {
                Span span = spans[(next + i) % SLICES];
                byte[] counts = packed[(next + i) % SLICES];
                if (span != null && counts != null && span.startNanos() - nanos > 0) {
                    found.add(new Slice(span, counts, minutes));
                }
            }
            return found;
        }
    }

    private final Ring seconds = new Ring();
    private final Ring minutes = new Ring();
    private final SparseLongs totals = new SparseLongs(Tally.CELLS);
    private long sampledNanos;

    // the minute that has begun
    private long minuteNanos;
    private final SparseLongs minuteCounts = new SparseLongs(Tally.KEPT);
    private final SparseLongs minuteHighest = new SparseLongs(Tally.KEPT);

    /** Begins, with all counters at 0. */
    CounterHistory(long nowNanos) {
        sampledNanos = nowNanos;
        minuteNanos = nowNanos;
    }

    private static long each(long count, Span span) {
        return -Math.floorDiv(-count, span.seconds());
    }

    /**
     * Ends a second.
     *
     * @param now the counters as they are, some or all
     */
    synchronized void sample(long[] now, Sampling sampling) {
        Span second = since(sampledNanos, sampling.second());
        if (second.endNanos() - second.startNanos() <= 0) {
            return;
        }
        PackedCounts.Writer writer = sampling.writer();
        for (int cell = 0; cell < now.length; cell++) {
            long count = now[cell] - totals.get(cell);
            if (count > 0) {
                totals.set(cell, now[cell]);
                writer.add(cell, count);
                if (cell < Tally.KEPT) {
                    minuteCounts.set(cell, minuteCounts.get(cell) + count);
                    minuteHighest.set(cell, Math.max(minuteHighest.get(cell), each(count, second)));
                }
            }
        }
        seconds.add(second, writer.end());
        sampledNanos = second.endNanos();
        Span minute = sampling.minute();
        if (minute != null) {
            endMinute(since(minuteNanos, minute), writer);
        }
    }

    /** What all histories share, or less where this one began later. */
    private static Span since(long startNanos, Span shared) {
        return shared.startNanos() == startNanos ? shared : new Span(startNanos, shared.endNanos());
    }

    private void endMinute(Span minute, PackedCounts.Writer writer) {
        write(minuteCounts, 0, writer);
        write(minuteHighest, HIGHEST, writer);
        minutes.add(minute, writer.end());
        minuteNanos = minute.endNanos();
        minuteCounts.clear();
        minuteHighest.clear();
    }

    private static void write(SparseLongs counts, int first, PackedCounts.Writer writer) {
        for (int cell = 0; cell < Tally.KEPT; cell++) {
            long count = counts.get(cell);
            if (count > 0) {
                writer.add(first + cell, count);
            }
        }
    }

    /** What is known now, for whoever reads it later. */
    synchronized Copy copy(long nowNanos) {
        return new Copy(new Ring(seconds), new Ring(minutes), nowNanos);
    }

    /** What was known at a moment. Immutable. */
    static final class Copy {

        /** Of a part that has none yet. */
        static final Copy NONE = new Copy(new Ring(), new Ring(), 0);

        private final Ring seconds;
        private final Ring minutes;
        private final long nowNanos;

        private Copy(Ring seconds, Ring minutes, long nowNanos) {
            this.seconds = seconds;
            this.minutes = minutes;
            this.nowNanos = nowNanos;
        }

        /** The last full seconds, the oldest first. */
        List<Slice> seconds() {
            return seconds(SLICES);
        }

        /** So many of them. */
        List<Slice> seconds(int most) {
            return seconds.after(nowNanos - (most + 1) * Sampling.SECOND, false);
        }

        /** The last full minutes, the oldest first. */
        List<Slice> minutes() {
            return minutes.after(nowNanos - (SLICES + 1) * Sampling.MINUTE, true);
        }
    }
}
