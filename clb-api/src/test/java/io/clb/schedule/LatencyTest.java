package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatencyTest {

    private static final float DECAY = TimeUnit.SECONDS.toNanos(10);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Latency latency = new Latency();

    @Test
    void knowsNothingBeforeTheFirstFlow() {
        assertThat(latency.nanos(0, DECAY)).isEqualTo(Latency.UNKNOWN);
    }

    @Test
    void takesTheFirstTimeAsItIs() {
        latency.told(5 * MILLI, 7, DECAY);
        assertThat(latency.nanos(7, DECAY)).isEqualTo((float) (5 * MILLI));
    }

    @Test
    void takesALongerTimeAtOnceAndAShorterOneByThePassingOfTime() {
        latency.told(5 * MILLI, 0, DECAY);
        latency.told(100 * MILLI, 0, DECAY);
        assertThat(latency.nanos(0, DECAY)).isEqualTo((float) (100 * MILLI));
        latency.told(5 * MILLI, 10 * SECOND, DECAY);
        double expected = (5 + 95 / Math.E) * MILLI;
        assertThat((double) latency.nanos(10 * SECOND, DECAY)).isCloseTo(expected, Percentage.withPercentage(0.1));
    }

    /** A server that was slow once and gets nothing since is tried again. */
    @Test
    void fadesWhileNothingIsHeard() {
        latency.told(SECOND, 0, DECAY);
        assertThat((double) latency.nanos(10 * SECOND, DECAY))
                .isCloseTo(SECOND / Math.E, Percentage.withPercentage(0.1));
        assertThat(latency.nanos(1_000 * SECOND, DECAY)).isLessThan(1);
    }

    /** Many short times within a millisecond weigh no more than one. */
    @Test
    void isNotMovedByHowManyToldIt() {
        latency.told(100 * MILLI, 0, DECAY);
        for (int i = 0; i < 1_000; i++) {
            latency.told(MILLI, 100, DECAY);
        }
        assertThat(latency.nanos(100, DECAY)).isEqualTo((float) (100 * MILLI));
    }

    @Property
    void staysBetweenTheShortestAndTheLongestThatItWasTold(
            @ForAll @Size(min = 1, max = 50) long[] gaps, @ForAll @Size(min = 1, max = 50) long[] durations) {
        long now = 0;
        long shortest = Long.MAX_VALUE;
        long longest = 1;
        Latency told = new Latency();
        for (int i = 0; i < durations.length; i++) {
            now += Math.floorMod(gaps[i % gaps.length], 20 * SECOND);
            long duration = 1 + Math.floorMod(durations[i], 100 * SECOND);
            told.told(duration, now, DECAY);
            shortest = Math.min(shortest, duration);
            longest = Math.max(longest, duration);
            assertThat((double) told.nanos(now, DECAY)).isBetween(shortest * 0.999, longest * 1.001);
        }
    }

    @Property
    void fadesEvenlyWhereverTheClockStands(
            @ForAll long start, @ForAll @LongRange(min = 1, max = 86_400L * 1_000_000_000) long later) {
        Latency told = new Latency();
        told.told(SECOND, start, DECAY);
        float then = told.nanos(start + later, DECAY);
        assertThat((double) then).isCloseTo(SECOND * Math.exp(-later / DECAY), within(SECOND * 2e-4));
        assertThat(told.nanos(start + later + SECOND, DECAY)).isLessThanOrEqualTo(then);
    }

    /** Another loop's clock may be behind: that is not long ago. */
    @Test
    void doesNotFadeForALoopWhoseClockIsBehind() {
        latency.told(SECOND, 100 * MILLI, DECAY);
        assertThat(latency.nanos(90 * MILLI, DECAY)).isEqualTo((float) SECOND);
        latency.told(MILLI, 90 * MILLI, DECAY);
        assertThat(latency.nanos(100 * MILLI, DECAY)).isEqualTo((float) SECOND);
    }

    /** The tick wraps after 52 days; what is older than half of that is not taken for new. */
    @Test
    void forgetsWhatIsAMonthOld() {
        latency.told(SECOND, 0, DECAY);
        assertThat(latency.nanos(TimeUnit.DAYS.toNanos(30), DECAY)).isLessThan(1);
        latency.told(MILLI, TimeUnit.DAYS.toNanos(30), DECAY);
        assertThat(latency.nanos(TimeUnit.DAYS.toNanos(30), DECAY)).isEqualTo((float) MILLI);
    }
}
