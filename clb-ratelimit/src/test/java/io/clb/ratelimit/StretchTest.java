package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.DAYS;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class StretchTest {

    private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);

    /** Readings wrap; apart from that none is too high, and none more than 1 ppm and a unit too low. */
    @Property
    void readsWhatWasEarnedOrAMillionthLess(
            @ForAll("wholes") Share whole,
            @ForAll("parts") long parts,
            @ForAll long origin,
            @ForAll @LongRange(max = 1_000_000_000_000_000_000L) long elapsed) {
        Stretch stretch = Stretch.first(whole, parts, 1, origin);
        BigInteger exact = earned(whole, parts, elapsed);
        long read = stretch.read(origin + elapsed);
        BigInteger low = exact.subtract(BigInteger.valueOf(exact.longValue() - read));
        assertThat(low).isLessThanOrEqualTo(exact);
        assertThat(low.add(BigInteger.ONE).multiply(MILLION))
                .isGreaterThanOrEqualTo(exact.multiply(MILLION.subtract(BigInteger.ONE)));
        assertThat(stretch.readUp(origin + elapsed, read)).isBetween(read, read + 1);
        assertThat(stretch.read(origin - elapsed)).isZero();
    }

    @Property
    void tellsTheFirstNanosecondAtWhichEnoughIsEarned(
            @ForAll("wholes") Share whole,
            @ForAll("parts") long parts,
            @ForAll @LongRange(max = 1_000_000_000_000_000L) long elapsed,
            @ForAll @LongRange(min = 1, max = 1_000_000) long part) {
        Stretch stretch = Stretch.first(whole, parts, 1, -7).next(whole, parts, 1, 0);
        for (long missing : new long[] {part, Math.max(1, stretch.burst() / part), stretch.burst()}) {
            long read = stretch.read(elapsed);
            long wait = stretch.nanosUntil(missing, elapsed, read);
            if (wait == DAYS.toNanos(1)) {
                assertThat(stretch.read(elapsed + wait - 1) - read).isLessThan(missing + 1);
                continue;
            }
            assertThat(stretch.read(elapsed + wait) - read).isGreaterThanOrEqualTo(missing);
            assertThat(stretch.read(elapsed + wait - 1) - read).isLessThan(missing);
        }
    }

    /** However it is cut into pieces, it is one. */
    @Property
    void goesOnExactlyWhereTheOneBeforeItStops(
            @ForAll("wholes") Share whole,
            @ForAll("parts") long parts,
            @ForAll @LongRange(max = 1_000_000_000_000L) long first,
            @ForAll @LongRange(max = 1_000_000_000_000L) long second) {
        Stretch one = Stretch.first(whole, parts, 1, 0);
        Stretch next = one.next(whole, parts, 1, first).next(whole, parts, 1, first + second / 3);
        assertThat(next.read(first + second)).isEqualTo(one.read(first + second));
        assertThat(next.readUp(first + second, next.read(first + second)))
                .isEqualTo(one.readUp(first + second, one.read(first + second)));
    }

    private static BigInteger earned(Share whole, long parts, long elapsed) {
        return BigInteger.valueOf(elapsed)
                .multiply(BigInteger.valueOf(parts))
                .multiply(BigInteger.valueOf(whole.permits()))
                .shiftLeft(Stretch.PERMIT_BITS)
                .divide(BigInteger.valueOf(Parts.WHOLE).multiply(BigInteger.valueOf(whole.seconds() * 1_000_000_000)));
    }

    @Provide
    Arbitrary<Share> wholes() {
        Arbitrary<Share> second =
                Arbitraries.longs().between(1, 100_000_000_000L).map(total -> Share.of(total, 1));
        Arbitrary<Share> hour =
                Arbitraries.longs().between(1, 10_000).map(total -> Share.of(total, Duration.ofHours(1), 1));
        return Arbitraries.oneOf(second, hour);
    }

    /** From a 10,000th on. */
    @Provide
    Arbitrary<Long> parts() {
        return Arbitraries.longs().between(Parts.WHOLE / 10_000, Parts.MAX);
    }
}
