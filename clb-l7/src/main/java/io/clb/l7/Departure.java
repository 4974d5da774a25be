package io.clb.l7;

import io.clb.engine.Loop;
import io.clb.engine.StreamSocket;
import java.util.concurrent.TimeUnit;

/**
 * How a client's connection ends in order: the last response leaves, then FIN, then whatever the client still sends is thrown away until it closes too. A client that reads slowly has its time
 * for all of that response, as long as it reads. Confined to one loop.
 */
final class Departure {

    /** How long a client may take to close after the last response, while what it sends is thrown away: closed at once, it might lose that response. */
    private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ClientConnection client;
    private final StreamSocket socket;
    private final Loop loop;
    private long unwrittenAtCheck;
    private boolean finSent;

    Departure(ClientConnection client, StreamSocket socket, Loop loop) {
        this.client = client;
        this.socket = socket;
        this.loop = loop;
    }

    /** The last response was written. */
    void begin() {
        unwrittenAtCheck = 0;
        socket.flush();
        if (socket.unwritten() == 0) {
            lastHasLeft();
        } else {
            socket.awaitWritten();
        }
    }

    void lastHasLeft() {
        if (client.mayStillSend()) {
            finSent = true;
            socket.endOutput();
            loop.arm(client, loop.nowNanos() + LEAVE_NANOS);
        } else {
            client.departed(true);
        }
    }

    /** The client has closed. */
    void inputEnded() {
        // Before our own FIN, the last response is still on its way.
        if (finSent) {
            client.departed(true);
        }
    }

    /** The connection's time is over: it ends, unless the client is still at work on the last response. It has as long for the rest as for the beginning. */
    void timedOut(HttpPlan now, long nowNanos) {
        long unwritten = client.unwritten();
        if (unwritten > 0 && (unwrittenAtCheck == 0 || unwrittenAtCheck - unwritten >= leastRead(now))) {
            unwrittenAtCheck = unwritten;
            loop.arm(client, nowNanos + now.requestTimeoutNanos());
        } else if (unwritten > 0) {
            client.departed(false);
        } else {
            client.departed(true);
        }
    }

    /** What a client must read of that between two looks. */
    private static long leastRead(HttpPlan now) {
        return Math.max(1, now.minDataRate() * TimeUnit.NANOSECONDS.toSeconds(now.requestTimeoutNanos()));
    }
}
