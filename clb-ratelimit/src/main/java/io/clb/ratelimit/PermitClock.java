package io.clb.ratelimit;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;

/**
 * Time, told in what a share earns in it. Immutable, and exact: it neither drifts nor rounds, except down to the unit in which it counts.
 *
 * <p>The unit is 2^-k of a permit. So permits and units convert by a shift, and a clock of {@code t} nanoseconds since the origin reads
 * {@code floor(t * units / nanos)}, where the share earns {@code units = permits * 2^k} in {@code nanos = seconds * 10^9}. That division is a
 * multiplication by a truncated reciprocal, which is at most one too low within 2^56 ns (2 years) of the origin; the remainder tells, and is right
 * though its two products overflow, as it is short.
 *
 * <p>k is as large as keeps the units of a second and those of the burst in the ranges that are given, and 0 at least. With 2^34 a second a unit is an
 * eighth of a nanosecond or less, and readings wrap after 34 years. The fastest share, 10^11 a second, counts in whole permits and wraps after 5 years;
 * what was read 292 years before is not comparable.
 */
final class PermitClock {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private static final long BURSTS_PER_SECOND = 10;

    /** Earning a burst may take 73 years: a quarter of the range of clocks. */
    private static final int BURST_NANOS_BITS = 61;

    /** Fraction bits of {@link #unitsPerNano}, which is below 101. */
    private static final int RATE_BITS = 56;

    private final long originNanos;
    private final int permitBits;

    // units/nanos, and its truncated reciprocals
    private final long units;
    private final long nanos;
    private final long unitsPerNano;
    private final long nanosPerUnit;
    private final int waitBits;

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
        originNanos = nowNanos;
        nanos = requireNonNull(share, "share").seconds() * NANOS_PER_SECOND;
        long mostBurst = BigInteger.valueOf(share.permits())
                .shiftLeft(BURST_NANOS_BITS)
                .divide(BigInteger.valueOf(nanos))
                .min(BigInteger.valueOf((1L << burstBits) - 1))
                .longValueExact();
        if (leastBurst < 1 || leastBurst > mostBurst) {
            throw new IllegalArgumentException("leastBurst: " + leastBurst + " (expected: 1 to " + mostBurst
                    + ", what is earned in 73 years at most)");
        }
        long burstSeconds = share.seconds() * BURSTS_PER_SECOND;
        long burstPermits = Math.max(leastBurst, share.permits() / burstSeconds + 1);
        permitBits = Math.min(
                permitBits(share, secondBits), burstBits - (Long.SIZE - Long.numberOfLeadingZeros(burstPermits)));
        units = share.permits() << permitBits;
        burst = Math.max(leastBurst << permitBits, units / burstSeconds);
        unitsPerNano = shiftedQuotient(units, nanos, RATE_BITS);
        // As many as leave the sign alone.
        waitBits = Long.numberOfLeadingZeros(nanos / units) - 1;
        nanosPerUnit = shiftedQuotient(nanos, units, waitBits);
    }

    /** The largest k with which a second has less than so many units. Neither side comes near to overflowing: seconds are below 2^26. */
    private static int permitBits(Share share, int secondBits) {
        int bits = 0;
        while (share.permits() << (bits + 1) < share.seconds() << secondBits) {
            bits++;
        }
        return bits;
    }

    private static long shiftedQuotient(long dividend, long divisor, int bits) {
        return BigInteger.valueOf(dividend)
                .shiftLeft(bits)
                .divide(BigInteger.valueOf(divisor))
                .longValueExact();
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

    /** The most by which readings can differ that are so far apart. */
    long earned(long elapsedNanos) {
        return BigInteger.valueOf(elapsedNanos)
                        .multiply(BigInteger.valueOf(units))
                        .divide(BigInteger.valueOf(nanos))
                        .longValueExact()
                + 1;
    }

    /** What has been earned since the origin, in units, rounded down. */
    long read(long nowNanos) {
        long elapsed = nowNanos - originNanos;
        long estimate = shifted(elapsed, unitsPerNano, RATE_BITS);
        long rest = elapsed * units - estimate * nanos;
        return rest >= 0 && rest < nanos ? estimate : estimate + Math.floorDiv(rest, nanos);
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
        long wait = shifted(missing, nanosPerUnit, waitBits);
        long late = wait * units + rest(nowNanos, read) - missing * nanos;
        return late >= 0 && late < units ? wait : wait - Math.floorDiv(late, units);
    }

    /** What the reading leaves out: a part of a unit, times {@link #nanos}. */
    private long rest(long nowNanos, long read) {
        return (nowNanos - originNanos) * units - read * nanos;
    }

    private static long shifted(long a, long b, int bits) {
        return (Math.multiplyHigh(a, b) << (Long.SIZE - bits)) | ((a * b) >>> bits);
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
