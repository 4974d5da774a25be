package io.clb.engine;

import io.clb.spi.Datagram;
import io.clb.spi.Reason;
import io.clb.spi.UdpFlow;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A flow of datagrams: those between one client's address and port and one listening socket, from the first one until the flow ends. Confined to the loop of
 * that socket, which answers leave through.
 */
public abstract class DatagramFlow extends LoopFlow implements UdpFlow {

    // link of the socket's table of associations
    @Nullable
    DatagramFlow nextInBucket;

    private final InetSocketAddress client;
    private final long senderHigh;
    private final long senderLow;
    private final @Nullable DatagramHeaders headers;
    private final DatagramAcceptor socket;
    private final Datagram first;

    /**
     * Takes down who the client is.
     *
     * @param first the client's first datagram, of which the beginning is copied
     * @param socket the listening socket that its datagrams come through
     * @param listener the listener that took it in
     * @param loop the socket's loop
     */
    protected DatagramFlow(FirstDatagram first, DatagramAcceptor socket, RunListener listener, Loop loop) {
        super(loop, listener, first.origin());
        this.client = first.sender();
        this.senderHigh = Addresses.high(client);
        this.senderLow = Addresses.low(client);
        this.headers = first.headers();
        this.socket = socket;
        ByteBuf payload = first.payload();
        byte[] bytes = new byte[Math.min(payload.readableBytes(), FIRST_BYTES)];
        payload.getBytes(payload.readerIndex(), bytes);
        this.first = new FirstBytes(bytes);
    }

    /** A datagram that comes too late is worth little: none waits. */
    @Override
    protected final boolean mayWait() {
        return false;
    }

    @Override
    public final Datagram first() {
        return first;
    }

    /** What the headers before its datagrams must be; null where none are read. */
    final @Nullable DatagramHeaders headers() {
        return headers;
    }

    /** Where datagrams come from and answers go to, which is a proxy if there are headers. */
    final long senderHigh() {
        return senderHigh;
    }

    final long senderLow() {
        return senderLow;
    }

    final int senderPort() {
        return client.getPort();
    }

    /**
     * Returns the port that the client, or its proxy, reached.
     *
     * @return the listening socket's port, whatever a header says
     */
    protected final int reachedPort() {
        return socket.address().getPort();
    }

    /**
     * Takes a datagram from the client. Called for each one, the first one included, as long as the flow has not ended.
     *
     * @param datagram its payload, which may be empty; to be released by this flow
     */
    protected abstract void fromClient(ByteBuf datagram);

    /**
     * Takes a datagram that came from the client to a flow that has ended since, and counted it. Otherwise as {@link #fromClient}.
     *
     * @param datagram its payload, which may be empty; to be released by this flow
     */
    protected abstract void passOn(ByteBuf datagram);

    /**
     * Gives a datagram from the client back, as this flow has ended: another one takes it.
     *
     * @param datagram its payload, which may be empty; released
     */
    protected final void giveBack(ByteBuf datagram) {
        Origin origin = headers == null ? new Origin(client, socket.address(), null) : headers.origin();
        socket.again(new FirstDatagram(client, origin, datagram, headers));
    }

    /**
     * Sends a datagram to the client, with the next flush; drops and counts it if the listening socket cannot take it.
     *
     * @param datagram its payload, which may be empty
     */
    protected final void reply(ByteBuf datagram) {
        countLost(socket.reply(client, datagram));
    }

    /** Hands all replies to the system. */
    protected final void flushReplies() {
        countLost(socket.flush());
    }

    private void countLost(int datagrams) {
        for (int i = 0; i < datagrams; i++) {
            countDropped(Reason.DATAGRAM_DROPPED);
        }
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

    /** What a datagram began with, which may be gone. */
    @SuppressWarnings("ArrayRecordComponent") // no two are compared
    private record FirstBytes(byte[] bytes) implements Datagram {

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public byte at(int index) {
            return bytes[index];
        }
    }
}
