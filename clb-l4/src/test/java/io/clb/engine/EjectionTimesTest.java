package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** The arithmetic of ejections. */
final class EjectionTimesTest {

    private static final long SECOND = 1_000_000_000;
    private static final long LONGEST = 3_600 * SECOND;

    @Example
    void isWorkedInTheDocumentation() {
        EjectionTimes times = new EjectionTimes(30 * SECOND, 300 * SECOND);
        long[] seconds = {30, 60, 120, 240, 300, 300};
        for (int i = 0; i < seconds.length; i++) {
            assertThat(times.nanos(i)).isEqualTo(seconds[i] * SECOND);
        }
        assertThat(times.unforgiven(2, 59 * SECOND)).isEqualTo(2);
        assertThat(times.unforgiven(2, 60 * SECOND)).isEqualTo(1);
        assertThat(times.unforgiven(2, 90 * SECOND)).isZero();
    }

    @Property
    void doublesUpToTheLongest(
            @ForAll @LongRange(min = 1, max = LONGEST) long first,
            @ForAll @LongRange(min = 0, max = LONGEST) long more,
            @ForAll @IntRange(max = 10_000) int unforgiven) {
        EjectionTimes times = new EjectionTimes(first, first + more);
        BigInteger exact = BigInteger.valueOf(first).shiftLeft(unforgiven).min(BigInteger.valueOf(first + more));
        assertThat(times.nanos(unforgiven)).isEqualTo(exact.longValueExact());
    }

    @Property
    void forgivesInOneGoAsInTwoWhenEachEndsWithAnEjection(
            @ForAll @LongRange(min = 1, max = 300 * SECOND) long first,
            @ForAll @LongRange(min = 0, max = LONGEST) long more,
            @ForAll @IntRange(max = 50) int before,
            @ForAll @IntRange(max = 50) int forgiven) {
        EjectionTimes times = new EjectionTimes(first, first + more);
        int left = Math.max(0, before - forgiven);
        long needed = 0;
        for (int i = left; i < before; i++) {
            needed += times.nanos(i);
        }
        assertThat(times.unforgiven(before, needed)).isEqualTo(left);
        if (left < before) {
            assertThat(times.unforgiven(before, needed - 1)).isEqualTo(left + 1);
        }
        assertThat(times.unforgiven(before, Long.MAX_VALUE)).isZero();
    }

    @Property
    void ejectsNoMoreThanTheShareButOneAndNeverAll(
            @ForAll @IntRange(min = 1, max = 65_535) int servers, @ForAll @IntRange(min = 1, max = 100) int percent) {
        int most = EjectionTimes.most(servers, percent);
        assertThat(most).isBetween(Math.min(1, servers - 1), servers - 1);
        if (most > 1) {
            assertThat(100L * most).isLessThanOrEqualTo((long) servers * percent);
        }
        assertThat(100L * (most + 1) > (long) servers * percent || most == servers - 1)
                .as("as many as the share allows")
                .isTrue();
    }
}
