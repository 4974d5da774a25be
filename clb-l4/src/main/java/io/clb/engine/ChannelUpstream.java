package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A datagram socket to a server that is a channel of Netty's: up to 16 datagrams wait in it. */
final class ChannelUpstream extends ChannelInboundHandlerAdapter implements DatagramUpstream {

    private final DatagramChannel channel;
    private final Events events;

    private ChannelUpstream(DatagramChannel channel, Events events) {
        this.channel = channel;
        this.events = events;
    }

    static ChannelUpstream open(DatagramChannel channel, Loop loop, Events events) {
        ChannelUpstream upstream = new ChannelUpstream(channel, events);
        Sockets.open(channel, loop, upstream);
        return upstream;
    }

    @Override
    public void connect(InetSocketAddress server, @Nullable InetSocketAddress source) throws IOException {
        // The system only looks for a route, and that at once; nothing is sent.
        ChannelFuture done = source == null ? channel.connect(server) : channel.connect(server, source);
        Throwable failure = done.cause();
        if (failure instanceof IOException io) {
            throw io;
        }
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    @Override
    public void send(ByteBuf datagram) {
        if (!channel.isWritable()) {
            datagram.release();
            events.lost(1);
            return;
        }
        events.sent(1, datagram.readableBytes());
        channel.writeAndFlush(datagram, channel.voidPromise());
    }

    @Override
    public void close() {
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        events.received(((DatagramPacket) message).content());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        events.readComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        events.failed(cause);
    }

    /** Netty closes it when the system fails to read it in a way that it does not know. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        events.closed();
    }
}
