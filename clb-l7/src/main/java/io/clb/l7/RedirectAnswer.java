package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.Redirect;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Sends clients elsewhere. */
final class RedirectAnswer implements RuleAnswer {

    private static final byte[] KEEPING = "\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] CLOSING = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);

    private final int status;
    private final byte[] beginning;
    private final Template target;

    RedirectAnswer(Redirect redirect, boolean tls) {
        status = redirect.status();
        beginning = ("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\nLocation: ").getBytes(US_ASCII);
        target = new Template(redirect.target(), tls);
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public boolean needsHost() {
        return target.needsHost();
    }

    @Override
    public ByteBuf write(ByteBufAllocator allocator, HttpRequest request, boolean keep) {
        ByteBuf out = allocator.directBuffer(beginning.length + request.request.length + CLOSING.length);
        out.writeBytes(beginning);
        target.write(out, request);
        return out.writeBytes(keep ? KEEPING : CLOSING);
    }
}
