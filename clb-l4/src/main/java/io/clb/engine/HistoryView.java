package io.clb.engine;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * What a part's counters did, as a snapshot shows it: read from what was sampled when it is asked for.
 *
 * @param nowNanos the clock of loops and control
 * @param now the time of day at that moment
 */
record HistoryView(CounterHistory.Copy history, long nowNanos, Instant now) implements Snapshot.History {

    @Override
    public List<Snapshot.Slice> seconds() {
        return views(history.seconds());
    }

    @Override
    public List<Snapshot.Slice> minutes() {
        return views(history.minutes());
    }

    private List<Snapshot.Slice> views(List<CounterHistory.Slice> slices) {
        return slices.stream()
                .<Snapshot.Slice>map(slice -> new SliceView(
                        now.minusNanos(nowNanos - slice.span().startNanos()).truncatedTo(ChronoUnit.MILLIS), slice))
                .toList();
    }

    private record SliceView(Instant start, CounterHistory.Slice slice) implements Snapshot.Slice {

        @Override
        public Duration length() {
            return Duration.ofNanos(slice.span().endNanos() - slice.span().startNanos());
        }

        @Override
        public long count(Snapshot.Metric metric) {
            return Tally.count(slice, metric);
        }

        @Override
        public long highestSecond(Snapshot.Metric metric) {
            return Tally.highest(slice, metric);
        }

        @Override
        public Map<Reason, Long> ended() {
            return Tally.ended(slice.packed());
        }

        @Override
        public Map<Reason, Long> dropped() {
            return Tally.dropped(slice.packed());
        }
    }
}
