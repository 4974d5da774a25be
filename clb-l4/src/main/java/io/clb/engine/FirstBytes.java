package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection whose first bytes decide what becomes of it. It counts as one of the listener's connections, and is handed over with what came, or ends. Confined to its loop.
 */
public abstract class FirstBytes extends LoopFlow {

    private static final Logger LOG = LoggerFactory.getLogger(FirstBytes.class);

    private final SocketChannel channel;
    private final ListenerPlan plan;
    private final Traffic traffic;
    private final Handler handler = new Handler();
    private @Nullable ChannelReading reading;
    private @Nullable ByteBuf came;
    private boolean inputEnded;
    private boolean over;

    /**
     * Takes down where the connection comes from.
     *
     * @param channel not registered, unless its header was read
     * @param origin the client, and what it reached
     * @param plan the listener
     * @param loop its loop
     * @param traffic the balancer's
     */
    protected FirstBytes(SocketChannel channel, Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        super(loop, plan.listener(), origin);
        this.channel = channel;
        this.plan = plan;
        this.traffic = traffic;
    }

    /** Begins to read. The flow is on its loop's list. */
    protected final void open() {
        ChannelReading read = ChannelReading.of(channel, owner(), Direction.FROM_CLIENTS, plan.listener(), true);
        reading = read;
        try {
            Sockets.open(channel, plan, owner(), handler, read, true);
        } catch (ChannelException e) {
            // The client was faster than we: its socket takes no options any more.
            end(Reason.CLIENT_GONE);
        } catch (RuntimeException | Error e) {
            LOG.error("a connection of {} ends for an unforeseen error", listener(), e);
            end(Reason.INTERNAL_ERROR);
        }
    }

    /**
     * Bytes came.
     *
     * @param all with those that came before; not the callee's
     */
    protected abstract void received(ByteBuf all);

    /** Nothing more will come. */
    protected abstract void inputEnded();

    /**
     * Returns what came.
     *
     * @return not the caller's; empty if nothing did
     */
    protected final ByteBuf came() {
        return came == null ? Unpooled.EMPTY_BUFFER : came;
    }

    /**
     * Tells whether the client has sent its FIN.
     *
     * @return true from then on
     */
    protected final boolean hasInputEnded() {
        return inputEnded;
    }

    /**
     * Returns the connection.
     *
     * @return the channel, this flow's until it is over
     */
    protected final SocketChannel channel() {
        return channel;
    }

    /**
     * Returns the listener as it was when the connection came.
     *
     * @return its plan
     */
    protected final ListenerPlan plan() {
        return plan;
    }

    /**
     * Has more come, or none for now.
     *
     * @param wanted whether to read
     */
    protected final void read(boolean wanted) {
        requireNonNull(reading).want(wanted);
    }

    /**
     * Tells whether it was handed over, or has ended.
     *
     * @return true from then on
     */
    protected final boolean isOver() {
        return over;
    }

    /**
     * Hands over the connection, and with it what came and was not skipped. It goes on counting as one of the listener's.
     *
     * @param taker takes the channel, which has no handler of ours any more
     */
    protected final void handOver(Runnable taker) {
        over = true;
        owner().cancel(this);
        owner().backlog().forget(this);
        owner().remove(this);
        ByteBuf rest = came();
        came = null;
        channel.pipeline().remove(handler);
        taker.run();
        if (!channel.isOpen()) {
            requireNonNull(reading).gone();
        }
        if (rest.isReadable()) {
            channel.pipeline().fireChannelRead(rest);
            channel.pipeline().fireChannelReadComplete();
        } else {
            rest.release();
        }
        if (inputEnded) {
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /**
     * Resets the connection, unless it is over.
     *
     * @param reason why
     */
    protected void end(Reason reason) {
        if (over) {
            return;
        }
        over = true;
        if (came != null) {
            came.release();
            came = null;
        }
        Traffic.reset(channel);
        if (reading != null) {
            reading.gone();
        }
        traffic.ended(this, plan.group(), reason);
    }

    @Override
    protected final void abort(Reason reason) {
        end(reason);
    }

    @Override
    protected final void drain() {
        end(Reason.SHUTDOWN);
    }

    @Override
    protected final long heldBytes() {
        return came == null ? 0 : came.capacity();
    }

    @Override
    protected final @Nullable RunServer server() {
        return null;
    }

    @Override
    protected final long connectNanos() {
        return 0;
    }

    /** Hears the channel until it is handed over. */
    private final class Handler extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (over) {
                bytes.release();
                return;
            }
            ByteBuf before = came;
            if (before == null) {
                came = bytes;
            } else {
                // Mostly all comes at once; what does not is small.
                came = before.writeBytes(bytes);
                bytes.release();
            }
            received(came());
            if (!over) {
                owner().backlog().look(FirstBytes.this);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
                inputEnded = true;
                inputEnded();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end(Reason.CLIENT_GONE);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end(Reason.CLIENT_GONE);
        }
    }
}
