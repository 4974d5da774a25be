package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** The arithmetic of slow start. */
final class SlowStartTest {

    private static final long SECOND = 1_000_000_000;
    private static final long SHORTEST = 30 * SECOND;
    private static final long LONGEST = 900 * SECOND;

    /**
     * A server in slow start.
     *
     * @param joined by a clock that may wrap around at any time
     */
    record Ramp(SlowStart slowStart, long joined) {

        int weight(int configured, long afterNanos) {
            return slowStart.weight(configured, joined, joined + afterNanos);
        }

        boolean isOver(long afterNanos) {
            return slowStart.isOver(joined, joined + afterNanos);
        }

        long window() {
            return slowStart.windowNanos();
        }
    }

    @Provide
    static Arbitrary<Ramp> ramps() {
        return Combinators.combine(
                        Arbitraries.longs().between(SHORTEST, LONGEST),
                        Arbitraries.longs(),
                        Arbitraries.longs().between(0, Duration.ofDays(36_500).toNanos()))
                .as((window, origin, later) -> new Ramp(new SlowStart(window, origin), origin + later));
    }

    @Property
    void startsWithATenthForATenthOfTheWindowAtLeast(
            @ForAll("ramps") Ramp ramp,
            @ForAll @IntRange(min = 1, max = 100) int weight,
            @ForAll @LongRange(max = SHORTEST / 10 - 1) long after) {
        assertThat(ramp.weight(weight, after)).isEqualTo((int) Math.ceil(weight / 10.0));
    }

    @Property
    void hasAllOfItWhenTheWindowIsOverAndEverAfter(
            @ForAll("ramps") Ramp ramp,
            @ForAll @IntRange(max = 100) int weight,
            @ForAll @LongRange(max = LONGEST) long later) {
        assertThat(ramp.weight(weight, ramp.window() + later)).isEqualTo(weight);
        assertThat(ramp.isOver(ramp.window() + later)).isTrue();
    }

    @Property
    void hasNotAllOfItBeforeNineTenthsOfTheWindow(
            @ForAll("ramps") Ramp ramp,
            @ForAll @IntRange(min = 10, max = 100) int weight,
            @ForAll @LongRange(max = LONGEST) long any) {
        long early = any % (ramp.window() / 10 * 9);
        assertThat(ramp.weight(weight, early)).isLessThan(weight);
        assertThat(ramp.isOver(early)).isFalse();
    }

    @Property
    void neverFallsAndStaysBetweenOneAndAllOfIt(
            @ForAll("ramps") Ramp ramp,
            @ForAll @IntRange(min = 1, max = 100) int weight,
            @ForAll @LongRange(max = LONGEST) long after,
            @ForAll @LongRange(max = LONGEST) long more) {
        assertThat(ramp.weight(weight, after)).isBetween(1, ramp.weight(weight, after + more));
        assertThat(ramp.weight(weight, after + more)).isLessThanOrEqualTo(weight);
    }

    @Property
    void changesOnTheLinesOfTheGridOnly(
            @ForAll("ramps") Ramp ramp,
            @ForAll @IntRange(min = 1, max = 100) int weight,
            @ForAll @LongRange(max = LONGEST) long after) {
        long until = ramp.slowStart.untilLine(ramp.joined + after);
        assertThat(until).isBetween(1L, ramp.window() / 10);
        assertThat(ramp.weight(weight, after + until - 1)).isEqualTo(ramp.weight(weight, after));
        assertThat(ramp.slowStart.untilLine(ramp.joined + after + until)).isEqualTo(ramp.window() / 10);
    }

    @Property
    void hasTenWeightsAtMost(@ForAll("ramps") Ramp ramp, @ForAll @IntRange(min = 1, max = 100) int weight) {
        Set<Integer> weights = new HashSet<>();
        for (long after = 0; after <= ramp.window(); after += ramp.slowStart.untilLine(ramp.joined + after)) {
            weights.add(ramp.weight(weight, after));
        }
        weights.add(ramp.weight(weight, ramp.window()));
        assertThat(weights).hasSize(Math.min(weight, 10)).contains(weight);
    }

    @Property
    void leavesAWeightOfZero(@ForAll("ramps") Ramp ramp, @ForAll @LongRange(max = 2 * LONGEST) long after) {
        assertThat(ramp.weight(0, after)).isZero();
    }

    @Example
    void asWorkedInTheComment() {
        Ramp ramp = new Ramp(new SlowStart(SHORTEST, 0), 2 * SECOND);
        int[] expected = {3, 3, 5, 8, 10, 13, 15, 18, 20, 23, 25};
        for (int line = 0; line < expected.length; line++) {
            long from = Math.max(2, 3 * line) * SECOND;
            long to = 3L * (line + 1) * SECOND - 1;
            assertThat(ramp.weight(25, from - ramp.joined)).isEqualTo(expected[line]);
            assertThat(ramp.weight(25, to - ramp.joined)).isEqualTo(expected[line]);
        }
    }
}
