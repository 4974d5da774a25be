package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.stream.IntStream;

/** What the balancer itself answers, ready to be sent. Immutable; any thread. */
final class Answer {

    private static final int FIRST = 400;

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
     * @param keep whether the connection goes on
     * @param headOnly for a HEAD request
     */
    static ByteBuf of(ByteBufAllocator allocator, int status, boolean keep, boolean headOnly) {
        Answer answer = ALL[status - FIRST];
        byte[] head = keep ? answer.keeping : answer.closing;
        ByteBuf out = allocator.directBuffer(head.length + answer.body.length).writeBytes(head);
        return headOnly ? out : out.writeBytes(answer.body);
    }
}
