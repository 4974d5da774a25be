package io.clb.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class PermitClockTest {

    @Property
    void readsExactlyWhatWasEarnedAtAnyTime(
            @ForAll("limits") ExactLimit limit,
            @ForAll("widths") int[] bits,
            @ForAll long origin,
            @ForAll long elapsed) {
        PermitClock clock = new PermitClock(limit.share(), limit.leastBurst(), bits[0], bits[1], origin);
        long read = clock.read(origin + elapsed);
        BigDecimal earned = earned(limit, clock, elapsed);
        assertThat(read)
                .isEqualTo(earned.setScale(0, RoundingMode.FLOOR).toBigInteger().longValue());
        assertThat(clock.readUp(origin + elapsed, read))
                .isEqualTo(
                        earned.setScale(0, RoundingMode.CEILING).toBigInteger().longValue());
    }

    @Property
    void tellsTheFirstNanosecondAtWhichEnoughIsEarned(
            @ForAll("limits") ExactLimit limit,
            @ForAll("widths") int[] bits,
            @ForAll @LongRange(min = -1_000_000_000L, max = Long.MAX_VALUE / 8) long elapsed,
            @ForAll @LongRange(min = 1, max = 1_000_000) long part) {
        PermitClock clock = new PermitClock(limit.share(), limit.leastBurst(), bits[0], bits[1], 0);
        for (long missing : new long[] {part, Math.max(1, clock.burst() / part), clock.burst()}) {
            long read = clock.read(elapsed);
            long wait = clock.nanosUntil(missing, elapsed, read);
            assertThat(clock.read(elapsed + wait) - read).isGreaterThanOrEqualTo(missing);
            assertThat(clock.read(elapsed + wait - 1) - read).isLessThan(missing);
        }
    }

    @Property
    void convertsWhatIsFreeRoundedDown(@ForAll("limits") ExactLimit one, @ForAll("limits") ExactLimit other) {
        PermitClock from = new PermitClock(one.share(), one.leastBurst(), 34, 62, 0);
        PermitClock to = new PermitClock(other.share(), other.leastBurst(), 27, 38, 0);
        for (long units : new long[] {0, 1, from.burst() / 3, from.burst()}) {
            BigInteger exact = BigInteger.valueOf(units)
                    .multiply(BigInteger.valueOf(to.units(1)))
                    .divide(BigInteger.valueOf(from.units(1)));
            assertThat(to.converted(units, from, to.burst()))
                    .isEqualTo(exact.min(BigInteger.valueOf(to.burst())).longValueExact());
        }
    }

    /** In units: a whole number, or the half between two where it is not whole. */
    private static BigDecimal earned(ExactLimit limit, PermitClock clock, long elapsed) {
        BigInteger[] whole = BigInteger.valueOf(elapsed)
                .multiply(BigInteger.valueOf(limit.share().permits()))
                .multiply(BigInteger.valueOf(clock.units(1)))
                .divideAndRemainder(BigInteger.valueOf(limit.share().seconds() * 1_000_000_000));
        return new BigDecimal(whole[0]).add(new BigDecimal("0.5").multiply(new BigDecimal(whole[1].signum())));
    }

    @Provide
    Arbitrary<ExactLimit> limits() {
        return ExactLimit.any();
    }

    /** Those of a limiter, and those of a table. */
    @Provide
    Arbitrary<int[]> widths() {
        return Arbitraries.of(new int[] {34, 62}, new int[] {27, 38});
    }
}
