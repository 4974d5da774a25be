package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.stream.IntStream;

/** What the balancer itself answers, ready to be sent. Immutable; any thread. */
final class Answer {

    private static final int FIRST = 400;

    /** The field with the largest number of seconds. */
    private static final int RETRY_AFTER_SIZE = 36;

    private static final int CRLF = 2;

    // by status
    private static final Answer[] ALL =
            IntStream.range(FIRST, 600).mapToObj(Answer::new).toArray(Answer[]::new);

    private final byte[] body;
    private final byte[] keeping;
    private final byte[] closing;

    private Answer(int status) {
        HttpResponseStatus known = HttpResponseStatus.valueOf(status);
        body = (known + "\n").getBytes(US_ASCII);
        String head = "HTTP/1.1 " + known + "\r\nContent-Type: text/plain\r\nContent-Length: " + body.length + "\r\n";
        keeping = (head + "\r\n").getBytes(US_ASCII);
        closing = (head + "Connection: close\r\n\r\n").getBytes(US_ASCII);
    }

    /**
     * The bytes of an answer.
     *
     * @param status one that a {@link io.clb.spi.Reason} has, but 499
     * @param retryAfterSeconds when the client may come again (RFC 9110 10.2.3); 0 if it is not told
     * @param keep whether the connection goes on
     * @param headOnly for a HEAD request
     */
    static ByteBuf of(ByteBufAllocator allocator, int status, long retryAfterSeconds, boolean keep, boolean headOnly) {
        Answer answer = ALL[status - FIRST];
        byte[] head = keep ? answer.keeping : answer.closing;
        ByteBuf out = allocator.directBuffer(head.length + RETRY_AFTER_SIZE + answer.body.length);
        if (retryAfterSeconds == 0) {
            out.writeBytes(head);
        } else {
            out.writeBytes(head, 0, head.length - CRLF);
            out.writeCharSequence("Retry-After: " + retryAfterSeconds + "\r\n\r\n", US_ASCII);
        }
        return headOnly ? out : out.writeBytes(answer.body);
    }
}
