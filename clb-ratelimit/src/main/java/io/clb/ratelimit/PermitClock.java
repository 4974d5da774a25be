package io.clb.ratelimit;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;

/**
 * Time, told in what a share earns in it. Immutable, and exact: it neither drifts nor rounds, except down to the unit in which it counts.
 *
 * <p>The unit is 2^-k of a permit. So permits and units convert by a shift, and a clock of {@code t} nanoseconds since the origin reads
 * {@code floor(t * units / nanos)}, where the share earns {@code units = permits * 2^k} in {@code nanos = seconds * 10^9}: its {@link Rate}.
 *
 * <p>k is as large as keeps the units of a second and those of the burst in the ranges that are given, and 0 at least. With 2^34 a second a unit is an
 * eighth of a nanosecond or less, and readings wrap after 34 years. The fastest share, 10^11 a second, counts in whole permits and wraps after 5 years;
 * what was read 292 years before is not comparable.
 */
final class PermitClock extends Rate {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private static final long BURSTS_PER_SECOND = 10;

    /** Earning a burst may take 73 years: a quarter of the range of clocks. */
    private static final int BURST_NANOS_BITS = 61;

    private final long originNanos;
    private final int permitBits;
    private final long burst;

    /**
     * Makes a clock that reads 0 now.
     *
     * @param share what it counts
     * @param leastBurst how many permits must fit at once
     * @param secondBits a second has below 2 to the power of this of units, unless it has as many permits
     * @param burstBits a burst has below 2 to the power of this of units; enough for 10^10
     * @param nowNanos the loop's clock
     */
    PermitClock(Share share, long leastBurst, int secondBits, int burstBits, long nowNanos) {
        this(share, leastBurst, permitBits(share, leastBurst, secondBits, burstBits), nowNanos);
    }

    private PermitClock(Share share, long leastBurst, int permitBits, long nowNanos) {
        super(share.permits() << permitBits, share.seconds() * NANOS_PER_SECOND);
        this.permitBits = permitBits;
        originNanos = nowNanos;
        burst = Math.max(
                leastBurst << permitBits, (share.permits() << permitBits) / (share.seconds() * BURSTS_PER_SECOND));
    }

    /** The k that suits a second and a burst. */
    private static int permitBits(Share share, long leastBurst, int secondBits, int burstBits) {
        long nanos = requireNonNull(share, "share").seconds() * NANOS_PER_SECOND;
        long mostBurst = BigInteger.valueOf(share.permits())
                .shiftLeft(BURST_NANOS_BITS)
                .divide(BigInteger.valueOf(nanos))
                .min(BigInteger.valueOf((1L << burstBits) - 1))
                .longValueExact();
        if (leastBurst < 1 || leastBurst > mostBurst) {
            throw new IllegalArgumentException("leastBurst: " + leastBurst + " (expected: 1 to " + mostBurst
                    + ", what is earned in 73 years at most)");
        }
        long burstPermits = Math.max(leastBurst, share.permits() / (share.seconds() * BURSTS_PER_SECOND) + 1);
        return Math.min(
                permitBits(share, secondBits), burstBits - (Long.SIZE - Long.numberOfLeadingZeros(burstPermits)));
    }

    /** The largest k with which a second has less than so many units. Neither side comes near to overflowing: seconds are below 2^26. */
    private static int permitBits(Share share, int secondBits) {
        int bits = 0;
        while (share.permits() << (bits + 1) < share.seconds() << secondBits) {
            bits++;
        }
        return bits;
    }

    /** What may be taken at once, in units: 100 ms of the share, or what must fit at once if that is more. */
    long burst() {
        return burst;
    }

    /** The price of permits in units; those must fit into the burst. */
    long units(long permits) {
        return permits << permitBits;
    }

    /** How many whole permits there are in so many units. */
    long permits(long units) {
        return units >> permitBits;
    }

    /** What has been earned since the origin, in units, rounded down. */
    long read(long nowNanos) {
        return floor(nowNanos - originNanos, 0);
    }

    /**
     * The same, rounded up.
     *
     * @param read what {@link #read} returned
     */
    long readUp(long nowNanos, long read) {
        return rest(nowNanos, read) == 0 ? read : read + 1;
    }

    /**
     * The time after which a reading will be higher by so much at least.
     *
     * @param missing 1 or more units
     * @param read what {@link #read} returned
     * @return nanoseconds, 1 or more, and not one too many
     */
    long nanosUntil(long missing, long nowNanos, long read) {
        return nanosToEarn(missing, rest(nowNanos, read));
    }

    private long rest(long nowNanos, long read) {
        return rest(nowNanos - originNanos, 0, read);
    }

    /** Converts another clock's units into as many permits of this clock's, rounded down, and not more than so many. */
    long converted(long itsUnits, PermitClock other, long most) {
        int shift = permitBits - other.permitBits;
        if (shift <= 0) {
            return Math.min(itsUnits >> -shift, most);
        }
        return itsUnits > most >> shift ? most : itsUnits << shift;
    }
}
