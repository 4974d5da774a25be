package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.math.BigInteger;

/** A share and what must fit at once, with what follows from them in exact arithmetic. */
record Limit(Share share, long leastBurst) {

    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

    GcraLimiter limiter(long now) {
        return new GcraLimiter(share, leastBurst, now);
    }

    /** What can be taken at once: 100 ms of the share less 1 ppm, in whole permits. */
    long burst() {
        long ofShare = permits()
                .multiply(BigInteger.valueOf(999_999))
                .divide(BigInteger.valueOf(share.seconds()).multiply(BigInteger.valueOf(10_000_000)))
                .longValueExact();
        return Math.max(leastBurst, ofShare);
    }

    /** How long it takes to earn the burst. */
    long burstNanos() {
        return Math.max(
                MILLISECONDS.toNanos(100), times(leastBurst).divide(permits()).longValueExact());
    }

    /** Whether the count is within the share of a time, and a burst: in whole numbers, times seconds x 10^9. */
    boolean admits(long count, long nanos) {
        BigInteger share = permits().multiply(BigInteger.valueOf(nanos));
        BigInteger burst = times(leastBurst).max(permits().multiply(BigInteger.valueOf(100_000_000)));
        return times(count).compareTo(share.add(burst)) <= 0;
    }

    /** Whether the count is at least the share of a time, less 1 ppm and one permit. */
    boolean isReachedBy(long count, long nanos) {
        BigInteger share = permits().multiply(BigInteger.valueOf(nanos));
        BigInteger million = BigInteger.valueOf(1_000_000);
        return times(count + 1).multiply(million).compareTo(share.multiply(million.subtract(BigInteger.ONE))) >= 0;
    }

    private BigInteger permits() {
        return BigInteger.valueOf(share.permits());
    }

    private BigInteger times(long count) {
        return BigInteger.valueOf(count)
                .multiply(BigInteger.valueOf(share.seconds()))
                .multiply(NANOS_PER_SECOND);
    }
}
