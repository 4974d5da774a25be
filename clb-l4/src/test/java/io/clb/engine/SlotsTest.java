package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Numbers given out and taken back. */
final class SlotsTest {

    private static final int CAPACITY = 8;

    @Property
    void noNumberHasTwoOwners(@ForAll List<@IntRange(min = -2, max = CAPACITY - 1) Integer> steps) {
        Slots slots = new Slots(CAPACITY);
        Set<Integer> taken = new HashSet<>();
        for (int step : steps) {
            if (step >= 0) {
                slots.give(step);
                taken.remove(step);
            } else if (taken.size() < CAPACITY) {
                int slot = step == -1 ? slots.take() : slots.takeLowest();
                assertThat(slot).isBetween(0, CAPACITY - 1);
                assertThat(taken.add(slot)).isTrue();
            }
        }
    }

    @Example
    void aNumberThatCameBackWaitsForAllThatFollowIt() {
        Slots slots = new Slots(CAPACITY);
        assertThat(slots.take()).isZero();
        assertThat(slots.take()).isEqualTo(1);
        slots.give(0);
        for (int next = 2; next < CAPACITY; next++) {
            assertThat(slots.take()).isEqualTo(next);
        }
        assertThat(slots.take()).isZero();
    }

    @Example
    void theLowestIsTheLowest() {
        Slots slots = new Slots(CAPACITY);
        slots.take();
        slots.take();
        slots.give(0);
        assertThat(slots.takeLowest()).isZero();
        assertThat(slots.takeLowest()).isEqualTo(2);
    }

    @Example
    void whenAllAreTakenThereIsNoOther() {
        Slots slots = new Slots(1);
        assertThat(slots.free()).isEqualTo(1);
        slots.take();
        assertThat(slots.free()).isZero();
        assertThatThrownBy(slots::take)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("all 1 slots are taken");
        slots.give(0);
        assertThat(slots.take()).isZero();
    }
}
