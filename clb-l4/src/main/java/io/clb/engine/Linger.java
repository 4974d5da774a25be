package io.clb.engine;

import io.clb.ListenerConfig;
import io.clb.Options;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long the system goes on with a connection that was closed: what SO_LINGER is thought to do, without anybody who waits
 * (docs/decisions/0017). Stands in the pipelines of a listener's connections, on both sides, and only where it was asked for. Immutable.
 */
@ChannelHandler.Sharable
final class Linger extends ChannelOutboundHandlerAdapter {

    private final Transport transport;
    private final int millis;

    private Linger(Transport transport, int millis) {
        this.transport = transport;
        this.millis = millis;
    }

    /** That of a listener; null where it is off, or the transport has none. */
    static @Nullable Linger of(ListenerConfig listener, Transport transport) {
        long millis = listener.get(Options.LINGER).toMillis();
        return millis > 0 && transport.servesLinger() ? new Linger(transport, Math.toIntExact(millis)) : null;
    }

    int millis() {
        return millis;
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (ctx.channel().isOpen()) {
            try {
                transport.linger((SocketChannel) ctx.channel(), millis);
            } catch (ChannelException e) {
                // The other side was faster: the socket is gone already, and nothing is on its way any more.
            }
        }
        ctx.close(promise);
    }
}
