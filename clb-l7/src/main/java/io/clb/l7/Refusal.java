package io.clb.l7;

import io.clb.engine.ChannelReading;
import io.clb.engine.Direction;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Sockets;
import io.clb.engine.Timeout;
import io.clb.spi.Reason;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/** A connection that is turned away with an answer: sent at once, whatever the client has to say; then it has a moment to read it. Confined to one loop. */
final class Refusal extends Timeout {

    /** As {@link ClientConnection}'s leave-taking: what the client sends is thrown away meanwhile. */
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final HttpLoop loop;
    private final SocketChannel channel;

    Refusal(HttpLoop loop, SocketChannel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    void begin(ListenerPlan plan, int status, long retryAfterSeconds, Reason reason) {
        ChannelReading reading = ChannelReading.of(channel, loop.loop(), Direction.FROM_CLIENTS, plan.listener(), true);
        try {
            Sockets.open(channel, plan, loop.loop(), new Handler(), reading, true);
        } catch (ChannelException e) {
            // The client was faster than we: there is nobody to be answered.
            return;
        }
        loop.refusalBegins(channel);
        loop.loop().arm(this, loop.loop().nowNanos() + MOMENT_NANOS);
        channel.writeAndFlush(Answer.of(
                        channel.alloc(),
                        status,
                        retryAfterSeconds,
                        false,
                        false,
                        ((HttpPlan) plan.compiled()).proxyStatus() ? reason : null))
                .addListener(written -> channel.shutdownOutput());
    }

    @Override
    protected void expired(long nowNanos) {
        channel.close();
    }

    /** Hears the channel. */
    private final class Handler extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                channel.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            channel.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            loop.refusalEnded(channel);
            loop.loop().cancel(Refusal.this);
        }
    }
}
