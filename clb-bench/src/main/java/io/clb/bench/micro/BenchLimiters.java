package io.clb.bench.micro;

import com.google.common.util.concurrent.RateLimiter;
import io.clb.ratelimit.GcraLimiters;
import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;

/** Limiters by name: ours, and others as they are shipped, which read a clock of their own. */
final class BenchLimiters {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A power of two, so that finding the next client costs nothing. */
    private static final int CLIENTS = 1 << 20;

    private BenchLimiters() {}

    /**
     * Makes a limiter.
     *
     * @param name one of the names of {@link TryAcquireBenchmark}
     * @param total permits a second, 1 to 1,000,000,000
     * @param loops how many loops will ask
     * @return for each loop what takes one permit, at a time that it is told, and returns whether it got it
     */
    static IntFunction<LongPredicate> find(String name, int total, int loops) {
        return switch (name) {
            case "gcra" -> {
                io.clb.spi.RateLimiter limiter =
                        new GcraLimiters().create(quota(total), loops, System.nanoTime(), null);
                yield loop -> now -> limiter.tryAcquire(1, now) == 0;
            }
            case "gcra/loop" -> {
                io.clb.spi.RateLimiter limiter =
                        new GcraLimiters().create(quota(total), loops, System.nanoTime(), null);
                yield loop -> {
                    io.clb.spi.RateLimiter view = limiter.onLoop(loop);
                    return now -> view.tryAcquire(1, now) == 0;
                };
            }
            case "keyed" -> {
                KeyedRateLimiter limiter =
                        new GcraLimiters().createKeyed(quota(total), 2 * CLIENTS, System.nanoTime(), null);
                long[] keys = new SplittableRandom(1).longs(CLIENTS).toArray();
                yield loop -> new Clients(limiter, keys, loop * (CLIENTS / 2));
            }
            case "peer:bucket4j" -> {
                Bucket bucket = Bucket.builder()
                        .addLimit(
                                limit -> limit.capacity(Math.max(1, total / 10)).refillGreedy(total, SECOND))
                        .build();
                yield loop -> now -> bucket.tryConsume(1);
            }
            case "peer:guava" -> {
                RateLimiter limiter = RateLimiter.create(total);
                yield loop -> now -> limiter.tryAcquire();
            }
            case "peer:resilience4j" -> {
                RateLimiterConfig config = RateLimiterConfig.custom()
                        .limitForPeriod(Math.max(1, total / 10))
                        .limitRefreshPeriod(total < 10 ? SECOND.dividedBy(total) : SECOND.dividedBy(10))
                        .timeoutDuration(Duration.ZERO)
                        .build();
                io.github.resilience4j.ratelimiter.RateLimiter limiter =
                        io.github.resilience4j.ratelimiter.RateLimiter.of("peer", config);
                yield loop -> now -> limiter.acquirePermission();
            }
            default ->
                throw new IllegalArgumentException("limiter: " + name + " (expected: a name of TryAcquireBenchmark)");
        };
    }

    private static Quota quota(long total) {
        return new Quota(total, SECOND, 1, 1, Quota.Unit.FLOW);
    }

    /** A million clients in turn. One loop's. */
    private static final class Clients implements LongPredicate {

        private final KeyedRateLimiter limiter;
        private final long[] keys;
        private int next;

        Clients(KeyedRateLimiter limiter, long[] keys, int first) {
            this.limiter = limiter;
            this.keys = keys;
            next = first;
        }

        @Override
        public boolean test(long now) {
            return limiter.tryAcquire(keys[next++ & (CLIENTS - 1)], now) == 0;
        }
    }
}
