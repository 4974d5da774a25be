package io.clb.ratelimit;

import static java.util.Objects.requireNonNull;

import io.clb.spi.RateLimiter;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Lets a share through, never more and at most 1 ppm less: the generic cell rate algorithm [1] on one word.
 *
 * <p>The word is the time at which all permits taken so far will have been earned. Each permit moves it on by its cost, and it may run ahead
 * of the clock by the burst: 100 ms of the share, or what must fit at once if that is more. Where it has fallen behind the clock, it starts
 * from the clock. So in any window no more than the share of it and one burst are taken.
 *
 * <p>A permit may cost less than a nanosecond, or a number that is not whole. Time is therefore counted in ticks, as few to a nanosecond as
 * make the cost of a permit whole, or at most half a ppm more than it is: 1 in nearly all limits (1,000 permits in 7 s cost 7,000,000 ns
 * each), 100 at 100 Gbit/s, 2,000,000 at worst. The other half ppm is for waits, which are rounded up to whole nanoseconds.
 *
 * <p>Ticks wrap as the clock does, though sooner, at worst after 2.5 hours. A word that is ahead by more than the burst and what the clocks
 * of two loops may differ by is therefore taken to be behind. Who was idle for just so long that the ticks have wrapped may find the burst
 * spent: a wait of hardly more than a second then, and never a permit too many.
 *
 * <p>[1] ITU-T I.371, annex A: virtual scheduling algorithm.
 */
public final class GcraLimiter implements RateLimiter {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private static final long BURSTS_PER_SECOND = 10;

    private static final long BURST_NANOS = NANOS_PER_SECOND / BURSTS_PER_SECOND;

    /** What the clocks of two loops may differ by: each is read once per turn, and a turn is far shorter. */
    private static final long SKEW_NANOS = NANOS_PER_SECOND;

    /** The cost of a permit may be too high by one part in so many. */
    private static final long PRECISION = 2_000_000;

    /** Half the range of differences, so that the skew has room beside it. */
    private static final long MAX_BURST_TICKS = Long.MAX_VALUE / 2;

    /** The word's place in its array: its cache line, and the neighbour that the prefetcher takes along, are its own. */
    private static final int EARNED = 16;

    private final long ticksPerNano;
    private final long ticksPerPermit;
    private final long burstTicks;
    private final long burstPermits;
    private final long horizonTicks;

    // read and stepped by any loop
    private final AtomicLongArray words = new AtomicLongArray(2 * EARNED);

    /**
     * Makes a limiter with a full burst.
     *
     * @param share what to let through
     * @param leastBurst how many permits must fit at once, though they be more than 100 ms of the share: 1, or a read's worth of bits
     * @param nowNanos the loop's clock
     */
    public GcraLimiter(Share share, long leastBurst, long nowNanos) {
        long divisor = BigInteger.valueOf(requireNonNull(share, "share").permits())
                .gcd(BigInteger.valueOf(NANOS_PER_SECOND))
                .longValue();
        long permits = share.permits() / divisor;
        long nanos = share.seconds() * (NANOS_PER_SECOND / divisor);
        ticksPerNano = ticksPerNano(nanos, permits);
        ticksPerPermit = ceilDiv(nanos * ticksPerNano, permits);
        if (leastBurst < 1 || leastBurst > MAX_BURST_TICKS / ticksPerPermit) {
            throw new IllegalArgumentException(
                    "leastBurst: " + leastBurst + " (expected: 1 to " + MAX_BURST_TICKS / ticksPerPermit + ")");
        }
        // In whole permits, as the cost of each may be rounded up: 120 of 1,200 a second, not 119.
        burstPermits = Math.max(leastBurst, share.permits() / (share.seconds() * BURSTS_PER_SECOND));
        burstTicks = Math.max(BURST_NANOS * ticksPerNano, burstPermits * ticksPerPermit);
        horizonTicks = burstTicks + SKEW_NANOS * ticksPerNano;
        words.set(EARNED, nowNanos * ticksPerNano);
    }

    /**
     * Goes on where another limiter stands: what that one could let through now, this one can, as far as it fits into its own burst, and no more.
     * So a limit that changes gives nothing away: all together no more is let through than was earned and one burst.
     */
    GcraLimiter after(GcraLimiter before, long nowNanos) {
        // In fractions of permits, rounded down to the tick.
        long room = BigInteger.valueOf(before.room(nowNanos))
                .multiply(BigInteger.valueOf(ticksPerPermit))
                .divide(BigInteger.valueOf(before.ticksPerPermit))
                .min(BigInteger.valueOf(burstTicks))
                .longValueExact();
        words.set(EARNED, nowNanos * ticksPerNano + burstTicks - room);
        return this;
    }

    /** What of the burst is free. None where the clock of the loop that took the last permit is ahead. */
    private long room(long nowNanos) {
        return Math.max(0, burstTicks - start(words.get(EARNED), nowNanos * ticksPerNano));
    }

    /** How far the word is ahead of the clock; 0 if it is behind. */
    private long start(long earned, long now) {
        long ahead = earned - now;
        return ahead > 0 && ahead <= horizonTicks ? ahead : 0;
    }

    /**
     * Looks for the smallest number that will do. Nothing overflows, as it ends where {@code nanos * ticks} reaches
     * {@code permits * PRECISION}, 2 x 10^17, at the latest. The worst totals are those just below round ones: 2 million steps, tens of
     * milliseconds.
     */
    private static long ticksPerNano(long nanos, long permits) {
        long ticks = 1;
        while (ceilDiv(nanos * ticks, permits) * permits - nanos * ticks > nanos * ticks / PRECISION) {
            ticks++;
        }
        return ticks;
    }

    @Override
    public long tryAcquire(long permits, long nowNanos) {
        if (permits > burstPermits) {
            return NEVER;
        }
        long cost = permits * ticksPerPermit;
        long now = nowNanos * ticksPerNano;
        while (true) {
            long earned = words.get(EARNED);
            long start = start(earned, now);
            long missing = start + cost - burstTicks;
            if (missing > 0) {
                return ceilDiv(missing, ticksPerNano);
            }
            if (words.compareAndSet(EARNED, earned, now + start + cost)) {
                return 0;
            }
        }
    }

    private static long ceilDiv(long dividend, long divisor) {
        return -Math.floorDiv(-dividend, divisor);
    }
}
