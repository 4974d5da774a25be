package io.clb.engine;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import java.time.Instant;
import java.util.Map;

/** What was counted of a part, as a snapshot shows it. */
@SuppressWarnings("ArrayRecordComponent") // no two are compared
record TallyView(long[] counts, Snapshot.History history, Snapshot.Latency latency) implements Snapshot.Part {

    /**
     * Reads what there is.
     *
     * @param nowNanos the clock of loops and control
     * @param now the time of day at that moment
     */
    static TallyView of(Tally tally, long nowNanos, Instant now) {
        CounterHistory.Copy history = tally.history(nowNanos);
        return new TallyView(tally.counts(), new HistoryView(history, nowNanos, now), new LatencyView(history));
    }

    @Override
    public long count(Snapshot.Metric metric) {
        return Tally.count(counts, metric);
    }

    @Override
    public Map<Reason, Long> ended() {
        return Tally.ended(counts);
    }

    Map<Reason, Long> dropped() {
        return Tally.dropped(counts);
    }
}
