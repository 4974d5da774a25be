package io.clb.ratelimit;

import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives each limit a {@link GcraLimiter}, or one of its kind for each key, for this node's {@link Share}. Found by the engine through the service loader.
 */
public final class GcraLimiters implements RateLimiterFactory {

    /** For the service loader. */
    public GcraLimiters() {}

    @Override
    public String name() {
        return "gcra";
    }

    @Override
    public RateLimiter create(Quota quota, int loops, long nowNanos, @Nullable RateLimiter previous) {
        if (loops < 1) {
            throw new IllegalArgumentException("loops: " + loops + " (expected: 1 or more)");
        }
        // Bits are taken by the thousand: one atomic instruction for each read does not matter.
        int leasing = quota.unit() == Quota.Unit.FLOW ? loops : 0;
        GcraLimiter before = previous instanceof GcraLimiter limiter ? limiter : null;
        return new GcraLimiter(share(quota), quota.leastBurst(), leasing, nowNanos, before);
    }

    @Override
    public KeyedRateLimiter createKeyed(Quota quota, int keys, long nowNanos, @Nullable KeyedRateLimiter previous) {
        KeyedGcra before = previous instanceof KeyedGcra limiter ? limiter : null;
        return new KeyedGcra(share(quota), quota.leastBurst(), keys, nowNanos, before);
    }

    @Override
    public String enforced(Quota quota) {
        return quota.unit() == Quota.Unit.BIT
                ? share(quota).displayBits()
                : share(quota).display();
    }

    private static Share share(Quota quota) {
        return Share.of(quota.total(), quota.period(), quota.nodes());
    }
}
