package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a parser reads a head.
 *
 * @param refusal why it is refused; null if it is not
 * @param consumed bytes of the head; 0 if it is refused or not complete
 * @param fields as in {@code name:value}
 * @param length the body's, or -1
 */
record HeadReading(
        HeadScanner.Result result,
        @Nullable Reason refusal,
        int consumed,
        String start,
        List<String> fields,
        long length,
        boolean chunked) {

    /** Whether it is of requests or of responses. */
    enum Kind {
        REQUEST,
        RESPONSE
    }

    /** Lets pass whatever may be let pass, so that it is looked at too. */
    static final Leniency LENIENT = new Leniency(true, true, true, true);

    private static final HeadScanner USUAL = new HeadScanner(8_192, 16_384, 100, LENIENT);
    private static final HeadScanner GENEROUS = new HeadScanner(32_768, 65_535, 1_000, LENIENT);

    private static HeadReading unread(HeadScanner.Result result, @Nullable Reason refusal) {
        return new HeadReading(result, refusal, 0, "", List.of(), -1, false);
    }

    /** As our scanner reads it, in one piece. */
    static HeadReading of(Kind kind, byte[] bytes, Head into) {
        return of(USUAL, kind, bytes, into, () -> bytes.length);
    }

    /** The same, with room for what we add to a message. */
    static HeadReading generously(Kind kind, byte[] bytes) {
        return of(GENEROUS, kind, bytes, new Head(), () -> bytes.length);
    }

    /** As our scanner reads it, in pieces of random sizes. */
    static HeadReading inPieces(Kind kind, byte[] bytes, Head into, SplittableRandom random) {
        int most = 1 << random.nextInt(1, 12);
        return of(USUAL, kind, bytes, into, () -> random.nextInt(1, most + 1));
    }

    /** How large the next piece is. */
    @FunctionalInterface
    interface Sizes {
        int next();
    }

    private static HeadReading of(HeadScanner scanner, Kind kind, byte[] bytes, Head into, Sizes sizes) {
        int at = 0;
        while (at < bytes.length) {
            int size = Math.min(sizes.next(), bytes.length - at);
            ByteBuf in = Unpooled.wrappedBuffer(bytes, at, size);
            HeadScanner.Result result = kind == Kind.REQUEST ? scanner.request(into, in) : scanner.response(into, in);
            if (result == HeadScanner.Result.REFUSED) {
                return unread(result, into.refusal);
            }
            if (result == HeadScanner.Result.COMPLETE) {
                return of(kind, into, at + in.readerIndex());
            }
            if (in.isReadable()) {
                throw new AssertionError("bytes were left");
            }
            at += size;
        }
        return unread(HeadScanner.Result.MORE, null);
    }

    private static HeadReading of(Kind kind, Head head, int consumed) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < head.fieldCount; i++) {
            fields.add(text(head, head.nameStart(i), head.nameEnd(i)) + ":"
                    + text(head, head.valueStart(i), head.valueEnd(i)));
        }
        String start = kind == Kind.REQUEST
                ? text(head, head.methodStart, head.methodEnd) + " " + text(head, head.targetStart, head.targetEnd)
                        + " HTTP/1." + head.minorVersion
                : "HTTP/1." + head.minorVersion + " " + head.status;
        return new HeadReading(
                HeadScanner.Result.COMPLETE, null, consumed, start, fields, head.contentLength, head.chunked);
    }

    private static String text(Head head, int start, int end) {
        return new String(head.bytes, start, end - start, ISO_8859_1);
    }

    /** As Netty reads it, set up as strictly as it can be. Refused if it has not read it by its last byte, or has before. */
    static HeadReading byNetty(Kind kind, byte[] bytes, int length) {
        HttpDecoderConfig strict = new HttpDecoderConfig()
                .setMaxInitialLineLength(65_536)
                .setMaxHeaderSize(65_536)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setValidateHeaders(true);
        EmbeddedChannel channel = new EmbeddedChannel(
                kind == Kind.REQUEST ? new HttpRequestDecoder(strict) : new HttpResponseDecoder(strict));
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes, 0, length - 1));
            if (channel.inboundMessages().isEmpty()) {
                channel.writeInbound(Unpooled.wrappedBuffer(bytes, length - 1, 1));
                if (channel.inboundMessages().peek() instanceof HttpMessage message
                        && message.decoderResult().isSuccess()) {
                    return of(message, length);
                }
            }
            return unread(HeadScanner.Result.REFUSED, null);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static HeadReading of(HttpMessage message, int consumed) {
        List<String> fields = new ArrayList<>();
        message.headers()
                .iteratorCharSequence()
                .forEachRemaining(field -> fields.add(field.getKey() + ":" + field.getValue()));
        String start = message instanceof HttpRequest request
                ? request.method() + " " + request.uri() + " " + request.protocolVersion()
                : message.protocolVersion() + " "
                        + ((HttpResponse) message).status().code();
        return new HeadReading(
                HeadScanner.Result.COMPLETE,
                null,
                consumed,
                start,
                fields,
                HttpUtil.getContentLength(message, -1L),
                HttpUtil.isTransferEncodingChunked(message));
    }
}
