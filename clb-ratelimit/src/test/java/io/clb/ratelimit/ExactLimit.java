package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.math.BigInteger;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** A share and what must fit at once, with what follows from them in exact arithmetic. */
record ExactLimit(Share share, long leastBurst) {

    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);

    /** Earning a burst may take so long that a hundred of them fit into the range of the clock. */
    private static final long MAX_BURST_NANOS = Long.MAX_VALUE / 100;

    /** A limit with this burst, or a smaller one that tests have the time for. */
    static ExactLimit of(Share share, long leastBurst) {
        long most = MAX_BURST_NANOS / NANOS_PER_SECOND.longValueExact() * share.permits() / share.seconds();
        return new ExactLimit(share, Math.max(1, Math.min(leastBurst, most)));
    }

    /** From one an hour to 100 Gbit/s, round totals and odd ones, for one node to 10,000. */
    static Arbitrary<ExactLimit> any() {
        Arbitrary<Long> round =
                Arbitraries.of(1L, 7L, 100L, 3_000L, 1_000_000L, 10_000_000L, 1_000_000_000L, 100_000_000_000L);
        Arbitrary<Long> odd = Arbitraries.longs().between(1, 100_000_000_000L);
        Arbitrary<Integer> nodes = Arbitraries.integers().between(1, 10_000);
        Arbitrary<Share> perSecond =
                Combinators.combine(Arbitraries.oneOf(round, odd), nodes).as(Share::of);
        Arbitrary<Share> perHour = Combinators.combine(Arbitraries.longs().between(1, 10_000), nodes)
                .as((total, n) -> Share.of(total, Duration.ofHours(1), n));
        return Combinators.combine(Arbitraries.oneOf(perSecond, perHour), Arbitraries.of(1L, 2L, 100L))
                .as(ExactLimit::of);
    }

    GcraLimiter limiter(long now) {
        return new GcraLimiter(share, leastBurst, now);
    }

    GcraLimiter limiter(long now, GcraLimiter previous) {
        return new GcraLimiter(share, leastBurst, 0, now, previous);
    }

    /** What this earns in a time, and a burst, in whole permits. */
    long most(long nanos) {
        return permits()
                .multiply(BigInteger.valueOf(nanos))
                .add(burstTimes())
                .divide(times(1))
                .longValueExact();
    }

    /** What can be taken at once: 100 ms of the share, in whole permits. */
    long burst() {
        return Math.max(leastBurst, share.permits() / 10 / share.seconds());
    }

    /** How long it takes to earn the burst. */
    long burstNanos() {
        return Math.max(
                MILLISECONDS.toNanos(100), times(leastBurst).divide(permits()).longValueExact());
    }

    /** Whether the count is within the share of a time, and a burst: in whole numbers, times seconds x 10^9. */
    boolean admits(long count, long nanos) {
        BigInteger share = permits().multiply(BigInteger.valueOf(nanos));
        return times(count).compareTo(share.add(burstTimes())) <= 0;
    }

    /** Whether the count is within what two limits earned, each in its time, and the larger burst of the two. */
    static boolean admit(ExactLimit one, long nanosOfOne, ExactLimit other, long nanosOfOther, long count) {
        BigInteger denominator = one.times(1).multiply(other.times(1));
        BigInteger earnedByOne =
                one.permits().multiply(BigInteger.valueOf(nanosOfOne)).multiply(other.times(1));
        BigInteger earnedByOther =
                other.permits().multiply(BigInteger.valueOf(nanosOfOther)).multiply(one.times(1));
        BigInteger burst =
                one.burstTimes().multiply(other.times(1)).max(other.burstTimes().multiply(one.times(1)));
        return BigInteger.valueOf(count)
                        .multiply(denominator)
                        .compareTo(earnedByOne.add(earnedByOther).add(burst))
                <= 0;
    }

    /** The burst times seconds x 10^9. */
    private BigInteger burstTimes() {
        return times(leastBurst).max(permits().multiply(BigInteger.valueOf(100_000_000)));
    }

    /** Whether the count is at least the share of a time, less 1 ppm and one permit. */
    boolean isReachedBy(long count, long nanos) {
        return isReachedBy(count, nanos, 1);
    }

    /** The same, less so many permits. */
    boolean isReachedBy(long count, long nanos, long less) {
        BigInteger share = permits().multiply(BigInteger.valueOf(nanos));
        BigInteger million = BigInteger.valueOf(1_000_000);
        return times(count + less).multiply(million).compareTo(share.multiply(million.subtract(BigInteger.ONE))) >= 0;
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
