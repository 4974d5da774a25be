package io.clb.table;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SlotTableTest {

    /** Fixed where many addresses meet, so that no run meets the rare pair that shares a tag. */
    private static final long KEY = 0x5eed;

    private static final int IDLE = 60;
    private static final long SECONDS_UNTIL_WRAP = 1L << 24;

    /** One look-up or one put of a client, some time after the one before. */
    record Step(boolean put, int client, int slot, long afterNanos) {}

    record LastPut(int slot, long second) {}

    @Property(generation = GenerationMode.RANDOMIZED)
    void findsAnySlotOfAnyAddressAtAnyTimeUnderAnyKey(
            @ForAll long key,
            @ForAll long high,
            @ForAll long low,
            @ForAll @IntRange(max = 65_535) int slot,
            @ForAll long now) {
        SlotTable table = new SlotTable(1_024, IDLE, key);
        assertThat(table.find(high, low, now)).isEqualTo(-1);
        table.put(high, low, slot, now);
        assertThat(table.find(high, low, now)).isEqualTo(slot);
    }

    @Property
    void doesWhatAMapWithTimesDoesWhereThereIsRoom(@ForAll("steps") List<Step> steps, @ForAll("starts") long start) {
        SlotTable table = new SlotTable(1 << 16, IDLE, KEY);
        Map<Integer, LastPut> model = new HashMap<>();
        long now = start;
        for (Step step : steps) {
            now += step.afterNanos;
            long second = Math.floorDiv(now, SECONDS.toNanos(1));
            if (step.put) {
                table.put(0, step.client, step.slot, now);
                model.put(step.client, new LastPut(step.slot, second));
            }
            LastPut last = model.get(step.client);
            int expected = last != null && second - last.second <= IDLE ? last.slot : -1;
            assertThat(table.find(0, step.client, now)).isEqualTo(expected);
        }
    }

    @Property
    void keepsTheEightOfASetThatWereUsedLast(@ForAll("steps") List<Step> steps, @ForAll("starts") long start) {
        SlotTable set = new SlotTable(8, SECONDS_UNTIL_WRAP / 2, KEY);
        Map<Integer, Integer> slotsByLastUse = new LinkedHashMap<>();
        long now = start;
        for (Step step : steps) {
            now += SECONDS.toNanos(1);
            set.put(0, step.client, step.slot, now);
            slotsByLastUse.remove(step.client);
            slotsByLastUse.put(step.client, step.slot);
        }
        int older = slotsByLastUse.size() - 8;
        for (Map.Entry<Integer, Integer> entry : slotsByLastUse.entrySet()) {
            assertThat(set.find(0, entry.getKey(), now)).isEqualTo(older > 0 ? -1 : entry.getValue());
            older--;
        }
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void remembersForAllOfTheIdleTimeAndForgetsWithinASecondAfter(
            @ForAll("starts") long start,
            @ForAll @LongRange(min = 1, max = 3_600) long idle,
            @ForAll @LongRange(max = 3_600_000_000_000L) long within,
            @ForAll @LongRange(max = 10_000_000_000_000_000L) long beyond) {
        SlotTable table = new SlotTable(1_024, idle, KEY);
        table.put(1, 2, 3, start);
        assertThat(table.find(1, 2, start + Math.min(within, SECONDS.toNanos(idle))))
                .isEqualTo(3);
        assertThat(table.find(1, 2, start + SECONDS.toNanos(idle + 1) + beyond)).isEqualTo(-1);
    }

    @Property
    void toleratesLoopsWhoseClocksAreUpToTwoSecondsApart(
            @ForAll("starts") long start, @ForAll @LongRange(max = 2_000_000_000L) long behind) {
        SlotTable set = new SlotTable(8, IDLE, KEY);
        IntStream.range(0, 7).forEach(i -> set.put(0, i, i, start - SECONDS.toNanos(10)));
        set.put(0, 7, 7, start);
        assertThat(set.find(0, 7, start - behind)).isEqualTo(7);
        // Nor is what comes from the faster clock taken for the oldest.
        set.put(0, 8, 8, start - behind);
        assertThat(set.find(0, 7, start)).isEqualTo(7);
    }

    @Test
    void hasNoMoreEntriesThanItsCapacityRoundedUpToAPowerOfTwo() {
        assertThat(kept(1_024, 100_000)).isEqualTo(1_024);
        assertThat(kept(1_025, 100_000)).isEqualTo(2_048);
    }

    @Test
    void countsWhatGaveWayButNotWhatHadExpired() {
        SlotTable set = new SlotTable(8, IDLE, KEY);
        IntStream.range(0, 10).forEach(i -> set.put(0, i, i, 0));
        assertThat(set.forgotten()).isEqualTo(2);
        IntStream.range(10, 18).forEach(i -> set.put(0, i, i, SECONDS.toNanos(IDLE + 1)));
        assertThat(set.forgotten()).isEqualTo(2);
        IntStream.range(10, 18).forEach(i -> set.put(0, i, 1, SECONDS.toNanos(IDLE + 1)));
        assertThat(set.forgotten()).isEqualTo(2);
    }

    /** Neighbours in one network are the usual clients. At half load a set of eight overflows for 0.8 % of them (Poisson). */
    @Test
    void spreadsNeighboursOverAllSets() {
        assertThat(kept(1 << 16, 1 << 15)).isGreaterThan((int) (0.985 * (1 << 15)));
    }

    /** 8 words of 24-bit tags: one stranger in two million. */
    @Test
    void takesHardlyAnyStrangerForAClient() {
        SlotTable table = new SlotTable(1 << 16, IDLE, KEY);
        IntStream.range(0, 1_000_000).forEach(i -> table.put(0, i, 1, 0));
        assertThat(IntStream.range(0, 1_000_000)
                        .filter(i -> table.find(1, i, 0) >= 0)
                        .count())
                .isLessThan(5);
    }

    @Test
    void keepsOneEntryForAnAddressHoweverOftenItIsPut() {
        SlotTable set = new SlotTable(8, IDLE, KEY);
        set.put(0, 1, 1, 0);
        for (int i = 0; i < 100; i++) {
            set.put(0, 2, i, SECONDS.toNanos(i / 10));
        }
        assertThat(set.find(0, 1, SECONDS.toNanos(10))).isEqualTo(1);
        assertThat(set.find(0, 2, SECONDS.toNanos(10))).isEqualTo(99);
    }

    private static int kept(int capacity, int addresses) {
        SlotTable table = new SlotTable(capacity, IDLE, KEY);
        IntStream.range(0, addresses).forEach(i -> table.put(0, i, i & 0xffff, 0));
        return (int) IntStream.range(0, addresses)
                .filter(i -> table.find(0, i, 0) == (i & 0xffff))
                .count();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> slots = Arbitraries.integers().between(0, 65_535);
        Arbitrary<Integer> clients = Arbitraries.integers().between(1, 20);
        Arbitrary<Long> pauses = Arbitraries.longs().between(0, SECONDS.toNanos(2 * IDLE));
        return Combinators.combine(Arbitraries.of(true, false), clients, slots, pauses)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    /** Clocks count from anywhere; most interesting where 24 bits of seconds wrap, and where the clock turns positive. */
    @Provide
    Arbitrary<Long> starts() {
        long wrap = SECONDS.toNanos(SECONDS_UNTIL_WRAP);
        Arbitrary<Long> near = Arbitraries.longs().between(-SECONDS.toNanos(100), SECONDS.toNanos(100));
        return Combinators.combine(Arbitraries.longs().between(-500, 500), near)
                .as((turn, offset) -> turn * wrap + offset);
    }
}
