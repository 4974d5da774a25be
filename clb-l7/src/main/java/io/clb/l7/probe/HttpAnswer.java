package io.clb.l7.probe;

import io.clb.HttpCheck;
import io.clb.engine.Failures;
import io.clb.engine.ProbeAttempt;
import io.clb.spi.Verdict;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;

/**
 * Reads the answer to one probe, and says what it is worth. Confined to the probe's loop.
 *
 * <p>A status that is not accepted is a verdict at once. One that is accepted is a verdict when the body has ended, or has exceeded 8 KiB: a server that dies
 * in the middle of a short answer is not healthy.
 */
final class HttpAnswer extends SimpleChannelInboundHandler<HttpObject> {

    /** What is read of a body, in bytes (SPEC: a body over 8 KiB is cut, not failed). */
    private static final int MAX_BODY = 8 * 1024;

    /** What is quoted of an answer that is no HTTP, in characters: enough to recognise it, short enough for a line of log. Not measured. */
    private static final int MAX_QUOTE = 80;

    private static final String CLOSED_EARLY = "closed before an answer";
    private static final int SWITCHING_PROTOCOLS = 101;

    private final ProbeAttempt attempt;
    private final HttpCheck check;
    private int status;
    private int bodyBytes;

    HttpAnswer(ProbeAttempt attempt, HttpCheck check) {
        this.attempt = attempt;
        this.check = check;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
        if (part.decoderResult().isFailure()) {
            malformed(part.decoderResult().cause());
        } else if (part instanceof HttpResponse head) {
            head(head);
        } else if (part instanceof HttpContent body && status != 0) {
            body(ctx, body);
        }
    }

    private void head(HttpResponse head) {
        int code = head.status().code();
        if (head.protocolVersion().majorVersion() != 1) {
            fail("not HTTP/1: " + quoted(head.protocolVersion().text()));
        } else if (isInterim(code)) {
            return;
        } else if (check.accepts(code)) {
            status = code;
        } else {
            fail("status " + code + ", expected " + check.statuses());
        }
    }

    /** 101 is final: what follows it is no HTTP, and nobody asked for it. */
    private static boolean isInterim(int code) {
        return code >= 100 && code < 200 && code != SWITCHING_PROTOCOLS;
    }

    private void body(ChannelHandlerContext ctx, HttpContent body) {
        bodyBytes += body.content().readableBytes();
        boolean ended = body instanceof LastHttpContent;
        if (ended) {
            // With FIN, as all went well; what is not closed here will be reset.
            ctx.close();
        }
        if (ended || bodyBytes > MAX_BODY) {
            attempt.complete(new Verdict(true, "status " + status));
        }
    }

    private void malformed(Throwable cause) {
        if (status != 0) {
            fail("malformed body: " + quoted(cause));
        } else if (cause instanceof PrematureChannelClosureException) {
            fail(CLOSED_EARLY);
        } else if (cause instanceof TooLongFrameException) {
            fail("the head of the answer is too long");
        } else {
            fail("not HTTP: " + quoted(cause));
        }
    }

    private static String quoted(Throwable cause) {
        String message = cause.getMessage();
        return quoted(message == null ? cause.getClass().getSimpleName() : message);
    }

    /** Text from outside, fit for a line of log. */
    private static String quoted(String text) {
        String start = text.length() > MAX_QUOTE ? text.substring(0, MAX_QUOTE) + "..." : text;
        return start.replaceAll("[^ -~]", "?");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(status == 0 ? CLOSED_EARLY : "closed in the middle of the answer");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause instanceof IOException ? Failures.text(cause) : "the check failed: " + quoted(cause));
    }

    private void fail(String why) {
        attempt.complete(Verdict.failed(why));
    }
}
