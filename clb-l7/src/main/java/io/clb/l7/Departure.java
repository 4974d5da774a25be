package io.clb.l7;

import io.clb.engine.Loop;
import io.clb.engine.Traffic;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * How a client's connection ends in order: the last response leaves, then FIN, then whatever the client still sends is thrown away until it closes too. A client that reads slowly has its time
 * for all of that response, as long as it reads. Confined to one loop.
 */
final class Departure {

    /** How long a client may take to close after the last response, while what it sends is thrown away: closed at once, it might lose that response. */
    private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ClientConnection client;
    private final SocketChannel channel;
    private final Loop loop;
    private long unwrittenAtCheck;

    Departure(ClientConnection client, SocketChannel channel, Loop loop) {
        this.client = client;
        this.channel = channel;
        this.loop = loop;
    }

    /** The last response was written. */
    void begin() {
        unwrittenAtCheck = 0;
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (client.isLeaving()) {
                lastHasLeft(written.isSuccess());
            }
        });
    }

    private void lastHasLeft(boolean wasTaken) {
        if (wasTaken && client.mayStillSend()) {
            channel.shutdownOutput();
            loop.arm(client, loop.nowNanos() + LEAVE_NANOS);
        } else {
            channel.close();
        }
    }

    /** The client has closed. */
    void inputEnded() {
        // Before our own FIN, the last response is still on its way.
        if (channel.isOutputShutdown()) {
            channel.close();
        }
    }

    /** The connection's time is over: it ends, unless the client is still at work on the last response. It has as long for the rest as for the beginning. */
    void timedOut(HttpPlan now, long nowNanos) {
        long unwritten = client.unwritten();
        if (unwritten > 0 && (unwrittenAtCheck == 0 || unwrittenAtCheck - unwritten >= leastRead(now))) {
            unwrittenAtCheck = unwritten;
            loop.arm(client, nowNanos + now.requestTimeoutNanos());
        } else if (unwritten > 0) {
            Traffic.reset(channel);
        } else {
            channel.close();
        }
    }

    /** What a client must read of that between two looks. */
    private static long leastRead(HttpPlan now) {
        return Math.max(1, now.minDataRate() * TimeUnit.NANOSECONDS.toSeconds(now.requestTimeoutNanos()));
    }
}
