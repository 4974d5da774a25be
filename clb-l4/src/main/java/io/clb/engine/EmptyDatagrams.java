package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Sends empty datagrams, past Netty's channels (4.2.18), which take them for sent. They go at once, and may overtake others, as datagrams may. Whether the
 * system had room for one is not told.
 */
final class EmptyDatagrams extends ChannelOutboundHandlerAdapter {

    /** The system's way to send one. */
    @FunctionalInterface
    interface Sender {
        /** Sends it to the socket's server where no client is given. */
        void send(@Nullable InetSocketAddress client) throws IOException;
    }

    private final Sender sender;

    EmptyDatagrams(Sender sender) {
        this.sender = sender;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        DatagramPacket packet = message instanceof DatagramPacket addressed ? addressed : null;
        ByteBuf datagram = packet == null ? (ByteBuf) message : packet.content();
        if (datagram.isReadable()) {
            ctx.write(message, promise);
            return;
        }
        try {
            sender.send(packet == null ? null : packet.recipient());
            promise.trySuccess();
        } catch (IOException e) {
            promise.tryFailure(e);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }
}
