package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** Where frames end, however they come. */
final class FrameScannerTest {

    private static final int[] SIZES = {0, 1, 125, 126, 127, 65_535, 65_536, 70_000};

    private final FrameScanner frames = new FrameScanner();

    /** Where frames end in what comes as one piece. */
    private List<Integer> ends(String bytes) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes.getBytes(ISO_8859_1));
        List<Integer> ends = new ArrayList<>();
        int at = 0;
        while (at < in.writerIndex()) {
            at = frames.next(in, at, in.writerIndex());
            if (frames.isBetweenFrames()) {
                ends.add(at);
            }
        }
        return ends;
    }

    @Test
    void nothingHasBegunAtFirst() {
        assertThat(frames.isBetweenFrames()).isTrue();
        assertThat(frames.isClosed()).isFalse();
    }

    @Property(generation = GenerationMode.RANDOMIZED, shrinking = ShrinkingMode.OFF, tries = 300)
    void framesOfAllSizesInPiecesOfAnySize(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder all = new StringBuilder();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int size = random.nextBoolean() ? SIZES[random.nextInt(SIZES.length)] : random.nextInt(300);
            all.append(Frames.frame(Frames.BINARY, "x".repeat(size), random.nextBoolean()));
            expected.add(all.length());
        }
        FrameScanner scanner = new FrameScanner();
        List<Integer> found = new ArrayList<>();
        ByteBuf in = Unpooled.wrappedBuffer(all.toString().getBytes(ISO_8859_1));
        int most = 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000);
        int at = 0;
        while (at < all.length()) {
            int end = Math.min(all.length(), at + 1 + random.nextInt(most));
            while (at < end) {
                at = scanner.next(in, at, end);
                if (scanner.isBetweenFrames()) {
                    found.add(at);
                }
            }
        }
        assertThat(found).isEqualTo(expected);
        assertThat(scanner.isClosed()).isFalse();
    }

    @Test
    void aCloseFrameCountsWhenItIsWhole() {
        String close = Frames.frame(Frames.CLOSE, "\u0003\u00e8", true);
        assertThat(ends(close.substring(0, 7))).isEmpty();
        assertThat(frames.isClosed()).isFalse();
        assertThat(ends(close.substring(7))).containsExactly(1);
        assertThat(frames.isClosed()).isTrue();
    }

    @Test
    void aLengthThatIsNoneHasNoEnd() {
        assertThat(ends("\u0082\u007f\u0080" + "\0".repeat(100))).isEmpty();
        assertThat(ends(Frames.frame(Frames.CLOSE, "", false))).isEmpty();
        assertThat(frames.isBetweenFrames()).isFalse();
        assertThat(frames.isClosed()).isFalse();
    }
}
