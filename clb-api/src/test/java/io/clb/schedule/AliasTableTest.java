package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AliasTableTest {

    /** As many numbers as a draw tells apart. */
    private static final long NUMBERS = 1L << Integer.SIZE;

    /** Of all numbers, those that give each index: its share of them, but for one in each column, by rounding. */
    @Property(tries = 200)
    void givesEachIndexExactlyItsShareOfTheDraws(@ForAll("upToAThousand") int[] weights) {
        AliasTable table = new AliasTable(weights);
        long[] drawn = new long[weights.length];
        for (int column = 0; column < weights.length; column++) {
            long from = firstOf(column, weights.length);
            long to = firstOf(column + 1, weights.length);
            int lower = table.draw(from << Integer.SIZE);
            int upper = table.draw((to - 1) << Integer.SIZE);
            long change = lower == upper ? to : changeTo(table, upper, from, to);
            drawn[lower] += change - from;
            drawn[upper] += to - change;
        }
        double sum = Arrays.stream(weights).asLongStream().sum();
        for (int i = 0; i < weights.length; i++) {
            assertThat((double) drawn[i] / NUMBERS)
                    .isCloseTo(weights[i] / sum, within((double) weights.length / NUMBERS));
        }
    }

    @Test
    void hasRoomForAsManyServersAsABalancer() {
        int[] weights = new int[65_536];
        Arrays.fill(weights, 1);
        weights[65_535] = 100;
        AliasTable table = new AliasTable(weights);
        assertThat(table.draw(-1)).isEqualTo(65_535);
        assertThat(table.draw(0)).isBetween(0, 65_535);
    }

    @Provide
    Arbitrary<int[]> upToAThousand() {
        return Weights.ofServers(1_000)
                .map(weights ->
                        Arrays.stream(weights).filter(weight -> weight > 0).toArray());
    }

    /** The first number that falls into a column. */
    private static long firstOf(int column, int columns) {
        return (column * NUMBERS + columns - 1) / columns;
    }

    /** The first number of a column that gives its upper index. */
    private static long changeTo(AliasTable table, int upper, long from, long to) {
        long low = from;
        long high = to - 1;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (table.draw(middle << Integer.SIZE) == upper) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
