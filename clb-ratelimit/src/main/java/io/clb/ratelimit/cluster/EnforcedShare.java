package io.clb.ratelimit.cluster;

import io.clb.ratelimit.MovingLimiter;
import io.clb.ratelimit.Parts;
import io.clb.spi.Division;
import io.clb.spi.Quota;
import io.clb.spi.QuotaCoordinator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A limit that is enforced by a limiter whose share moves. */
final class EnforcedShare implements SharedLimit {

    /** A limiter wants to be moved now and then. */
    private static final long LONGEST_STILL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MovingLimiter limiter;
    private final boolean elastic;
    private final QuotaCoordinator.Meter meter;

    // written by control; read by the exchange
    private volatile Quota quota;

    // written by the exchange; read by any
    private volatile Moved moved = new Moved(false, 0, 0, 0);

    // the exchange only
    private long movedNanos;

    // control only
    private Division division;

    /** What holds since the last move. */
    private record Moved(boolean open, long parts, long untilNanos, long partsAfter) {

        boolean isStill(long wanted) {
            return !open && parts == wanted && partsAfter == wanted;
        }

        double inForce(long nowNanos) {
            if (open) {
                return Double.POSITIVE_INFINITY;
            }
            return ofTotal(untilNanos - nowNanos > 0 ? parts : partsAfter);
        }
    }

    EnforcedShare(MovingLimiter limiter, Quota quota, Division division, QuotaCoordinator.Meter meter) {
        this.limiter = limiter;
        this.quota = quota;
        this.division = division;
        this.meter = meter;
        elastic = quota.unit() == Quota.Unit.BIT;
    }

    private static double ofTotal(long parts) {
        return (double) parts / Parts.WHOLE;
    }

    /** Changes the total, if it is another one. Control only. */
    void total(Quota changed, long nowNanos) {
        if (!changed.equals(quota)) {
            limiter.total(changed.total(), changed.period(), changed.leastBurst(), nowNanos);
            quota = changed;
        }
    }

    /** Changes how it is divided; tells whether it was otherwise. Control only. */
    boolean division(Division changed) {
        boolean differs = division != changed;
        division = changed;
        return differs;
    }

    /** @param claimed what the last report said of it; null if there was none yet */
    QuotaCoordinator.Share view(ClusterView.@Nullable Share claimed, long nowNanos) {
        double inForce = moved.inForce(nowNanos);
        return claimed == null
                ? new QuotaCoordinator.Share(inForce, 0, 0, 0)
                : new QuotaCoordinator.Share(
                        inForce, ofTotal(claimed.borrowed()), ofTotal(claimed.lent()), ofTotal(claimed.demand()));
    }

    @Override
    public double totalPerSecond() {
        Quota now = quota;
        return (double) now.total() * TimeUnit.SECONDS.toNanos(1) / now.period().toNanos();
    }

    @Override
    public long admitted() {
        return meter.admitted();
    }

    @Override
    public long refused() {
        return meter.refused();
    }

    @Override
    public boolean isElastic() {
        return elastic;
    }

    /** Most limits of most nodes have what they had, without an end: that need not be said each time. */
    @Override
    public void move(long parts, long untilNanos, long partsAfter, long nowNanos) {
        if (parts == partsAfter && moved.isStill(parts) && nowNanos - movedNanos < LONGEST_STILL_NANOS) {
            return;
        }
        movedNanos = nowNanos;
        limiter.move(parts, untilNanos, partsAfter, nowNanos);
        moved = new Moved(false, parts, untilNanos, partsAfter);
    }

    @Override
    public void open() {
        limiter.open();
        moved = new Moved(true, 0, 0, 0);
    }
}
