package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.XForwardedFor;
import io.clb.l7.HeadReading.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What holds for all bytes that may come: nothing is thrown, pieces make no difference, and whatever our scanners accept others read as they do. */
final class Agreement {

    static final ForwardedLines LINES = new ForwardedLines(
            new Forwarding(XForwardedFor.APPEND, false, false, true, false, false, false, false, false, true, "test"),
            false,
            "127.0.0.1",
            1,
            "127.0.0.1",
            80,
            "");

    private static final int SWITCHING_PROTOCOLS = 101;

    private Agreement() {}

    /** Of bytes that came in place of a message. Returns how they are read. */
    static HeadReading onHead(Kind kind, byte[] bytes, SplittableRandom random) {
        Head head = new Head();
        HeadReading reading = HeadReading.of(kind, bytes, head);
        HeadReading inPieces = HeadReading.inPieces(kind, bytes, new Head(), random);
        assertThat(inPieces).as(() -> text(bytes)).isEqualTo(reading);
        if (reading.result() == HeadScanner.Result.COMPLETE) {
            assertNettyReadsIt(kind, bytes, reading);
            byte[] written = written(kind, head);
            HeadReading again = HeadReading.generously(kind, written);
            assertThat(again.result()).as(() -> text(written)).isEqualTo(HeadScanner.Result.COMPLETE);
            assertThat(again.consumed()).as(() -> text(written)).isEqualTo(written.length);
            assertThat(again.length()).isEqualTo(reading.length());
            assertThat(again.chunked()).isEqualTo(reading.chunked());
            assertNettyReadsIt(kind, written, again);
        }
        return reading;
    }

    /** But for 304 with a coding, which RFC 9112 6.1 lets pass, and Netty takes it off. */
    private static void assertNettyReadsIt(Kind kind, byte[] bytes, HeadReading reading) {
        if (!(reading.chunked() && reading.start().endsWith(" 304"))) {
            assertThat(HeadReading.byNetty(kind, bytes, reading.consumed()))
                    .as(() -> text(bytes))
                    .isEqualTo(reading);
        }
    }

    /** What we send on. */
    static byte[] written(Kind kind, Head head) {
        UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
        ByteBuf out = kind == Kind.REQUEST
                ? HeadWriter.request(allocator, head, LINES, 1, false, null)
                : HeadWriter.response(allocator, head, head.status, 0, null, false, false);
        if (kind == Kind.RESPONSE && head.status == SWITCHING_PROTOCOLS) {
            HeadWriter.upgrading(out);
        }
        try {
            byte[] written = new byte[out.readableBytes()];
            out.readBytes(written);
            return written;
        } finally {
            out.release();
        }
    }

    /** Of bytes that came in place of a body in chunks. Returns where it ends, as {@link BodyOracle} does. */
    static int onChunks(byte[] bytes, SplittableRandom random) {
        int end = BodyOracle.end(text(bytes));
        assertThat(scan(bytes, bytes.length, random)).as(() -> text(bytes)).isEqualTo(end);
        assertThat(scan(bytes, 1 << random.nextInt(0, 12), random))
                .as(() -> text(bytes))
                .isEqualTo(end);
        return end;
    }

    private static int scan(byte[] bytes, int most, SplittableRandom random) {
        BodyScanner scanner = new BodyScanner();
        scanner.chunked();
        int at = 0;
        while (at < bytes.length && !scanner.isComplete()) {
            int size = most == bytes.length ? most : random.nextInt(1, most + 1);
            ByteBuf in = Unpooled.wrappedBuffer(bytes, at, Math.min(size, bytes.length - at));
            int part = scanner.scan(in);
            if (part == BodyScanner.MALFORMED) {
                return part;
            }
            assertThat(scanner.isComplete() || part == in.readableBytes()).isTrue();
            assertThat(in.readerIndex()).isZero();
            at += part;
        }
        return scanner.isComplete() ? at : BodyOracle.MORE;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    /** Of bytes that came on a connection: what a server gets are, for whoever reads them by the letter, the requests that the decoder told of, and no other. */
    static void onStream(byte[] bytes, SplittableRandom random) {
        Relay relay = Relay.of(bytes, random);
        StrictReader reader = new StrictReader(new ByteArrayInputStream(relay.sent()));
        List<Relay.Reported> read = new ArrayList<>();
        try {
            while (true) {
                StrictReader.Request request = reader.next();
                int body = request.text().indexOf("\r\n\r\n") + 4;
                read.add(new Relay.Reported(
                        request.line(), request.fields(), request.text().substring(body)));
            }
        } catch (EOFException e) {
            assertThat(read).as(() -> text(bytes)).isEqualTo(relay.reported());
        } catch (IOException e) {
            throw new AssertionError(e.getMessage() + " in " + reader.seen() + " of " + text(bytes), e);
        }
    }

    /** Of a message: its head, and its body if that is in chunks. */
    static HeadReading onMessage(Kind kind, byte[] bytes, SplittableRandom random) {
        HeadReading head = onHead(kind, bytes, random);
        if (head.chunked()) {
            onChunks(Arrays.copyOfRange(bytes, head.consumed(), bytes.length), random);
        }
        return head;
    }
}
