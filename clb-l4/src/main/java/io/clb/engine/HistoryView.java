package io.clb.engine;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a listener's counters did, as a snapshot shows it. */
record HistoryView(List<Snapshot.Slice> seconds, List<Snapshot.Slice> minutes) implements Snapshot.History {

    /**
     * Copies a history.
     *
     * @param history null for none yet
     * @param nowNanos the clock of loops and control
     * @param now the time of day at that moment
     */
    static HistoryView of(@Nullable CounterHistory history, long nowNanos, Instant now) {
        return history == null
                ? new HistoryView(List.of(), List.of())
                : new HistoryView(
                        views(history.seconds(nowNanos), nowNanos, now),
                        views(history.minutes(nowNanos), nowNanos, now));
    }

    private static List<Snapshot.Slice> views(List<CounterHistory.Slice> slices, long nowNanos, Instant now) {
        return slices.stream()
                .<Snapshot.Slice>map(slice -> new SliceView(
                        now.minusNanos(nowNanos - slice.startNanos()).truncatedTo(ChronoUnit.MILLIS), slice))
                .toList();
    }

    private record SliceView(Instant start, CounterHistory.Slice slice) implements Snapshot.Slice {

        @Override
        public Duration length() {
            return Duration.ofNanos(slice.endNanos() - slice.startNanos());
        }

        @Override
        public long count(Snapshot.Metric metric) {
            return RunListener.count(slice.counts(), metric);
        }

        @Override
        public long highestSecond(Snapshot.Metric metric) {
            return RunListener.count(slice.highest(), metric);
        }

        @Override
        public Map<Reason, Long> ended() {
            return RunListener.ended(slice.counts());
        }
    }
}
