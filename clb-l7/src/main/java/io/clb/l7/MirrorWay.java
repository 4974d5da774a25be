package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The way of a request's copy to its server: a connection, and in front of it, until the server has accepted, what waits for that. Confined to one loop. */
final class MirrorWay {

    private @Nullable UpstreamConnection connection;

    /** What waits for the connect; null once that is over. */
    private @Nullable ArrayDeque<ByteBuf> early;

    private long earlyBytes;
    private boolean unflushed;

    /**
     * Begins.
     *
     * @param connected whether the server has accepted
     */
    void begin(UpstreamConnection over, boolean connected) {
        connection = over;
        early = connected ? null : new ArrayDeque<>();
    }

    /** Whether there is a connection, be it that the server has not accepted it. */
    boolean isOpen() {
        return connection != null;
    }

    /** Whether the server has not accepted yet. Stays as it is when the way is closed. */
    boolean isConnecting() {
        return early != null;
    }

    /** Sends a part. */
    void send(ByteBuf part) {
        ArrayDeque<ByteBuf> waiting = early;
        unflushed = true;
        if (waiting == null) {
            requireNonNull(connection).body(part);
        } else {
            waiting.add(part);
            earlyBytes += part.readableBytes();
        }
    }

    /** The server has accepted: it is sent what waits. */
    void connected() {
        UpstreamConnection to = requireNonNull(connection);
        ArrayDeque<ByteBuf> waiting = requireNonNull(early);
        early = null;
        earlyBytes = 0;
        for (ByteBuf part = waiting.poll(); part != null; part = waiting.poll()) {
            to.body(part);
        }
        unflushed = true;
    }

    /** Whether something was sent that was not told to leave. */
    boolean isUnflushed() {
        return unflushed;
    }

    /** Lets leave what was sent, if the server has accepted. */
    void flush() {
        UpstreamConnection open = connection;
        if (early == null && open != null) {
            unflushed = false;
            open.flush();
        }
    }

    /** How much was sent and has not left. */
    long heldBytes() {
        UpstreamConnection open = connection;
        return early == null && open != null ? open.unwritten() : earlyBytes;
    }

    /** The connection is gone by itself. */
    void lost() {
        connection = null;
    }

    /** The response is complete: the connection can be used again if the request is, too. */
    void release(boolean requestComplete) {
        UpstreamConnection done = requireNonNull(connection);
        connection = null;
        if (requestComplete) {
            done.release();
        } else {
            // It answered before it had the whole request.
            done.cancel();
        }
    }

    /** Nothing more is sent. */
    void close() {
        UpstreamConnection open = connection;
        connection = null;
        if (open != null) {
            open.cancel();
        }
        ArrayDeque<ByteBuf> waiting = early;
        if (waiting != null) {
            waiting.forEach(ByteBuf::release);
            waiting.clear();
            earlyBytes = 0;
        }
    }
}
