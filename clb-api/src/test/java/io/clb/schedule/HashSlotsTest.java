package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HashSlotsTest {

    private static final int SLOTS = 65_536;
    private static final int GOLDEN = -1_784_449_996;

    /** SPEC: a server that goes moves its own keys and at most 1 % of the others. */
    private static final int PERCENT = 100;

    @Property(tries = 60)
    void givesEachServerASlotAtLeastAndAThirtySecondOverItsShareAtMost(@ForAll("upToAThousand") int[] weights) {
        int[] kept = counts(HashSlots.of(ids(weights.length), weights, SLOTS), weights.length);
        long sum = sum(weights);
        for (int i = 0; i < weights.length; i++) {
            double share = (double) SLOTS * weights[i] / sum;
            assertThat(kept[i]).isBetween(1, (int) Math.ceil(share * 33 / 32));
        }
        assertThat(Arrays.stream(kept).sum()).isEqualTo(SLOTS);
    }

    /** Chance leaves the rest: a standard deviation of the square root of the share, as for any hash. Five of them, or one slot. */
    @Property(tries = 60)
    void givesEachServerAboutItsShare(@ForAll("upToAThousand") int[] weights) {
        int[] kept = counts(HashSlots.of(ids(weights.length), weights, SLOTS), weights.length);
        long sum = sum(weights);
        for (int i = 0; i < weights.length; i++) {
            double share = (double) SLOTS * weights[i] / sum;
            assertThat((double) kept[i]).isGreaterThanOrEqualTo(Math.min(share - 5 * Math.sqrt(share), share - 1));
        }
    }

    @Property(tries = 60)
    void movesNextToNoneOfTheOthersKeysWhenAServerGoesOrComes(
            @ForAll("upToAThousand") int[] weights, @ForAll @IntRange(max = 999) int chosen) {
        int gone = chosen % weights.length;
        String[] ids = ids(weights.length);
        char[] with = HashSlots.of(ids, weights, SLOTS);
        char[] without = HashSlots.of(without(ids, gone), without(weights, gone), SLOTS);
        int others = 0;
        int moved = 0;
        for (int slot = 0; slot < without.length; slot++) {
            int index = without[slot] < gone ? without[slot] : without[slot] + 1;
            if (with[slot] != gone) {
                others++;
                moved += with[slot] == index ? 0 : 1;
            }
        }
        assertThat(moved * PERCENT).as("%d of %d", moved, others).isLessThanOrEqualTo(others);
    }

    /** More weight takes keys from all, less gives keys to all; between the others next to nothing moves. */
    @Property(tries = 60)
    void movesNextToNoKeysBetweenOthersWhenAWeightChanges(
            @ForAll("upToAThousand") int[] weights,
            @ForAll @IntRange(max = 999) int chosen,
            @ForAll @IntRange(min = 1, max = 100) int weight) {
        int changed = chosen % weights.length;
        int[] after = weights.clone();
        after[changed] = weight;
        String[] ids = ids(weights.length);
        char[] ownersBefore = HashSlots.of(ids, weights, SLOTS);
        char[] ownersAfter = HashSlots.of(ids, after, SLOTS);
        int moved = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            boolean between = ownersBefore[slot] != changed && ownersAfter[slot] != changed;
            moved += between && ownersBefore[slot] != ownersAfter[slot] ? 1 : 0;
        }
        assertThat(moved * PERCENT).isLessThanOrEqualTo(SLOTS);
    }

    /** A tenth of the servers at once, as when a rack fails. */
    @Test
    void movesFewOfTheOthersKeysWhenATenthOfTheServersGo() {
        String[] ids = ids(500);
        int[] weights = new int[500];
        Arrays.setAll(weights, i -> 1 + i * 7 % 100);
        int[] left = IntStream.range(0, 500).filter(i -> i % 10 != 3).toArray();
        char[] with = HashSlots.of(ids, weights, SLOTS);
        char[] without = HashSlots.of(
                Arrays.stream(left).mapToObj(i -> ids[i]).toArray(String[]::new),
                Arrays.stream(left).map(i -> weights[i]).toArray(),
                SLOTS);
        int moved = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            moved += with[slot] % 10 != 3 && with[slot] != left[without[slot]] ? 1 : 0;
        }
        assertThat(moved * PERCENT).isLessThanOrEqualTo(SLOTS);
    }

    /** Where this leaves somebody without a slot, one is taken for him afterwards, which the definition does not know. */
    @Property(tries = 100)
    void comesToTheMatchingThatGoingThroughAllDrawsInOrderOfTimeComesTo(@ForAll("few") int[] weights) {
        int slots = 257;
        String[] ids = ids(weights.length);
        char[] expected = inOrderOfTime(ids, weights, slots);
        Assume.that(Arrays.stream(counts(expected, ids.length)).allMatch(kept -> kept > 0));
        assertThat(HashSlots.of(ids, weights, slots)).isEqualTo(expected);
    }

    /** Written down once: other nodes, other JVMs and later versions must come to the same table, or they would move clients. */
    @Test
    void isTheSameEverywhere() {
        char[] owners = HashSlots.of(ids(100), IntStream.rangeClosed(1, 100).toArray(), SLOTS);
        assertThat(Arrays.hashCode(owners)).isEqualTo(GOLDEN);
    }

    @Test
    void hasASlotForEachOfAsManyServersAsABalancerMayHave() {
        int[] weights = new int[65_535];
        Arrays.fill(weights, 100);
        weights[7] = 1;
        assertThat(Arrays.stream(counts(HashSlots.of(ids(weights.length), weights, SLOTS), weights.length)))
                .allMatch(kept -> kept == 1 || kept == 2);
    }

    @Test
    void isEmptyWithoutServers() {
        assertThat(HashSlots.of(new String[0], new int[0], SLOTS)).isEmpty();
    }

    @Provide
    Arbitrary<int[]> upToAThousand() {
        return positive(1_000);
    }

    @Provide
    Arbitrary<int[]> few() {
        return positive(8);
    }

    private static Arbitrary<int[]> positive(int most) {
        return Weights.ofServers(most)
                .map(weights -> Arrays.stream(weights)
                        .map(weight -> Math.max(1, weight))
                        .toArray());
    }

    /** A draw: who, when, which slot. */
    private record Draw(int server, long time, int slot) {}

    /** The definition itself: all draws by time; a slot that nobody has yet is kept by who may keep one more. */
    private static char[] inOrderOfTime(String[] ids, int[] weights, int slots) {
        List<Draw> draws = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            for (int k = 0; k < 40 * slots; k++) {
                long bits = Mix.mix(Mix.hash(ids[i]) + k * 0x9e37_79b9_7f4a_7c15L);
                long time = ((((long) k << 16) + (bits & 0xffff)) << 5) / weights[i];
                draws.add(new Draw(i, time, (int) (((bits >>> 32) * slots) >>> 32)));
            }
        }
        draws.sort(Comparator.comparingLong(Draw::time).thenComparingInt(Draw::server));
        char[] owners = new char[slots];
        Arrays.fill(owners, '\uffff');
        int[] kept = new int[ids.length];
        long sum = sum(weights);
        for (Draw draw : draws) {
            double cap = Math.ceil((double) slots * weights[draw.server] * 33 / (32 * sum));
            if (owners[draw.slot] == '\uffff' && kept[draw.server] < cap) {
                owners[draw.slot] = (char) draw.server;
                kept[draw.server]++;
            }
        }
        return owners;
    }

    private static String[] ids(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "10.0." + i / 256 + "." + i % 256 + ":8080")
                .toArray(String[]::new);
    }

    private static String[] without(String[] ids, int gone) {
        return IntStream.range(0, ids.length)
                .filter(i -> i != gone)
                .mapToObj(i -> ids[i])
                .toArray(String[]::new);
    }

    private static int[] without(int[] weights, int gone) {
        return IntStream.range(0, weights.length)
                .filter(i -> i != gone)
                .map(i -> weights[i])
                .toArray();
    }

    private static int[] counts(char[] owners, int servers) {
        int[] counts = new int[servers];
        for (char owner : owners) {
            counts[owner]++;
        }
        return counts;
    }

    private static long sum(int[] weights) {
        return Arrays.stream(weights).asLongStream().sum();
    }
}
