package io.clb.engine;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The datagram socket of an association, connected to its server. Confined to its loop. */
public interface DatagramUpstream {

    /** Hears of such a socket, on its loop, also from within calls of it. */
    interface Events {

        /**
         * A datagram has come from the server.
         *
         * @param datagram its payload, which may be empty; to be released in this turn, so that the loop reads the next one into the same memory
         */
        void received(ByteBuf datagram);

        /** No more come in this turn. */
        void readComplete();

        /**
         * The system reports what became of an earlier datagram, or did not take one: so one is lost, unless this closes the socket.
         *
         * @param cause what it said
         */
        void failed(Throwable cause);

        /**
         * The system has taken datagrams.
         *
         * @param datagrams how many
         * @param bytes the size of each
         */
        void sent(int datagrams, int bytes);

        /**
         * There was no room for datagrams that it took over.
         *
         * @param datagrams how many are lost
         */
        void lost(int datagrams);

        /**
         * A datagram that it took over was not sent, as it is closed by now.
         *
         * @param datagram its payload; to be released
         */
        void unsent(ByteBuf datagram);

        /** The socket is closed, by whomever. */
        void closed();
    }

    /**
     * Has it send to a server, and receive from that one alone.
     *
     * @param server the server
     * @param source where to send from; null for what the system chooses
     * @throws IOException if there is no way there, or nothing to send from
     */
    void connect(InetSocketAddress server, @Nullable InetSocketAddress source) throws IOException;

    /**
     * Sends a datagram to the server, in this turn of the loop. What becomes of it is told: {@link Events#sent}, {@link Events#lost}, {@link Events#unsent} or {@link Events#failed}.
     *
     * @param datagram its payload, which may be empty; released
     */
    void send(ByteBuf datagram);

    /** Closes it; what was not sent is lost, or given back. Does nothing if it is closed. */
    void close();
}
