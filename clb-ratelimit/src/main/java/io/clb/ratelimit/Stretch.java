package io.clb.ratelimit;

import static io.clb.spi.RateLimiter.NEVER;
import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.math.BigInteger;

/**
 * A stretch of time in which a node has so many parts of a total: a clock that counts what they earn in 2^-15 of a permit, and goes on where the one
 * before it stops. Immutable.
 *
 * <p>What may be taken in all is its reading and the burst. That goes on where it was from one stretch to the next, to a part of a unit; so where the
 * burst becomes another, the reading is set by as much in the other direction. If it is set back, the larger burst has yet to be earned; if it is set
 * forward, who has saved up more than the smaller burst is behind it, and starts from it.
 *
 * <p>The rate is rounded down. Numerator and denominator are as large as fits: with one permit an hour for 10,000 nodes it is 0.6 ppm too low at most,
 * and exact to 10^-12 where thousands a second are shared.
 *
 * <p>The unit is the same for all totals, so that words go on through all changes. At 100 Gbit/s readings wrap after an hour and a half, at one permit
 * an hour for 10,000 nodes a unit takes 18 minutes of the 14 months that a permit does.
 */
final class Stretch extends Rate {

    /** Fraction bits of permits: as many as leave room for a minute of 16 times 10^11 a second in a word. */
    static final int PERMIT_BITS = 15;

    /** More permits than that are not counted at once: no more than is earned in a minute by whoever earns most. */
    static final long MOST_BURST = 1L << 44;

    private static final long BURST_NANOS = MILLISECONDS.toNanos(100);

    /** No wait is told that is longer: by then the share is another, or a day more does not matter. */
    private static final long LONGEST_NANOS = DAYS.toNanos(1);

    /** 2^40 parts are the whole. */
    private static final int PARTS_BITS = Long.numberOfTrailingZeros(Parts.WHOLE);

    /** What a rate takes. */
    private static final int RATE_BITS = 61;

    private final Share whole;
    private final long parts;
    private final long leastBurst;
    private final long originNanos;
    private final long originUnits;
    private final long originRest;
    private final long burst;
    private final long longestUnits;

    private Stretch(Share whole, long parts, long leastBurst, long originNanos, long ceiling, long rest, long ofNanos) {
        super(units(whole, parts), nanos(whole));
        this.whole = whole;
        this.parts = parts;
        this.leastBurst = leastBurst;
        this.originNanos = originNanos;
        burst = Math.max(leastBurst << PERMIT_BITS, earned(BURST_NANOS) - 1);
        originUnits = ceiling - burst;
        originRest = ofNanos == nanos() ? rest : scaled(rest, nanos(), ofNanos);
        longestUnits = earned(LONGEST_NANOS) - 1;
    }

    /** The same rate and burst, from another time on. */
    private Stretch(Stretch same, long originNanos, long ceiling, long rest) {
        super(same);
        whole = same.whole;
        parts = same.parts;
        leastBurst = same.leastBurst;
        burst = same.burst;
        longestUnits = same.longestUnits;
        this.originNanos = originNanos;
        originUnits = ceiling - burst;
        originRest = rest;
    }

    /** Begins with a burst of which all is free for a word of 0. */
    static Stretch first(Share whole, long parts, long leastBurst, long originNanos) {
        Stretch empty = new Stretch(whole, parts, leastBurst, originNanos, 0, 0, 1);
        return new Stretch(whole, parts, leastBurst, originNanos, empty.burst, 0, 1);
    }

    /** Goes on from here at some time, which is not before this one begins. */
    Stretch next(Share whole, long parts, long leastBurst, long atNanos) {
        long read = read(atNanos);
        if (parts == this.parts && leastBurst == this.leastBurst && whole.equals(this.whole)) {
            return new Stretch(this, atNanos, read + burst, rest(atNanos, read));
        }
        return new Stretch(whole, parts, leastBurst, atNanos, read + burst, rest(atNanos, read), nanos());
    }

    private static long units(Share whole, long parts) {
        int shift = PARTS_BITS - PERMIT_BITS - scaleBits(whole);
        long low = parts * whole.permits();
        // In 128 bits; a shift to the left is of what fits into 61.
        return shift <= 0
                ? low << -shift
                : (Math.multiplyHigh(parts, whole.permits()) << (Long.SIZE - shift)) | (low >>> shift);
    }

    private static long nanos(Share whole) {
        return SECONDS.toNanos(whole.seconds()) << scaleBits(whole);
    }

    /** By how many bits both sides of the rate can be extended, whatever the parts. */
    private static int scaleBits(Share whole) {
        int most = bits(whole.permits()) + PERMIT_BITS + bits(Parts.MAX / Parts.WHOLE) - 1;
        return RATE_BITS - Math.max(most, bits(SECONDS.toNanos(whole.seconds())));
    }

    private static int bits(long value) {
        return Long.SIZE - Long.numberOfLeadingZeros(value);
    }

    private static long scaled(long value, long factor, long divisor) {
        return BigInteger.valueOf(value)
                .multiply(BigInteger.valueOf(factor))
                .divide(BigInteger.valueOf(divisor))
                .longValueExact();
    }

    long originNanos() {
        return originNanos;
    }

    /** What may be taken at once, in units. */
    long burst() {
        return burst;
    }

    /** What may be taken at once, in whole permits. */
    long burstPermits() {
        return burst >> PERMIT_BITS;
    }

    /** What has been earned, in units, rounded down. A clock that is behind the origin is taken to be there. */
    long read(long nowNanos) {
        return originUnits + floor(elapsed(nowNanos), originRest);
    }

    /**
     * The same, rounded up.
     *
     * @param read what {@link #read} returned
     */
    long readUp(long nowNanos, long read) {
        return rest(nowNanos, read) == 0 ? read : read + 1;
    }

    private long rest(long nowNanos, long read) {
        return rest(elapsed(nowNanos), originRest, read - originUnits);
    }

    private long elapsed(long nowNanos) {
        return Math.max(0, nowNanos - originNanos);
    }

    /**
     * The time after which a reading will be higher by so much at least, counted from the origin for a clock that is behind it.
     *
     * @param missing 1 or more units
     * @param read what {@link #read} returned
     * @return nanoseconds, 1 or more, and not one too many; a day where it is longer, {@code NEVER} if nothing is earned
     */
    long nanosUntil(long missing, long nowNanos, long read) {
        if (missing > longestUnits) {
            return isNothing() ? NEVER : LONGEST_NANOS;
        }
        return nanosToEarn(missing, rest(nowNanos, read));
    }
}
