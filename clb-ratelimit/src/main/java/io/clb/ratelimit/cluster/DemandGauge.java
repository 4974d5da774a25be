package io.clb.ratelimit.cluster;

import io.clb.ratelimit.Parts;
import java.util.concurrent.TimeUnit;

/** Finds out how much of a total is wanted on this node: the more of what was in the last two intervals, and some more, as what comes at random is uneven. */
final class DemandGauge {

    private static final double HEADROOM = 1.25;

    /** Of few, so many more may come by chance. */
    private static final double MORE_BY_CHANCE = 2;

    private final SharedLimit limit;

    private long measuredNanos;
    private long admitted;
    private long refused;
    private long before;

    DemandGauge(SharedLimit limit, long nowNanos) {
        this.limit = limit;
        measuredNanos = nowNanos;
        admitted = limit.admitted();
        refused = limit.refused();
    }

    /** In parts, 0 to {@link Parts#WHOLE}. */
    long measure(long nowNanos) {
        double seconds = (double) Math.max(1, nowNanos - measuredNanos) / TimeUnit.SECONDS.toNanos(1);
        long taken = limit.admitted() - admitted;
        long denied = limit.refused() - refused;
        measuredNanos = nowNanos;
        admitted += taken;
        refused += denied;
        long now = denied > 0 && limit.isElastic() ? Parts.WHOLE : parts(taken + denied, seconds);
        long wanted = Math.max(now, before);
        before = now;
        return wanted;
    }

    private long parts(long permits, double seconds) {
        if (permits <= 0) {
            return 0;
        }
        double wanted = (permits * HEADROOM + MORE_BY_CHANCE) / seconds / limit.totalPerSecond();
        return (long) (Math.min(1, wanted) * Parts.WHOLE);
    }
}
