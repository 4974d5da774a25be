package io.clb.engine;

import io.clb.Snapshot;
import java.time.Duration;

/** How long things took, as a snapshot shows it: read from what was sampled when it is asked for. */
record LatencyView(CounterHistory.Copy history) implements Snapshot.Latency {

    private static final int SHORT_SECONDS = 10;
    private static final int LONG_SECONDS = 60;
    private static final int ALL_PERCENT = 100;

    @Override
    public Snapshot.LatencyWindow lastTenSeconds() {
        return window(SHORT_SECONDS);
    }

    @Override
    public Snapshot.LatencyWindow lastMinute() {
        return window(LONG_SECONDS);
    }

    private Snapshot.LatencyWindow window(int seconds) {
        long[] buckets = new long[LatencyBuckets.COUNT];
        for (CounterHistory.Slice second : history.seconds(seconds)) {
            PackedCounts.read(second.packed(), (cell, count) -> {
                if (cell >= Tally.LATENCY) {
                    buckets[cell - Tally.LATENCY] += count;
                }
            });
        }
        return Window.of(buckets);
    }

    /** What was measured in some seconds. */
    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    record Window(long[] buckets, long count) implements Snapshot.LatencyWindow {

        static Window of(long[] buckets) {
            long count = 0;
            for (long in : buckets) {
                count += in;
            }
            return new Window(buckets, count);
        }

        @Override
        public Duration percentile(double percent) {
            if (!(percent > 0 && percent <= ALL_PERCENT)) {
                throw new IllegalArgumentException("percent: " + percent + " (expected: above 0, up to 100)");
            }
            long rank = Math.max(1, (long) Math.ceil(percent / ALL_PERCENT * count));
            long seen = 0;
            for (int bucket = 0; bucket < buckets.length; bucket++) {
                seen += buckets[bucket];
                if (seen >= rank) {
                    return Duration.ofNanos(LatencyBuckets.nanos(bucket));
                }
            }
            return Duration.ZERO;
        }
    }
}
