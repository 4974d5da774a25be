package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l7.HeadReading.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Mutates messages over and over, and goes on with those that are read in a way that was not seen before. Seeded, so that a failure can be repeated; under
 * {@code -Pfull} it runs longer, from a seed of its own each time.
 *
 * <p>It does not look at which code was run: the messages to begin with run it all. {@link HttpFuzzTest} does look.
 */
final class ScannerFuzzTest {

    private static final boolean FULL = Boolean.getBoolean("clb.full");
    private static final int ROUNDS = FULL ? 2_000_000 : 40_000;
    private static final long SEED = FULL ? System.nanoTime() : 1;

    @Test
    void requests() {
        fuzz(Mutants.requests(), random -> bytes -> read(Kind.REQUEST, bytes, random));
    }

    @Test
    void responses() {
        fuzz(Mutants.responses(), random -> bytes -> read(Kind.RESPONSE, bytes, random));
    }

    @Test
    void chunks() {
        fuzz(Mutants.bodies(), random -> bytes -> {
            int end = Agreement.onChunks(bytes, random);
            return end < 0 ? List.of(end, bucket(bytes.length)) : List.of(bucket(end), bucket(bytes.length));
        });
    }

    private static List<Object> read(Kind kind, byte[] bytes, SplittableRandom random) {
        HeadReading reading = Agreement.onMessage(kind, bytes, random);
        return List.of(
                reading.result(),
                String.valueOf(reading.refusal()),
                bucket(reading.consumed()),
                bucket(reading.fields().size()),
                bucket((int) Math.min(reading.length(), Integer.MAX_VALUE)),
                reading.chunked());
    }

    private static int bucket(int number) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(number);
    }

    private static void fuzz(List<byte[]> seeds, Function<SplittableRandom, Function<byte[], List<Object>>> reader) {
        SplittableRandom random = new SplittableRandom(SEED);
        Function<byte[], List<Object>> read = reader.apply(random);
        List<byte[]> corpus = new ArrayList<>(seeds);
        Set<List<Object>> seen = new HashSet<>();
        seeds.forEach(seed -> seen.add(read.apply(seed)));
        int known = seen.size();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] mutant = Mutants.of(corpus, random);
            try {
                if (seen.add(read.apply(mutant)) && mutant.length > 0) {
                    corpus.add(mutant);
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + SEED + ", round " + round + ": " + Arrays.toString(mutant), e);
            }
        }
        assertThat(seen).hasSizeGreaterThan(known);
    }
}
