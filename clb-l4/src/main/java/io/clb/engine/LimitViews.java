package io.clb.engine;

import io.clb.Limit;
import io.clb.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Limits as a snapshot shows them.
 *
 * @param nowNanos the clock of loops and control
 * @param now the time of day at that moment
 */
record LimitViews(long nowNanos, Instant now) {

    /** {@code total / (N - 1)} for each. */
    private static final String EVEN = "even";

    List<Snapshot.EnforcedLimit> of(List<RunLimit> limits) {
        return limits.stream().map(this::of).toList();
    }

    Map<String, List<Snapshot.EnforcedLimit>> ofRules(Map<String, List<RunLimit>> rules) {
        Map<String, List<Snapshot.EnforcedLimit>> views = new LinkedHashMap<>();
        rules.forEach((name, limits) -> views.put(name, of(limits)));
        return views;
    }

    private Snapshot.EnforcedLimit of(RunLimit limit) {
        LimitMeter meter = limit.meter();
        List<Snapshot.EnforcedLimit.BittenSecond> history = new ArrayList<>();
        meter.history(nowNanos)
                .forEach((ago, count) ->
                        history.add(new Bitten(now.minusNanos(ago).truncatedTo(ChronoUnit.MILLIS), count)));
        return new View(
                limit.limit().kind(),
                limit.id().toString(),
                limit.quota().total(),
                limit.quota().period(),
                limit.quota().nodes(),
                EVEN,
                limit.fraction(),
                limit.enforced(),
                meter.lastSecond(nowNanos),
                meter.refused(),
                meter.putOff(),
                limit.sharedKeys(),
                List.copyOf(history));
    }

    private record View(
            Limit.Kind kind,
            String name,
            long total,
            Duration period,
            int nodes,
            String mode,
            String share,
            String enforced,
            long used,
            long dropped,
            long putOff,
            long sharedKeys,
            List<Snapshot.EnforcedLimit.BittenSecond> history)
            implements Snapshot.EnforcedLimit {}

    private record Bitten(Instant start, long count) implements Snapshot.EnforcedLimit.BittenSecond {}
}
