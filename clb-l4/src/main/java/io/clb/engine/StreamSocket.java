package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The socket of a client's connection, or of one to a server. It is opened with reading off. Confined to its loop. */
public interface StreamSocket {

    /** What is done with one. */
    enum Use {
        /** What comes leaves through another one, bytes as they are: writes leave at once, and a reset or a failure ends both. */
        RELAY,
        /** What comes is taken apart: writes leave together when they are {@linkplain #flush() flushed}, and buffers are of about the size of what is read into them. */
        MESSAGES
    }

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

        /**
         * Writing failed. What has come may still be read, to its end or to what has failed.
         *
         * @param cause what the system said
         */
        default void writeFailed(IOException cause) {
            failed(cause);
        }

        /**
         * Tells whether a reset is to be told of that no read has come to: one that comes while nothing is read, or behind a FIN. Asking the system for it takes it away
         * from the next read.
         *
         * @return true unless overridden
         */
        default boolean hearsOfResets() {
            return true;
        }

        /** Such a reset has come. */
        default void reset() {
            failed(null);
        }
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

    /**
     * Returns how it is read.
     *
     * @return always the same
     */
    Reading reading();

    /**
     * Writes what there is room for, and keeps the rest until there is; for messages, keeps it all until it is told to {@link #flush}.
     *
     * @param bytes some; released
     */
    void write(ByteBuf bytes);

    /** Writes what earlier calls of {@link #write} may have kept back, to write it together. */
    void flush();

    /**
     * Tells whether not so much waits to be written that more had better not come.
     *
     * @return false if so
     */
    boolean isWritable();

    /**
     * Returns how much memory waits to be written.
     *
     * @return bytes; 0 once it is closed
     */
    long unwritten();

    /** Has {@link Events#allWritten} told once nothing waits to be written any more. Something does. */
    void awaitWritten();

    /** Sends a FIN. Where the other end was faster, nothing happens: reading tells of it. Nothing may wait to be written. */
    void endOutput();

    /**
     * Returns the port at this end.
     *
     * @return the port; 0 if the system does not know any more
     */
    int localPort();

    /**
     * Asks the system how long the way to the other end and back takes. A system call.
     *
     * @return microseconds; -1 where it does not tell, or the socket is closed
     */
    long roundTripMicros();

    /**
     * Asks the system whether the other end of a connection that nothing should come over has closed it, or sent something all the same, though its loop
     * has not heard of it yet. What came is lost, so such a connection can only be closed. A system call.
     *
     * @return true if it can only be closed; false if nothing has come, and where the system cannot be asked (io_uring)
     */
    boolean hasStirred();

    /**
     * Makes it a socket of a relay, with reading off. What was written leaves with the next {@link #flush}, or before.
     *
     * @param relay hears of it from here on, not within this call
     */
    void relay(Events relay);

    /**
     * Closes it, whatever it still has to send. Does nothing if it is closed.
     *
     * @param inOrder whether with FIN, or with RST
     */
    void end(boolean inOrder);
}
