package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One of the two sockets of a relay. It is opened with reading off. Confined to its loop. */
interface RelaySocket {

    /** Hears of such a socket, on its loop, also from within calls of it, but for those that {@linkplain #end end} it. */
    interface Events {

        /**
         * A connect is over.
         *
         * @param failure why there is no connection; null if there is
         */
        void connected(@Nullable Throwable failure);

        /**
         * Bytes came.
         *
         * @param bytes some, to be released or written
         */
        void received(ByteBuf bytes);

        /** No more come in this turn. */
        void readComplete();

        /** Some of what waited has left; it may take more again. */
        void written();

        /** All that waited when this was {@linkplain #awaitWritten awaited} has left. */
        void allWritten();

        /** The other end has sent its FIN, and all that came before was read. */
        void inputEnded();

        /**
         * Nothing moves any more: it was reset, or failed, or its loop has ended. Told once, if at all.
         *
         * @param cause what the system said; null if it just closed
         */
        void failed(@Nullable Throwable cause);
    }

    /**
     * Sets its options, and has its loop wait for it if it is connected already.
     *
     * @param plan the options
     * @throws ChannelException if it takes none, or cannot be waited for; it is closed then
     */
    void open(ListenerPlan plan);

    /**
     * Connects it to a server.
     *
     * @param server where to
     * @param source where from; null for what the system chooses
     * @return true if it is connected already; else {@link Events#connected} follows
     * @throws IOException if that fails at once
     */
    boolean connect(InetSocketAddress server, @Nullable InetSocketAddress source) throws IOException;

    /** Says how it is read. */
    Reading reading();

    /**
     * Writes what there is room for, and keeps the rest until there is.
     *
     * @param bytes some; released
     */
    void write(ByteBuf bytes);

    /** Writes what earlier calls of {@link #write} may have kept back, to write it together. */
    void flush();

    /** Whether not so much waits to be written that more had better not come. */
    boolean isWritable();

    /** How much memory waits to be written; nothing once it is closed. */
    long unwritten();

    /** Has {@link Events#allWritten} told once nothing waits to be written any more. Something does. */
    void awaitWritten();

    /** Sends a FIN. Where the other end was faster, nothing happens: reading tells of it. Nothing may wait to be written. */
    void endOutput();

    /** The port at this end; 0 if the system does not know any more. */
    int localPort();

    /**
     * Closes it, whatever it still has to send. Does nothing if it is closed.
     *
     * @param inOrder whether with FIN, or with RST
     */
    void end(boolean inOrder);
}
