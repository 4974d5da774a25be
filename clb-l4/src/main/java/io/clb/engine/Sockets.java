package io.clb.engine;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;

/** Opens the sockets of flows, on both sides. */
public final class Sockets {

    private Sockets() {}

    /**
     * Sets a channel's options as its listener wants them, and registers it with its loop. On the loop.
     *
     * @param channel not yet registered
     * @param plan the socket options
     * @param loop its loop
     * @param handler hears what happens, from within this call on
     * @param reading how it is read
     * @param halfClosure whether the channel stays open for writing when the other end sent its FIN; if not, it stays open for reading when writing fails
     * @throws ChannelException if the socket takes no options or cannot be waited for; it is closed then
     */
    public static void open(
            SocketChannel channel,
            ListenerPlan plan,
            Loop loop,
            ChannelHandler handler,
            Reading reading,
            boolean halfClosure) {
        try {
            channel.config()
                    .setAllowHalfClosure(halfClosure)
                    .setAutoClose(halfClosure)
                    .setAutoRead(reading.isWanted())
                    .setAllocator(loop.allocator())
                    .setRecvByteBufAllocator(reading)
                    .setConnectTimeoutMillis(0);
            if (!plan.noDelay()) {
                // Netty turns it on by itself.
                channel.config().setOption(ChannelOption.TCP_NODELAY, false);
            }
            if (plan.keepAlive()) {
                channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            }
            channel.pipeline().addLast(handler);
            Throwable failure = loop.eventLoop().register(channel).cause();
            if (failure != null) {
                throw new ChannelException(failure);
            }
        } catch (RuntimeException | Error e) {
            Traffic.reset(channel);
            throw e;
        }
    }
}
