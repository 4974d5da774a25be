package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the balancer itself answers, ready to be sent. Immutable; any thread. */
final class Answer {

    private static final int FIRST = 400;

    /** The field with the largest number of seconds. */
    private static final int RETRY_AFTER_SIZE = 36;

    private static final byte[] CRLF = {'\r', '\n'};

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
     * @param status 400 to 599
     * @param retryAfterSeconds when the client may come again (RFC 9110 10.2.3); 0 if it is not told
     * @param keep whether the connection goes on
     * @param headOnly for a HEAD request
     * @param told why, for the client to see; null if it is not told
     */
    static ByteBuf of(
            ByteBufAllocator allocator,
            int status,
            long retryAfterSeconds,
            boolean keep,
            boolean headOnly,
            @Nullable Reason told) {
        Answer answer = ALL[status - FIRST];
        byte[] head = keep ? answer.keeping : answer.closing;
        ByteBuf out =
                allocator.directBuffer(head.length + RETRY_AFTER_SIZE + ProxyStatus.MAX_LENGTH + answer.body.length);
        out.writeBytes(head, 0, head.length - CRLF.length);
        if (retryAfterSeconds != 0) {
            out.writeCharSequence("Retry-After: " + retryAfterSeconds + "\r\n", US_ASCII);
        }
        if (told != null) {
            out.writeBytes(ProxyStatus.line(told));
        }
        out.writeBytes(CRLF);
        return headOnly ? out : out.writeBytes(answer.body);
    }
}
