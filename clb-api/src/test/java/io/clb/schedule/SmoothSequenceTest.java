package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SmoothSequenceTest {

    @Test
    void followsItsTruthTable() {
        assertThat(SmoothSequence.of(new int[] {3, 2, 1})).containsExactly('\0', '\1', '\0', '\1', '\0', '\2');
    }

    @Test
    void isEmptyWithoutWeights() {
        assertThat(SmoothSequence.of(new int[0])).isEmpty();
        assertThat(SmoothSequence.of(new int[] {0, 0})).isEmpty();
    }

    @Test
    void hasRoomForAsManyServersAsABalancer() {
        int[] weights = new int[65_536];
        weights[65_535] = 7;
        assertThat(SmoothSequence.of(weights)).containsExactly('\uffff');
    }

    @Property
    void givesEachServerExactlyItsWeightInOnePeriod(@ForAll(supplier = Weights.class) int[] weights) {
        int[] expected = Weights.reduced(weights);
        char[] order = SmoothSequence.of(weights);
        assertThat(order).hasSize(Arrays.stream(expected).sum());
        assertThat(counts(order, weights.length)).isEqualTo(expected);
    }

    @Property
    void keepsEachServerLessThanOnePickFromItsShareAfterAnyNumberOfPicks(
            @ForAll(supplier = Weights.class) int[] weights) {
        char[] order = SmoothSequence.of(weights);
        long sum = Arrays.stream(weights).sum();
        int[] taken = new int[weights.length];
        for (int k = 1; k <= order.length; k++) {
            taken[order[k - 1]]++;
            for (int i = 0; i < weights.length; i++) {
                // |taken - k w / W| < 1, in whole numbers
                assertThat(Math.abs(taken[i] * sum - (long) k * weights[i])).isLessThan(sum);
            }
        }
    }

    /** Too many pairs of server and k to look at each; a server strays farthest just before and just after its own picks. */
    @Property(tries = 60)
    void keepsEachOfAThousandServersLessThanOnePickFromItsShare(@ForAll("upToAThousand") int[] weights) {
        char[] order = SmoothSequence.of(weights);
        assertThat(farthest(order, weights))
                .isLessThan(Arrays.stream(weights).asLongStream().sum());
        assertThat(counts(order, weights.length)).isEqualTo(Weights.reduced(weights));
    }

    @Provide
    Arbitrary<int[]> upToAThousand() {
        return Weights.ofServers(1_000);
    }

    /** Why this library does not use the better-known algorithm: with these weights its bound does not hold. */
    @ParameterizedTest
    @MethodSource
    void staysInBoundsThatTheSmoothWeightedAlgorithmOfNginxExceeds(int[] weights) {
        long sum = Arrays.stream(weights).sum();
        assertThat(farthest(SmoothWeightedReference.of(weights), weights)).isGreaterThanOrEqualTo(sum);
        assertThat(farthest(SmoothSequence.of(weights), weights)).isLessThan(sum);
    }

    static int[][] staysInBoundsThatTheSmoothWeightedAlgorithmOfNginxExceeds() {
        int[] twoStrongTwentyWeak = new int[22];
        Arrays.fill(twoStrongTwentyWeak, 1);
        Arrays.fill(twoStrongTwentyWeak, 0, 2, 100);
        int[] ten = {6, 2, 30, 98, 11, 68, 23, 5, 68, 26};
        return new int[][] {{9, 9, 1, 1, 1}, twoStrongTwentyWeak, ten};
    }

    /** The largest |taken - k w / W| at any k for any server, times W. */
    private static long farthest(char[] order, int[] weights) {
        long sum = Arrays.stream(weights).sum();
        long[] taken = new long[weights.length];
        long farthest = 0;
        for (int k = 1; k <= order.length; k++) {
            int i = order[k - 1];
            long behind = (k - 1L) * weights[i] - taken[i] * sum;
            taken[i]++;
            long ahead = taken[i] * sum - (long) k * weights[i];
            farthest = Math.max(farthest, Math.max(behind, ahead));
        }
        return farthest;
    }

    private static int[] counts(char[] order, int servers) {
        int[] counts = new int[servers];
        for (char i : order) {
            counts[i]++;
        }
        return counts;
    }
}
