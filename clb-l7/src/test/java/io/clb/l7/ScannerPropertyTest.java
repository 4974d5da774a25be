package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.l7.HeadReading.Kind;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.statistics.Statistics;

/** What the scanners make of bytes that nobody has thought of. */
final class ScannerPropertyTest {

    private static final List<byte[]> REQUESTS = Mutants.requests();
    private static final List<byte[]> RESPONSES = Mutants.responses();
    private static final List<byte[]> BODIES = Mutants.bodies();
    private static final List<byte[]> ALL = Mutants.corpus();
    private static final List<byte[]> GOOD = GoodRequests.all().stream()
            .map(good -> good.sent().getBytes(ISO_8859_1))
            .filter(bytes -> bytes.length < 1_000)
            .toList();

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void aValidRequestArrivesAsItShould(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RandomRequest request = RandomRequest.of(random);
        byte[] sent = request.head().getBytes(ISO_8859_1);
        HeadReading accepted = Agreement.onHead(Kind.REQUEST, sent, random);
        assertThat(accepted.refusal()).as(request.head()).isNull();
        assertThat(accepted.consumed()).isEqualTo(sent.length);
        Head head = new Head();
        HeadReading.of(Kind.REQUEST, sent, head);
        HeadReading received = HeadReading.generously(Kind.REQUEST, Agreement.written(Kind.REQUEST, head));
        assertThat(received.start()).as(request.head()).isEqualTo(request.start());
        assertThat(received.fields()).as(request.head()).isEqualTo(request.fields());
        assertThat(received.length()).isEqualTo(request.length());
        assertThat(received.chunked()).isEqualTo(request.chunked());
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void othersReadTheRequestsThatWeAcceptAsWeDo(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        collect(Agreement.onMessage(Kind.REQUEST, Mutants.of(REQUESTS, random), random));
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void othersReadTheResponsesThatWeAcceptAsWeDo(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        collect(Agreement.onMessage(Kind.RESPONSE, Mutants.of(RESPONSES, random), random));
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void aServerReadsTheRequestsThatWereDecodedAndNoOther(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = random.nextInt(5); i > 0; i--) {
            stream.writeBytes(random.nextBoolean() ? GOOD.get(random.nextInt(GOOD.size())) : Mutants.of(ALL, random));
        }
        Agreement.onStream(stream.toByteArray(), random);
    }

    /** That some are accepted and some are not: else nothing would have been shown. */
    private static void collect(HeadReading reading) {
        Statistics.label("result").collect(reading.result()).coverage(results -> {
            results.check(HeadScanner.Result.COMPLETE).percentage(p -> p > 3);
            results.check(HeadScanner.Result.REFUSED).percentage(p -> p > 3);
        });
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void aNaiveReaderFindsTheSameEndOfABody(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Agreement.onChunks(Mutants.of(BODIES, random), random);
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF)
    void randomBytesAreNoMessage(@ForAll byte[] bytes, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        assertThat(Agreement.onMessage(Kind.REQUEST, bytes, random).consumed()).isZero();
        assertThat(Agreement.onMessage(Kind.RESPONSE, bytes, random).consumed()).isZero();
        Agreement.onChunks(bytes, random);
    }
}
