package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RotationTest {

    /** 65,535 servers of weights 99 and 100. */
    private static final int LONGEST_PERIOD = 6_553_500;

    @Property
    void stepsThroughItsPeriodAndBeginsAgain(
            @ForAll @IntRange(min = 1, max = 50) int period, @ForAll @IntRange(max = 200) int steps) {
        Rotation rotation = new Rotation(period, 0);
        for (int i = 0; i < steps; i++) {
            assertThat(rotation.next()).isEqualTo(i % period);
        }
    }

    /** Randomized, as jqwik multiplies the ranges to see whether it can try all, and that product overflows. */
    @Property(generation = GenerationMode.RANDOMIZED)
    void startsInAnotherPeriodAsFarAsItHasComeAndComesBackToTheSameStep(
            @ForAll @IntRange(min = 1, max = LONGEST_PERIOD) int period,
            @ForAll @IntRange(min = 1, max = LONGEST_PERIOD) int other,
            @ForAll @IntRange(max = LONGEST_PERIOD - 1) int step) {
        int at = step % period;
        Rotation rotation = new Rotation(period, (double) at / period);
        Rotation elsewhere = new Rotation(other, rotation.phase());
        Rotation back = new Rotation(period, elsewhere.phase());
        assertThat(back.next()).isEqualTo(at);
        assertThat(elsewhere.next()).isEqualTo((int) ((long) at * other / period));
    }

    @Test
    void keepsItsPlaceThroughAPeriodOfNothing() {
        Rotation rotation = new Rotation(4, 0);
        rotation.next();
        Rotation empty = new Rotation(0, rotation.phase());
        assertThat(empty.phase()).isEqualTo(0.25);
        assertThat(new Rotation(4, empty.phase()).next()).isEqualTo(1);
    }

    @Test
    void keepsItsPhaseOverAMillionRebuilds() {
        Rotation rotation = new Rotation(7, 0);
        for (int i = 0; i < 1_000_000; i++) {
            rotation.next();
            rotation = new Rotation(7, rotation.phase());
        }
        assertThat(rotation.phase()).isCloseTo(1_000_000 % 7 / 7.0, within(1e-6));
    }
}
