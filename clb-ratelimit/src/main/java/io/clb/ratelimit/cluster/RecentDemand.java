package io.clb.ratelimit.cluster;

import io.clb.ratelimit.Parts;
import java.util.concurrent.TimeUnit;

/**
 * Finds out how much of a total is wanted on this node: what came in the last interval, looked at four times in it. Where the total is small, so that an interval may pass
 * without anybody though it is wanted, more that was wanted before is forgotten slowly.
 */
final class RecentDemand {

    private static final int LOOKS = 4;
    private static final int KEPT = LOOKS + 1;

    /** More than came, as demand that grows has to be seen. */
    private static final double HEADROOM = 1.1;

    /** What was wanted is forgotten in the time in which the total earns so many permits, or in a second; not measured. */
    private static final double REMEMBERED_PERMITS = 4;

    private final SharedLimit limit;
    private final long[] nanos = new long[KEPT];
    private final long[] taken = new long[KEPT];
    private final long[] denied = new long[KEPT];
    private int last;
    private double wanted;

    RecentDemand(SharedLimit limit, long nowNanos) {
        this.limit = limit;
        for (int i = 0; i < KEPT; i++) {
            note(i, nowNanos);
        }
    }

    private void note(int place, long nowNanos) {
        nanos[place] = nowNanos;
        taken[place] = limit.admitted();
        denied[place] = limit.refused();
    }

    /** Looks at the counters, unless it did so just now. */
    void look(long nowNanos, long turnNanos) {
        long passed = nowNanos - nanos[last];
        if (passed > turnNanos / 2) {
            last = (last + 1) % KEPT;
            note(last, nowNanos);
            double seconds = Math.min(1, REMEMBERED_PERMITS / limit.totalPerSecond());
            wanted = Math.max(recent(), wanted * Math.exp(-passed / seconds / TimeUnit.SECONDS.toNanos(1)));
        }
    }

    /** In parts, 0 to {@link Parts#WHOLE}. */
    long parts() {
        return (long) (wanted * Parts.WHOLE);
    }

    /** As a part of the total, 1 at most. */
    private double recent() {
        int first = (last + 1) % KEPT;
        long refused = denied[last] - denied[first];
        if (refused > 0 && limit.isElastic()) {
            return 1;
        }
        double permits = taken[last] - taken[first] + (double) refused;
        if (permits <= 0) {
            return 0;
        }
        double seconds = (double) Math.max(1, nanos[last] - nanos[first]) / TimeUnit.SECONDS.toNanos(1);
        // as many more as come by chance
        return Math.min(1, (permits * HEADROOM + Math.sqrt(permits)) / seconds / limit.totalPerSecond());
    }
}
