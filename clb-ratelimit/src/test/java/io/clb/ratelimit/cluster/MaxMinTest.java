package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MaxMinTest {

    private static final long CAPACITY = 1_000_000;

    @Test
    void whoWantsLittleHasThatAndTheOthersDivideTheRest() {
        assertThat(MaxMin.split(new long[] {100, 900, 900}, 900, 0)).containsExactly(100, 400, 400);
    }

    @Test
    void whatNobodyWantsIsSharedOutAlike() {
        assertThat(MaxMin.split(new long[] {100, 200, 0}, 900, 0)).containsExactly(300, 400, 200);
    }

    @Test
    void everybodyHasTheLeast() {
        assertThat(MaxMin.split(new long[] {0, 5_000, 0}, 900, 10)).containsExactly(10, 880, 10);
    }

    /** Nothing is made, nothing lost but by rounding, and nobody could have more without taking it from somebody who has no more than he. */
    @Property
    void isMaxMinFair(
            @ForAll @Size(min = 1, max = 12) List<@LongRange(max = CAPACITY) Long> wanted,
            @ForAll @LongRange(max = 80_000) long least) {
        long[] demands = wanted.stream().mapToLong(Long::longValue).toArray();
        long[] shares = MaxMin.split(demands, CAPACITY, least);

        assertThat(LongStream.of(shares).sum()).isBetween(CAPACITY - demands.length, CAPACITY);
        assertThat(LongStream.of(shares)).allMatch(share -> share >= least);
        long most = LongStream.of(shares).max().orElseThrow();
        boolean scarce =
                LongStream.of(demands).map(demand -> Math.max(demand, least)).sum() > CAPACITY;
        assertThat(IntStream.range(0, shares.length))
                .allMatch(i -> shares[i] >= Math.max(demands[i], least) || (scarce && shares[i] == most));
    }
}
