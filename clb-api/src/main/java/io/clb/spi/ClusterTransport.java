package io.clb.spi;

/**
 * Carries messages among the nodes of a cluster: what one sends comes to all others. Messages may be lost, come late, twice, or in another order; they must
 * not be altered. Nothing of this is on the data path.
 *
 * <p>To test one, extend {@code io.clb.contract.ClusterTransportContract} of the clb-api test-jar.
 */
public interface ClusterTransport extends AutoCloseable {

    /** The largest message, in bytes. */
    int MAX_BYTES = 1 << 20;

    /** Hears what comes. Called on the transport's threads, by one at a time; returns soon and does not throw. */
    interface Receiver {

        /**
         * Takes a message of another node; a node's own may come too.
         *
         * @param message the receiver's to keep
         */
        void received(byte[] message);

        /** Learns that other nodes can be reached, as far as the transport knows. */
        void connected();

        /**
         * Learns that no other node can be reached any more, or that it was tried in vain since {@link #open}, and that the transport tries to mend that by itself. Not
         * called for {@link #close}.
         *
         * @param why what to tell people; no passwords in it
         */
        void disconnected(String why);
    }

    /**
     * Begins to connect, and returns without waiting for it: an engine that is not there yet is tried again until it is, or until this is closed. Called once.
     *
     * @param receiver hears of what comes from now on
     * @throws RuntimeException with a message for people, if this can never succeed, such as for an address that cannot be bound
     */
    void open(Receiver receiver);

    /**
     * Sends to all other nodes, as far as they can be reached now. Does not wait for anything, and does not throw: what cannot be sent at once, or is sent before
     * {@link #open} or after {@link #close}, is dropped, since the next message says more. Any thread may call it.
     *
     * @param message at most {@link #MAX_BYTES}, or it is dropped; not changed any more
     */
    void send(byte[] message);

    /**
     * Ends all threads and sockets of it, within a second or two; what was sent before goes out first, where it can. Can be called again, but not by a receiver. A
     * receiver's method that has begun may still run when this returns; none is called after.
     */
    @Override
    void close();
}
