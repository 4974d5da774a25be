package io.clb.l7;

import io.clb.engine.PaceSource;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;

/** A server, as one exchange sees it: takes one request and gives one response. On the exchange's loop. */
interface Upstream {

    /** What an exchange is told. After {@link #complete}, {@link #failed} or {@link #upgraded}, nothing more. */
    interface Reply {

        /**
         * The head of a response came; for 1xx, another follows.
         *
         * @param head valid during this call
         * @param in what came with it
         * @param body how many bytes at the reader index of that are of the body: to be read in this call
         * @param untilClose whether the body ends with the connection only
         */
        void head(Head head, ByteBuf in, int body, boolean untilClose);

        /**
         * Tells whether a response with status 101 is what was asked for.
         *
         * @param head valid during this call
         */
        boolean mayUpgrade(Head head);

        /**
         * The server speaks WebSocket from here on. Nothing more is told, and the connection is the receiver's.
         *
         * @param head valid during this call
         * @param in what came with it: to be read to its end in this call
         * @param connection where from
         */
        void upgraded(Head head, ByteBuf in, UpstreamConnection connection);

        /**
         * A piece of the body, framing included.
         *
         * @param body the receiver's to release
         */
        void body(ByteBuf body);

        /**
         * What was read in one go was told.
         *
         * @param over whether the response ended with it, one way or the other
         */
        void readEnded(boolean over);

        /** All that has come for now was told. */
        void pause();

        /** The response is complete. */
        void complete();

        /** There is no response, or no more of it. */
        void failed(Reason reason);

        /** The server takes more again. */
        void writable();
    }

    /**
     * Begins an exchange.
     *
     * @param exchange is told of the response
     * @param plan what the listener wants
     * @param request the head of the request, which is sent afterwards
     * @param limited whose bandwidth limits hold for the response
     */
    void begin(Reply exchange, HttpPlan plan, Head request, PaceSource limited);

    /** Whether this was used before, so that the server may have closed it while nobody looked. */
    boolean isReused();

    /** Sends the head of a request. */
    void head(ByteBuf head);

    /** Sends a piece of the body, framing included. */
    void body(ByteBuf body);

    /** Lets what was sent leave. */
    void flush();

    /** Whether more of the body should be sent now. */
    boolean isWritable();

    /** How much was sent and has not left. */
    long unwritten();

    /** Stops or goes on with reading the response. */
    void reading(boolean on);

    /** Whether the response is not read as a bandwidth limit has nothing left. */
    boolean isWaiting();

    /** Gives it back after a complete response to a complete request. */
    void release();

    /** Breaks the exchange off: nothing more is told. */
    void cancel();
}
