package io.clb.ratelimit;

import io.clb.contract.RateLimiterContract;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A limiter whose share stays as it is does what every limiter must. */
class MovingContractTest extends RateLimiterContract {

    @Override
    protected RateLimiterFactory factory() {
        return new MovingLimiters();
    }

    /** The whole of what is a node's share: the parts of a third are no third, to the nanosecond. */
    private static final class MovingLimiters implements RateLimiterFactory {

        private final RateLimiterFactory gcra = new GcraLimiters();

        @Override
        public String name() {
            return "moving";
        }

        @Override
        public RateLimiter create(Quota quota, int loops, long nowNanos, @Nullable RateLimiter previous) {
            gcra.create(quota, loops, nowNanos, null);
            Share share = Share.of(quota.total(), quota.period(), quota.nodes());
            Duration period = Duration.ofSeconds(share.seconds());
            MovingLimiter limiter =
                    new MovingLimiter(share.permits(), period, quota.leastBurst(), Parts.WHOLE, nowNanos);
            if (previous != null) {
                long burst = most(limiter, nowNanos);
                long spent = burst - Math.min(burst, most(previous, nowNanos));
                if (spent > 0) {
                    limiter.tryAcquire(spent, nowNanos);
                }
            }
            return limiter;
        }

        /** What could be taken at once. */
        private static long most(RateLimiter limiter, long nowNanos) {
            long permits = 0;
            while (limiter.peek(permits + 1, nowNanos) == 0) {
                permits++;
            }
            return permits;
        }

        @Override
        public KeyedRateLimiter createKeyed(Quota quota, int keys, long nowNanos, @Nullable KeyedRateLimiter previous) {
            return gcra.createKeyed(quota, keys, nowNanos, previous);
        }

        @Override
        public String enforced(Quota quota) {
            return gcra.enforced(quota);
        }
    }
}
