package io.clb.ratelimit;

/**
 * So many units in so many nanoseconds, as an exact fraction. Immutable.
 *
 * <p>In {@code t} nanoseconds {@code floor(t * units / nanos)} are earned. That division is a multiplication by a truncated reciprocal, which is at
 * most one too low for as many nanoseconds as it has fraction bits; the remainder tells, and is right though its two products overflow, as it is
 * short.
 */
class Rate {

    /** A double has room for such a quotient and for a fraction of it. */
    private static final int STEP_BITS = 31;

    // units/nanos, and its truncated reciprocals
    private final long units;
    private final long nanos;
    private final long unitsPerNano;
    private final int rateBits;
    private final long nanosPerUnit;
    private final int waitBits;

    /**
     * Takes both from what callers have checked.
     *
     * @param units 0 or more, and below 2^61
     * @param nanos 1 or more, and below 2^61
     */
    Rate(long units, long nanos) {
        this.units = units;
        this.nanos = nanos;
        rateBits = fractionBits(units, nanos);
        unitsPerNano = shiftedQuotient(units, nanos, rateBits);
        waitBits = units == 0 ? 1 : fractionBits(nanos, units);
        nanosPerUnit = units == 0 ? 0 : shiftedQuotient(nanos, units, waitBits);
    }

    /** The same again. */
    Rate(Rate same) {
        units = same.units;
        nanos = same.nanos;
        unitsPerNano = same.unitsPerNano;
        rateBits = same.rateBits;
        nanosPerUnit = same.nanosPerUnit;
        waitBits = same.waitBits;
    }

    /** As many as leave the sign alone. */
    private static int fractionBits(long dividend, long divisor) {
        return Long.numberOfLeadingZeros(dividend / divisor) - 1;
    }

    /** What fits into 63 bits, some bits at a time: a double is at most one off for these, and the remainder tells, right though its products overflow. */
    private static long shiftedQuotient(long dividend, long divisor, int bits) {
        long quotient = dividend / divisor;
        long rest = dividend % divisor;
        for (int left = bits; left > 0; left -= STEP_BITS) {
            int step = Math.min(left, STEP_BITS);
            long digit = (long) ((double) rest * (1L << step) / divisor);
            rest = (rest << step) - digit * divisor;
            if (rest < 0) {
                digit--;
                rest += divisor;
            } else if (rest >= divisor) {
                digit++;
                rest -= divisor;
            }
            quotient = (quotient << step) + digit;
        }
        return quotient;
    }

    /** Into how many parts of it a unit is divided. */
    final long nanos() {
        return nanos;
    }

    /** Whether it earns nothing at all. */
    final boolean isNothing() {
        return units == 0;
    }

    /** The most by which readings can differ that are so far apart, in units; the greatest number where it is more than that. */
    final long earned(long elapsedNanos) {
        boolean isTooMuch = Math.multiplyHigh(elapsedNanos, unitsPerNano) >>> (rateBits - 1) != 0;
        long floor = isTooMuch ? Long.MAX_VALUE : floor(elapsedNanos, 0);
        return floor + 1 > 0 ? floor + 1 : Long.MAX_VALUE;
    }

    /**
     * What is earned in a time, in units, rounded down.
     *
     * @param rest what there was of a unit before, times {@link #nanos}: 0 or more, and less than that
     */
    final long floor(long elapsedNanos, long rest) {
        long estimate = shifted(elapsedNanos, unitsPerNano, rateBits);
        long left = elapsedNanos * units + rest - estimate * nanos;
        return left >= 0 && left < nanos ? estimate : estimate + Math.floorDiv(left, nanos);
    }

    /**
     * What that leaves out: a part of a unit, times {@link #nanos}.
     *
     * @param floor what {@link #floor} returned
     */
    final long rest(long elapsedNanos, long rest, long floor) {
        return elapsedNanos * units + rest - floor * nanos;
    }

    /**
     * The time in which so many units more are earned at least. Something must be earned at all.
     *
     * @param missing 1 or more units
     * @param rest what there is of one of them already, times {@link #nanos}
     * @return nanoseconds, 1 or more, and not one too many
     */
    final long nanosToEarn(long missing, long rest) {
        long wait = shifted(missing, nanosPerUnit, waitBits);
        long late = wait * units + rest - missing * nanos;
        return late >= 0 && late < units ? wait : wait - Math.floorDiv(late, units);
    }

    private static long shifted(long a, long b, int bits) {
        return (Math.multiplyHigh(a, b) << (Long.SIZE - bits)) | ((a * b) >>> bits);
    }
}
