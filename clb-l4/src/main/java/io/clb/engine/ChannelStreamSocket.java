package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A socket that is one of Netty's channels, whose last handler it is. */
final class ChannelStreamSocket extends ChannelInboundHandlerAdapter implements StreamSocket {

    private final Transport transport;
    private final SocketChannel channel;
    private final Loop loop;
    private final @Nullable SslHandler encrypting;
    private final ChannelReading reading;
    private Events events;
    private Use use;
    private boolean closesOnFin;
    private boolean inputEnded;
    private boolean outputEnded;

    /**
     * Takes over a channel.
     *
     * @param channel not registered, unless its header was read
     */
    ChannelStreamSocket(
            Transport transport,
            SocketChannel channel,
            Loop loop,
            Direction direction,
            PaceSource source,
            Use use,
            Events events) {
        this.transport = transport;
        this.channel = channel;
        this.loop = loop;
        this.reading = ChannelReading.of(channel, loop, direction, source, false);
        this.use = use;
        this.events = events;
        this.encrypting = channel.pipeline().get(SslHandler.class);
        // What a server sends is read to its end also when it takes no more, and a message from it ends with its FIN.
        this.closesOnFin = use == Use.MESSAGES && direction == Direction.TO_CLIENTS;
    }

    @Override
    public void open(ListenerPlan plan) {
        Sockets.open(channel, plan, loop, this, reading, !closesOnFin);
    }

    @Override
    public boolean connect(InetSocketAddress server, @Nullable InetSocketAddress source) throws IOException {
        ChannelFuture connect = Sockets.connect(transport, channel, server, source);
        if (!connect.isDone()) {
            connect.addListener(done -> events.connected(done.cause()));
            return false;
        }
        // Not by a listener: those of one promise inside another's are put off from a certain depth on.
        Throwable failure = connect.cause();
        if (failure instanceof IOException io) {
            throw io;
        }
        if (failure != null) {
            throw new IOException(failure);
        }
        return true;
    }

    @Override
    public Reading reading() {
        return reading;
    }

    @Override
    public void write(ByteBuf bytes) {
        if (use == Use.MESSAGES) {
            channel.write(bytes, outcome());
            return;
        }
        ByteBuf kept = bytes;
        if (bytes.capacity() >= ReadBuffer.STREAM) {
            kept = WriteQueue.kept(bytes, loop.allocator());
            bytes.release();
        }
        channel.write(kept, outcome());
        if (!channel.isWritable()) {
            channel.flush();
        }
    }

    /** A failure comes as that of the channel; from TLS, which may be over before the connection is, in no other way than this. */
    private ChannelPromise outcome() {
        return encrypting == null
                ? channel.voidPromise()
                : channel.newPromise().addListener(written -> {
                    if (!written.isSuccess()) {
                        events.failed(written.cause());
                    }
                });
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public long unwritten() {
        var buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    @Override
    public void awaitWritten() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (written.isSuccess()) {
                events.allWritten();
            } else if (encrypting != null) {
                events.failed(written.cause());
            }
        });
    }

    @Override
    public void endOutput() {
        outputEnded = true;
        // The FIN that comes now is the last: Netty is to close on it, rather than to shut down what is no
        // connection any more.
        channel.config().setAllowHalfClosure(false);
        if (encrypting == null) {
            channel.shutdownOutput();
        } else {
            encrypting.closeOutbound().addListener(told -> channel.shutdownOutput());
        }
    }

    @Override
    public int localPort() {
        InetSocketAddress local = channel.localAddress();
        return local == null ? 0 : local.getPort();
    }

    @Override
    public long roundTripMicros() {
        return transport.roundTripMicros(channel);
    }

    @Override
    public boolean hasStirred() {
        return transport.hasStirred(channel);
    }

    @Override
    public void relay(Events relay) {
        reading.want(false);
        channel.config().setAllowHalfClosure(true).setAutoClose(true);
        closesOnFin = false;
        use = Use.RELAY;
        events = relay;
    }

    @Override
    public void end(boolean inOrder) {
        if (inOrder) {
            channel.close();
        } else {
            Traffic.reset(channel);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        events.received((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        events.readComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        events.written();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // Of TLS the end of what the client says; the FIN behind it says nothing new.
        boolean ends = event == ChannelInputShutdownEvent.INSTANCE || event == SslCloseCompletionEvent.SUCCESS;
        if (ends && !inputEnded) {
            inputEnded = true;
            events.inputEnded();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (closesOnFin && cause instanceof IOException io) {
            events.writeFailed(io);
        } else {
            events.failed(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        reading.gone();
        // A loop that ends closes what is on it, FIN or not.
        boolean finBehindOurs =
                outputEnded && !inputEnded && !channel.eventLoop().isShuttingDown();
        if (closesOnFin || finBehindOurs) {
            inputEnded = true;
            events.inputEnded();
        } else {
            events.failed(null);
        }
    }
}
