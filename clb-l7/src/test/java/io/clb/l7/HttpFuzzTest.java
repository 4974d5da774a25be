package io.clb.l7;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.clb.l7.HeadReading.Kind;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for any bytes, see {@link Agreement}, under Jazzer. In a usual run these are the corpus and no more; with {@code -Pfuzz} it goes on from there for half a minute, led by what
 * code it has reached.
 */
final class HttpFuzzTest {

    static Stream<byte[]> corpus() {
        return Mutants.corpus().stream();
    }

    @MethodSource("corpus")
    @FuzzTest(maxDuration = "30s")
    void anyBytes(byte[] bytes) {
        SplittableRandom random = new SplittableRandom(Arrays.hashCode(bytes));
        Agreement.onMessage(Kind.REQUEST, bytes, random);
        Agreement.onMessage(Kind.RESPONSE, bytes, random);
        Agreement.onChunks(bytes, random);
        Agreement.onStream(bytes, random);
    }
}
