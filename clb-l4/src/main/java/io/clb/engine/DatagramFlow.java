package io.clb.engine;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A flow of datagrams: those between one client's address and port and one listening socket, from the first one until the flow ends. Confined to the loop of
 * that socket, which answers leave through.
 */
public abstract class DatagramFlow extends LoopFlow {

    // link of the socket's table of associations
    @Nullable
    DatagramFlow nextInBucket;

    private final InetSocketAddress client;
    private final DatagramAcceptor socket;

    /**
     * Takes down who the client is.
     *
     * @param client its address
     * @param socket the listening socket that its datagrams come through
     * @param listener the listener that took it in
     * @param loop the socket's loop
     */
    protected DatagramFlow(InetSocketAddress client, DatagramAcceptor socket, RunListener listener, Loop loop) {
        super(loop, listener, client, socket.address());
        this.client = client;
        this.socket = socket;
    }

    /**
     * Takes a datagram from the client. Called for each one, the first one included, as long as the flow has not ended.
     *
     * @param datagram its payload, which may be empty; to be released by this flow
     */
    protected abstract void fromClient(ByteBuf datagram);

    /**
     * Sends a datagram to the client, with the next flush; drops and counts it if the listening socket cannot take it.
     *
     * @param datagram its payload, which may be empty
     */
    protected final void reply(ByteBuf datagram) {
        if (!socket.reply(client, datagram)) {
            countDropped(Reason.DATAGRAM_DROPPED);
        }
    }

    /** Hands all replies to the system. */
    protected final void flushReplies() {
        socket.flush();
    }

    /**
     * Counts a datagram, from either side, that goes nowhere.
     *
     * @param reason why
     */
    protected final void countDropped(Reason reason) {
        runListener().countDropped(owner(), reason);
    }

    /**
     * Drops and counts a datagram for which no bandwidth is left.
     *
     * @param direction which way it goes
     * @param datagram its payload, released if it is dropped
     * @return whether it was dropped
     */
    protected final boolean isOverBandwidth(Direction direction, ByteBuf datagram) {
        if (runListener().passes(direction, datagram.readableBytes(), owner())) {
            return false;
        }
        datagram.release();
        countDropped(Reason.LIMIT_BANDWIDTH);
        return true;
    }

    /** Takes this out of the socket's table: the client's next datagram begins another flow. Comes before {@link Traffic#ended}. */
    protected final void leave() {
        socket.forget(this);
    }
}
