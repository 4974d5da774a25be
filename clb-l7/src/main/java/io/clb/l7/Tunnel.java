package io.clb.l7;

import io.clb.engine.IdleWatch;
import io.clb.engine.Loop;
import io.clb.engine.RelaySide;
import io.clb.engine.Timeout;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a request becomes whose server has agreed to speak WebSocket: bytes both ways as they come, until both ends have sent their FIN, one resets, or nothing moves for the idle timeout.
 * Confined to one loop.
 *
 * <p>When what it is on begins to drain, both ends are sent a close frame between two frames of the other (RFC 6455 section 7.1.2), unless they are about to close by themselves. Whoever has
 * answered with one gets a FIN. What is left after a time is reset.
 */
final class Tunnel extends Timeout implements RelaySide.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(Tunnel.class);

    /** How long both ends may take to answer a close frame. Not measured. */
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Exchange exchange;
    private final Loop loop;
    private final IdleWatch idle;
    private final UpstreamConnection upstream;
    private final RelaySide client;
    private final RelaySide server;
    private final TunnelWay toServer;
    private final TunnelWay toClient;
    private @Nullable Reason dismissal;
    private long dismissedNanos;
    private boolean ended;

    /** Takes over the connections of both ends. */
    Tunnel(Exchange exchange, ClientConnection client, UpstreamConnection upstream, Loop loop, long idleNanos) {
        this.exchange = exchange;
        this.loop = loop;
        this.idle = new IdleWatch(idleNanos);
        // What it masks is known to all, so that nobody gains by knowing the key: RFC 6455 10.3.
        this.toServer = new TunnelWay(true, ThreadLocalRandom.current().nextInt());
        this.toClient = new TunnelWay(false, 0);
        this.client = client.side(this);
        this.upstream = upstream;
        this.server = upstream.side(this);
    }

    /**
     * Lets bytes flow, and with them what was written before.
     *
     * @param fromServer what came behind the head of its response
     * @param fromClient what the client sent before it had that; null for nothing
     * @param clientEnded whether its FIN has come
     */
    void begin(ByteBuf fromServer, @Nullable ByteBuf fromClient, boolean clientEnded) {
        if (ended) {
            fromServer.release();
            if (fromClient != null) {
                fromClient.release();
            }
            return;
        }
        long now = loop.nowNanos();
        idle.moved(now);
        loop.arm(this, idle.nextLook(now));
        RelaySide.join(client, server);
        server.receive(fromServer);
        if (fromClient != null) {
            exchange.countTunnelled(true, fromClient.readableBytes());
            client.receive(fromClient);
        }
        if (clientEnded) {
            client.finCame();
        }
    }

    /** Asks both ends to close. */
    void dismiss(Reason reason) {
        if (ended || dismissal != null) {
            return;
        }
        dismissal = reason;
        dismissedNanos = loop.nowNanos();
        if (!toServer.isClosedBySender() && !toClient.isClosedBySender()) {
            close(toServer, client, server);
            close(toClient, server, client);
        }
        loop.arm(this, nextLook(dismissedNanos));
    }

    private static void close(TunnelWay way, RelaySide from, RelaySide to) {
        // Behind a FIN there is nothing more to say.
        ByteBuf frame = from.hasFinished() ? null : way.close();
        if (frame != null) {
            to.send(frame);
        }
    }

    @Override
    public ByteBuf passed(RelaySide side, ByteBuf bytes) {
        if (dismissal != null) {
            // When this is written, which may be the close frame.
            loop.execute(this::settle);
        }
        return (side == client ? toServer : toClient).pass(bytes);
    }

    /** Ends the connection of each end that has a close frame, and has answered it. */
    private void settle() {
        if (isSettled(toClient, toServer, client)) {
            server.endInput();
        }
        if (isSettled(toServer, toClient, server)) {
            client.endInput();
        }
    }

    private boolean isSettled(TunnelWay to, TunnelWay from, RelaySide end) {
        return !ended && to.isClosedToReceiver() && (from.isClosedBySender() || end.hasFinished());
    }

    @Override
    public void received(RelaySide side, int bytes) {
        idle.moved(loop.nowNanos());
        exchange.countTunnelled(side == client, bytes);
    }

    @Override
    public void connected(RelaySide side, @Nullable Throwable failure) {
        throw new AssertionError("both sides were connected before");
    }

    @Override
    public void failed(RelaySide side, @Nullable Throwable cause) {
        if (cause != null && !(cause instanceof IOException)) {
            LOG.error("connection {} failed", side, cause);
            end(Reason.INTERNAL_ERROR);
        } else {
            end(side == client ? Reason.CLIENT_RESET : Reason.SERVER_RESET);
        }
    }

    @Override
    public void held() {
        exchange.countHeld();
    }

    /** How much memory what was read and is not yet written takes. */
    long heldBytes() {
        return client.held() + server.held();
    }

    @Override
    public void finished() {
        end(Reason.COMPLETED);
    }

    @Override
    protected void expired(long nowNanos) {
        if (dismissal != null && nowNanos - dismissedNanos >= FAREWELL_NANOS) {
            end(dismissal);
        } else if (idle.isOver(nowNanos, client, server)) {
            end(Reason.IDLE_TIMEOUT);
        } else {
            loop.arm(this, nextLook(nowNanos));
        }
    }

    private long nextLook(long nowNanos) {
        long look = idle.nextLook(nowNanos);
        return dismissal == null ? look : Math.min(look, dismissedNanos + FAREWELL_NANOS);
    }

    /** Ends both sides: in order with FIN, for all other reasons with RST. */
    void end(Reason reason) {
        if (ended) {
            return;
        }
        ended = true;
        loop.cancel(this);
        // Counted before either end can know of it, so that whoever asks then is told.
        exchange.tunnelEnded(reason);
        boolean inOrder = reason == Reason.COMPLETED;
        client.end(inOrder);
        server.end(inOrder);
        upstream.close();
    }
}
