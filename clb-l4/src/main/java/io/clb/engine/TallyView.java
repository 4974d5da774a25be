package io.clb.engine;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import java.time.Instant;
import java.util.Map;

/** What was counted of a part, as a snapshot shows it. */
@SuppressWarnings("ArrayRecordComponent") // no two are compared
record TallyView(byte[] packed, Snapshot.History history, Snapshot.Latency latency) implements Snapshot.Part {

    /** Reads tallies, one after the other, for one snapshot. */
    static final class Reading {

        private final long[] sums = new long[Tally.KEPT];
        private final PackedCounts.Writer writer = new PackedCounts.Writer();
        private final long nowNanos;
        private final Instant now;

        /**
         * Begins.
         *
         * @param nowNanos the clock of loops and control
         * @param now the time of day at that moment
         */
        Reading(long nowNanos, Instant now) {
            this.nowNanos = nowNanos;
            this.now = now;
        }

        TallyView of(Tally tally) {
            CounterHistory.Copy history = tally.history(nowNanos);
            tally.counts(sums);
            return new TallyView(writer.pack(sums), new HistoryView(history, nowNanos, now), new LatencyView(history));
        }
    }

    @Override
    public long count(Snapshot.Metric metric) {
        return Tally.count(packed, metric);
    }

    @Override
    public Map<Reason, Long> ended() {
        return Tally.ended(packed);
    }

    Map<Reason, Long> dropped() {
        return Tally.dropped(packed);
    }

    long resets() {
        return Tally.resets(packed);
    }
}
