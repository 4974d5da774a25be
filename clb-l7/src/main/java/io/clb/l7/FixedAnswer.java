package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.FixedResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The same answer for every request, ready to be sent. */
final class FixedAnswer implements RuleAnswer {

    private static final int NO_CONTENT = 204;

    private final int status;
    private final byte[] keeping;
    private final byte[] closing;
    private final byte[] body;

    FixedAnswer(FixedResponse response) {
        status = response.status();
        body = response.body().getBytes(UTF_8);
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(HttpResponseStatus.valueOf(status))
                .append("\r\n");
        if (status != NO_CONTENT) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        if (body.length > 0) {
            head.append("Content-Type: ").append(response.contentType()).append("\r\n");
        }
        keeping = (head + "\r\n").getBytes(US_ASCII);
        closing = (head + "Connection: close\r\n\r\n").getBytes(US_ASCII);
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public boolean needsHost() {
        return false;
    }

    @Override
    public ByteBuf write(ByteBufAllocator allocator, HttpRequest request, boolean keep) {
        byte[] head = keep ? keeping : closing;
        boolean headOnly = request.request.isMethod("HEAD");
        ByteBuf out = allocator.directBuffer(head.length + (headOnly ? 0 : body.length));
        out.writeBytes(head);
        return headOnly ? out : out.writeBytes(body);
    }
}
