package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MixTest {

    /** SplitMix64 of the JDK mixes alike: its outputs are this mix of multiples of the golden ratio. */
    @Property
    void mixesAsTheGeneratorThatItIsFrom(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        assertThat(Mix.mix(seed + 0x9e37_79b9_7f4a_7c15L)).isEqualTo(random.nextLong());
    }

    /** Whatever bit of a key differs, each of the 32 bits that choose a slot changes in about half of the cases. */
    @Property(tries = 200)
    void changesEachBitOfTheSlotInHalfOfTheCases(@ForAll @IntRange(max = 287) int bit) {
        SplittableRandom random = new SplittableRandom(bit);
        int[] changed = new int[Integer.SIZE];
        int keys = 2_000;
        for (int i = 0; i < keys; i++) {
            long[] key = random.longs(4).toArray();
            int ports = random.nextInt();
            long before = Mix.hash(key[0], key[1], key[2], key[3], ports);
            if (bit < 256) {
                key[bit / 64] ^= 1L << (bit % 64);
            } else {
                ports ^= 1 << (bit - 256);
            }
            long after = Mix.hash(key[0], key[1], key[2], key[3], ports);
            for (int b = 0; b < changed.length; b++) {
                changed[b] += (int) (((before ^ after) >>> (32 + b)) & 1);
            }
        }
        // Six standard deviations of a fair coin.
        assertThat(Arrays.stream(changed)).allMatch(count -> Math.abs(count - keys / 2) < 6 * Math.sqrt(keys) / 2);
    }

    /** Keys as they come: neighbours in a network, with ports in a row. No server of 64 may be far off. */
    @Test
    void spreadsNeighboursEvenly() {
        assertSpread(i -> Mix.hash(0, 0xffff_0a00_0000L + i));
        assertSpread(i -> Mix.hash(0x2001_0db8_0000_0000L + (i << 16), 1));
        assertSpread(i -> Mix.hash(0x2001_0db8_0000_0000L, i << 8));
        assertSpread(i ->
                Mix.hash(0, 0xffff_0a00_0001L, 0, 0xffff_0a00_0002L, (int) (((1_024 + i % 60_000) << 16) | 80)));
    }

    private static void assertSpread(LongUnaryOperator hash) {
        int[] counts = new int[64];
        int keys = 60_000;
        for (int i = 0; i < keys; i++) {
            counts[LoopRandom.below(64, hash.applyAsLong(i))]++;
        }
        double mean = keys / 64.0;
        assertThat(Arrays.stream(counts)).allMatch(count -> Math.abs(count - mean) < 5 * Math.sqrt(mean));
    }

    /** Written down once, like the table that depends on it. */
    @Test
    void hashesTextsTheSameEverywhere() {
        assertThat(Mix.hash("")).isEqualTo(Mix.mix(0xcbf2_9ce4_8422_2325L));
        // The published vector of FNV-1a for "foobar".
        assertThat(Mix.hash("foobar")).isEqualTo(Mix.mix(0x8594_4171_f739_67e8L));
    }
}
