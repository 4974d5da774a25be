package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Opens the sockets of flows, on both sides, and sets those that datagrams come through. */
public final class Sockets {

    /** What a datagram holds in memory at most, however small it is: the buffer that it was read into. */
    private static final int DATAGRAM_BUFFER = 128 * 1_024;

    private static final MessageSizeEstimator DATAGRAMS = () -> message -> DATAGRAM_BUFFER;

    /** A buffer takes as much memory as it has room, however little was read into it: counted so, many small reads that are relayed are no way around bounds. */
    private static final MessageSizeEstimator MEMORY =
            () -> message -> message instanceof ByteBuf buffer ? buffer.capacity() : 0;

    /** How many datagrams wait for the system to take them: what is read in one go of a socket. More are dropped. Not measured. */
    private static final int WAITING_DATAGRAMS = 16;

    private static final WriteBufferWaterMark WAITING =
            new WriteBufferWaterMark(WAITING_DATAGRAMS / 2 * DATAGRAM_BUFFER, WAITING_DATAGRAMS * DATAGRAM_BUFFER);

    private Sockets() {}

    /** Sets what all datagram sockets have in common. */
    static void prepare(DatagramChannel channel, Loop loop, ChannelHandler handler) {
        channel.config()
                .setAllocator(loop.allocator())
                .setMessageSizeEstimator(DATAGRAMS)
                .setWriteBufferWaterMark(WAITING);
        channel.pipeline().addLast(handler);
    }

    /**
     * Sets a datagram channel's options, and registers it with its loop. On the loop.
     *
     * @param channel not yet registered
     * @param loop its loop
     * @param handler hears what happens
     * @throws ChannelException if the socket cannot be waited for; it is closed then
     */
    public static void open(DatagramChannel channel, Loop loop, ChannelHandler handler) {
        prepare(channel, loop, handler);
        Throwable failure = loop.eventLoop().register(channel).cause();
        if (failure != null) {
            channel.unsafe().closeForcibly();
            throw new ChannelException(failure);
        }
    }

    /**
     * Connects a channel.
     *
     * @param source where from; null for what the system chooses
     */
    static ChannelFuture connect(
            Transport transport, SocketChannel socket, InetSocketAddress server, @Nullable InetSocketAddress source) {
        if (source == null) {
            return socket.connect(server);
        }
        transport.choosePortAtConnect(socket);
        return socket.connect(server, source);
    }

    /**
     * Sets a channel's options as its listener wants them, and registers it with its loop. On the loop. One that is registered already, as its header was read,
     * only gets another handler.
     *
     * @param channel the channel
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
            ChannelReading reading,
            boolean halfClosure) {
        if (channel.isRegistered()) {
            channel.pipeline().addLast(handler);
            return;
        }
        try {
            channel.config()
                    .setAllowHalfClosure(halfClosure)
                    .setAutoClose(halfClosure)
                    .setAutoRead(reading.isWanted())
                    .setAllocator(loop.allocator())
                    .setMessageSizeEstimator(MEMORY)
                    .setRecvByteBufAllocator(reading)
                    .setConnectTimeoutMillis(0);
            if (!plan.noDelay()) {
                // Netty turns it on by itself.
                channel.config().setOption(ChannelOption.TCP_NODELAY, false);
            }
            if (plan.keepAlive()) {
                channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            }
            if (plan.receiveBuffer() > 0) {
                channel.config().setOption(ChannelOption.SO_RCVBUF, plan.receiveBuffer());
            }
            if (plan.sendBuffer() > 0) {
                channel.config().setOption(ChannelOption.SO_SNDBUF, plan.sendBuffer());
            }
            Linger linger = plan.linger();
            if (linger != null) {
                channel.pipeline().addLast(linger);
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
