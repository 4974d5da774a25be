package io.clb.ratelimit;

import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import org.jspecify.annotations.Nullable;

/** Gives each limit a {@link GcraLimiter} for this node's {@link Share}. Found by the engine through the service loader. */
public final class GcraLimiters implements RateLimiterFactory {

    /** For the service loader. */
    public GcraLimiters() {}

    @Override
    public String name() {
        return "gcra";
    }

    @Override
    public RateLimiter create(Quota quota, long nowNanos, @Nullable RateLimiter previous) {
        GcraLimiter limiter = new GcraLimiter(share(quota), quota.leastBurst(), nowNanos);
        return previous instanceof GcraLimiter before ? limiter.after(before, nowNanos) : limiter;
    }

    @Override
    public String enforced(Quota quota) {
        return share(quota).display();
    }

    private static Share share(Quota quota) {
        return Share.of(quota.total(), quota.period(), quota.nodes());
    }
}
