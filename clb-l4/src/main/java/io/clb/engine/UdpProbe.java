package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.Options;
import io.clb.UdpCheck;
import io.clb.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Sends a datagram. Where a reply is expected, the server is healthy if its first datagram begins with it; else unless its host says that nobody is on the
 * port.
 */
final class UdpProbe implements ProbeProtocol {

    /**
     * What is sent if nothing was configured: something to recognise it by where it comes as a surprise. Not an empty datagram, as NIO cannot send those.
     */
    static final String GREETING = "clb-health-check";

    @Override
    public HealthCheck.Kind kind() {
        return HealthCheck.Kind.UDP;
    }

    @Override
    public void probe(ProbeAttempt attempt) {
        UdpCheck check = attempt.check().udpCheck();
        ByteBuffer expected = check == null ? null : check.expected();
        if (expected == null) {
            attempt.onSilence(new Verdict(true, "silent for " + Options.CHECK_TIMEOUT.format(attempt.timeout())));
        }
        attempt.connectDatagrams(
                socket -> socket.pipeline().addLast(new Answer(attempt, expected)),
                // What became of it is told as of any other write: on the socket, or not at all.
                socket -> socket.writeAndFlush(Unpooled.wrappedBuffer(attempt.header(), request(check)))
                        .addListener(sent -> {
                            if (!sent.isSuccess()) {
                                failed(attempt, sent.cause());
                            }
                        }));
    }

    private static ByteBuf request(@Nullable UdpCheck check) {
        return check == null
                ? Unpooled.copiedBuffer(GREETING, StandardCharsets.US_ASCII)
                : Unpooled.wrappedBuffer(check.request());
    }

    private static void failed(ProbeAttempt attempt, Throwable cause) {
        attempt.complete(Verdict.failed(Failures.isRefused(cause) ? "port unreachable" : Failures.text(cause)));
    }

    /** Hears what comes back. */
    private static final class Answer extends SimpleChannelInboundHandler<DatagramPacket> {

        /** What is quoted of a reply that was not expected, in bytes: enough to recognise it, short enough for a line of log. Not measured. */
        private static final int MAX_QUOTE = 32;

        private final ProbeAttempt attempt;
        private final @Nullable ByteBuf expected;

        Answer(ProbeAttempt attempt, @Nullable ByteBuffer expected) {
            this.attempt = attempt;
            this.expected = expected == null ? null : Unpooled.wrappedBuffer(expected);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
            ByteBuf reply = datagram.content();
            if (expected == null) {
                attempt.complete(new Verdict(true, "answered"));
            } else if (beginsWith(reply, expected)) {
                attempt.complete(new Verdict(true, "answered as expected"));
            } else {
                attempt.complete(Verdict.failed(unexpected(reply)));
            }
        }

        private static boolean beginsWith(ByteBuf reply, ByteBuf start) {
            int bytes = start.readableBytes();
            return reply.readableBytes() >= bytes
                    && ByteBufUtil.equals(reply, reply.readerIndex(), start, start.readerIndex(), bytes);
        }

        private static String unexpected(ByteBuf reply) {
            int bytes = reply.readableBytes();
            ByteBuf start = reply.slice(reply.readerIndex(), Math.min(MAX_QUOTE, bytes));
            boolean text = start.forEachByte(b -> b >= ' ' && b <= '~') < 0;
            return "unexpected reply of " + bytes + " bytes: "
                    + (text ? start.toString(StandardCharsets.US_ASCII) : "0x" + ByteBufUtil.hexDump(start))
                    + (bytes > MAX_QUOTE ? "..." : "");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failed(attempt, cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            // Netty closes it when the system fails to read it in a way that it does not know.
            attempt.complete(Verdict.failed("the socket was closed"));
        }
    }
}
