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

    private static final long HEIGHTS = 1L << Integer.SIZE;

    /** Over all columns and all heights, what falls to each index: its share of them, but for the rounding of a height in each column. */
    @Property(tries = 200)
    void givesEachIndexExactlyItsShareOfTheDraws(@ForAll("upToAThousand") int[] weights) {
        AliasTable table = new AliasTable(weights);
        long[] heights = new long[weights.length];
        for (int column = 0; column < weights.length; column++) {
            int lowest = table.draw(bits(column, 0, weights.length));
            int highest = table.draw(bits(column, HEIGHTS - 1, weights.length));
            long change = lowest == highest ? HEIGHTS : firstOf(table, column, highest, weights.length);
            heights[lowest] += change;
            heights[highest] += HEIGHTS - change;
        }
        double sum = Arrays.stream(weights).asLongStream().sum();
        for (int i = 0; i < weights.length; i++) {
            double drawn = (double) heights[i] / HEIGHTS / weights.length;
            assertThat(drawn).isCloseTo(weights[i] / sum, within((double) weights.length / HEIGHTS));
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

    /** The lowest height at which a column gives its upper index. */
    private static long firstOf(AliasTable table, int column, int upper, int columns) {
        long low = 0;
        long high = HEIGHTS - 1;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (table.draw(bits(column, middle, columns)) == upper) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Random bits that choose a column and a height in it. */
    private static long bits(int column, long height, int columns) {
        long chooser = (column * HEIGHTS + columns - 1) / columns;
        return (chooser << Integer.SIZE) | height;
    }
}
