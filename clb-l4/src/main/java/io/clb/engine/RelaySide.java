package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One of the two sides of a relay: what is read here is written to the other side. Both are on one loop.
 *
 * <p>Back-pressure: when the other side cannot take more, reading stops here until it can. A FIN is passed on once everything before it was written, and the
 * way back stays open. A reset, or any failure of the socket, is told to the owner, who resets the other side.
 *
 * <p>Until it is {@linkplain #join joined}, a side holds what comes. It is opened with reading off, so this is only what Netty's epoll reads all the same when a
 * FIN has come (one receive buffer of the system at most).
 */
public final class RelaySide extends ChannelInboundHandlerAdapter {

    /** What a relay tells about. */
    public interface Owner {

        /**
         * Bytes came.
         *
         * @param side where from
         * @param bytes how many
         */
        void received(RelaySide side, int bytes);

        /**
         * A side was reset, or its socket failed. Nothing more moves.
         *
         * @param side which
         * @param cause what the system said; null if the channel just closed
         */
        void failed(RelaySide side, @Nullable Throwable cause);

        /** Bytes were read that did not leave at once. */
        void held();

        /** Both sides sent their FIN, and all that came before was written. */
        void finished();
    }

    private final Owner owner;
    private final Traffic traffic;
    private final SocketChannel channel;
    private final Reading reading;
    private @Nullable RelaySide other;
    private @Nullable Queue<ByteBuf> held;
    private long heldBytes;
    private boolean discarded;
    private boolean inputEnded;
    private boolean outputEnded;

    private RelaySide(Owner owner, Traffic traffic, SocketChannel channel, Reading reading) {
        this.owner = owner;
        this.traffic = traffic;
        this.channel = channel;
        this.reading = reading;
    }

    /**
     * Makes a channel a side of a relay, and registers it with its loop, with reading off. On the loop.
     *
     * @param owner hears what happens, from within this call on
     * @param traffic the balancer's
     * @param channel not yet registered
     * @param plan the socket options
     * @param loop its loop
     * @param direction which way goes what is read here
     * @return the side
     * @throws ChannelException if the socket takes no options or cannot be waited for; it is closed then
     */
    public static RelaySide open(
            Owner owner, Traffic traffic, SocketChannel channel, ListenerPlan plan, Loop loop, Direction direction) {
        Reading reading = Reading.of(channel, loop, direction, plan.listener(), false);
        RelaySide side = new RelaySide(owner, traffic, channel, reading);
        Sockets.open(channel, plan, loop, side, reading, true);
        return side;
    }

    /**
     * Returns the channel.
     *
     * @return the channel
     */
    public SocketChannel channel() {
        return channel;
    }

    /**
     * Returns how the channel is read.
     *
     * @return what says whether it waits for bandwidth
     */
    public Reading reading() {
        return reading;
    }

    /**
     * Lets bytes flow between two sides.
     *
     * @param a one side, connected
     * @param b the other, connected
     */
    public static void join(RelaySide a, RelaySide b) {
        a.other = b;
        b.other = a;
        a.release();
        b.release();
        a.reading.want(true);
        b.reading.want(true);
    }

    /** Passes on what was held. */
    private void release() {
        Queue<ByteBuf> waiting = held;
        held = null;
        heldBytes = 0;
        if (waiting != null) {
            Channel out = requireNonNull(other).channel;
            waiting.forEach(buffer -> out.write(buffer, out.voidPromise()));
            out.flush();
        }
        if (inputEnded) {
            passFin();
        }
    }

    /** Lets go of what was held, and of what may still come, when nobody will take it. */
    public void discard() {
        discarded = true;
        Queue<ByteBuf> waiting = held;
        held = null;
        heldBytes = 0;
        if (waiting != null) {
            waiting.forEach(ByteBuf::release);
        }
    }

    /**
     * Returns how much was read from the other side and not yet written here.
     *
     * @return bytes; 0 when the channel is closed
     */
    public long unwritten() {
        var buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /**
     * Returns how much memory is taken by what was read from the other side and not yet written here, and what was read here and nobody has yet.
     *
     * @return bytes
     */
    public long held() {
        return unwritten() + heldBytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        owner.received(this, buffer.readableBytes());
        if (other == null) {
            hold(buffer);
            return;
        }
        SocketChannel out = other.channel;
        if (other.unwritten() == 0 && traffic.write(out, buffer)) {
            return;
        }
        out.write(buffer, out.voidPromise());
        if (!out.isWritable()) {
            out.flush();
            if (!out.isWritable()) {
                reading.want(false);
                owner.held();
            }
        }
    }

    private void hold(ByteBuf buffer) {
        if (discarded) {
            buffer.release();
            return;
        }
        if (held == null) {
            held = new ArrayDeque<>();
        }
        held.add(buffer);
        heldBytes += buffer.capacity();
        owner.held();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        RelaySide to = other;
        if (to != null) {
            to.channel.flush();
            if (to.unwritten() > 0) {
                owner.held();
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (other != null && channel.isWritable()) {
            other.reading.want(true);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
            inputEnded = true;
            if (other != null) {
                passFin();
            }
        }
    }

    /** Ends the other side's output once all is written; the second time round, all is over. */
    private void passFin() {
        RelaySide to = requireNonNull(other);
        if (to.unwritten() == 0) {
            to.endOutput();
        } else {
            to.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                if (written.isSuccess()) {
                    to.endOutput();
                }
            });
        }
    }

    private void endOutput() {
        outputEnded = true;
        if (inputEnded && requireNonNull(other).outputEnded) {
            owner.finished();
        } else {
            // The FIN that comes now is the last: Netty is to close on it, rather than to shut down what is no
            // connection any more.
            channel.config().setAllowHalfClosure(false);
            traffic.shutdownOutput(channel);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        owner.failed(this, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        reading.gone();
        // A loop that ends closes what is on it, FIN or not.
        if (outputEnded && !inputEnded && !channel.eventLoop().isShuttingDown()) {
            inputEnded = true;
            passFin();
        } else {
            owner.failed(this, null);
        }
    }
}
