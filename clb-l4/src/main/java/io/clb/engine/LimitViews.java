package io.clb.engine;

import io.clb.Limit;
import io.clb.Snapshot;
import io.clb.spi.QuotaCoordinator;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits as a snapshot shows them.
 *
 * @param nowNanos the clock of loops and control
 * @param now the time of day at that moment
 * @param cluster whose nodes divide totals by talking to each other; null if they do not
 */
record LimitViews(long nowNanos, Instant now, @Nullable RunCluster cluster) {

    /** A limit that is lifted. */
    private static final String OPEN = "open";

    /** What is shown of a share that moves. */
    private static final int DECIMALS = 3;

    private static final QuotaCoordinator.Share NO_MOVES = new QuotaCoordinator.Share(0, 0, 0, 0);

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
        String name = limit.sharedName();
        QuotaCoordinator.Share share = name == null || cluster == null ? NO_MOVES : cluster.share(name, nowNanos);
        return new View(
                limit.limit().kind(),
                limit.id().toString(),
                limit.quota().total(),
                limit.quota().period(),
                limit.quota().nodes(),
                limit.limit().division().toString(),
                name == null ? limit.fraction() : decimal(limit, share.inForce()),
                name == null ? limit.enforced() : limit.enforced(share.inForce()),
                (long) (limit.total() * share.borrowed()),
                (long) (limit.total() * share.lent()),
                (long) (limit.total() * share.wanted()),
                meter.lastSecond(nowNanos),
                meter.dropped(),
                meter.putOff(),
                limit.sharedKeys(),
                List.copyOf(history));
    }

    /** What is in force of a total that is divided by talk. */
    private static String decimal(RunLimit limit, double inForce) {
        if (Double.isInfinite(inForce)) {
            return OPEN;
        }
        return BigDecimal.valueOf(limit.total() * inForce)
                .setScale(DECIMALS, RoundingMode.DOWN)
                .stripTrailingZeros()
                .toPlainString();
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
            long borrowed,
            long lent,
            long wanted,
            long used,
            long dropped,
            long putOff,
            long sharedKeys,
            List<Snapshot.EnforcedLimit.BittenSecond> history)
            implements Snapshot.EnforcedLimit {}

    private record Bitten(Instant start, long count) implements Snapshot.EnforcedLimit.BittenSecond {}
}
