package io.clb.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RateTest {

    private static final long MOST = (1L << 61) - 1;
    private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);

    @Property(tries = 10_000)
    void earnsTheWholePartOfTheExactQuotient(
            @ForAll("counts") long units, @ForAll("counts") long nanos, @ForAll("counts") long elapsed) {
        Rate rate = new Rate(units - 1, nanos);
        BigInteger exact = BigInteger.valueOf(elapsed)
                .multiply(BigInteger.valueOf(units - 1))
                .divide(BigInteger.valueOf(nanos));
        assertThat(rate.earned(elapsed))
                .isEqualTo(exact.add(BigInteger.ONE).min(GREATEST).longValueExact());
        Assume.that(exact.compareTo(GREATEST) < 0);
        assertThat(rate.floor(elapsed, 0)).isEqualTo(exact.longValueExact());
    }

    @Property(tries = 10_000)
    void tellsTheFirstNanosecondAtWhichSoManyAreEarned(
            @ForAll("counts") long units, @ForAll("counts") long nanos, @ForAll("counts") long missing) {
        BigInteger exact = BigInteger.valueOf(missing)
                .multiply(BigInteger.valueOf(nanos))
                .add(BigInteger.valueOf(units - 1))
                .divide(BigInteger.valueOf(units));
        Assume.that(exact.compareTo(BigInteger.valueOf(MOST)) < 0);
        assertThat(new Rate(units, nanos).nanosToEarn(missing, 0)).isEqualTo(exact.longValueExact());
    }

    @Example
    void earnsTheGreatestNumberWhereItIsMore() {
        assertThat(new Rate(MOST, 1).earned(4)).isEqualTo(4 * MOST + 1);
        assertThat(new Rate(MOST, 1).earned(5)).isEqualTo(Long.MAX_VALUE);
        assertThat(new Rate(1, 1).earned(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }

    /** Of any number of bits. */
    @Provide
    Arbitrary<Long> counts() {
        return Arbitraries.longs()
                .between(1, MOST)
                .flatMap(value -> Arbitraries.integers().between(0, 60).map(shift -> Math.max(1, value >> shift)));
    }
}
