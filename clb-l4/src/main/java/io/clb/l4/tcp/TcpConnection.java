package io.clb.l4.tcp;

import static java.util.Objects.requireNonNull;

import io.clb.engine.Failures;
import io.clb.engine.IdleWatch;
import io.clb.engine.ListenerPlan;
import io.clb.engine.LogTries;
import io.clb.engine.Loop;
import io.clb.engine.LoopFlow;
import io.clb.engine.Origin;
import io.clb.engine.Picker;
import io.clb.engine.Pool;
import io.clb.engine.RelaySide;
import io.clb.engine.RunServer;
import io.clb.engine.Traffic;
import io.clb.engine.Wait;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP connection of a client and the one to the server that it was given. Confined to one loop.
 *
 * <p>Its life: {@link #begin}; {@link #connectNext}, once for each server that is tried; {@link #connected}; bytes both ways; {@link #end}, once. Its one
 * timeout is the connect timeout of the try under way, then the idle timeout.
 */
final class TcpConnection extends LoopFlow implements RelaySide.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(TcpConnection.class);

    private final Traffic traffic;
    private final Pool pool;
    private final IdleWatch idle;
    private @Nullable RelaySide client;
    private @Nullable RelaySide upstream;
    private @Nullable RunServer server;

    /** The server that was being connected to when the flow ended. */
    private @Nullable RunServer abandoned;

    private @Nullable Connecting connecting;
    private long pickedNanos;
    private long connectNanos;
    private boolean answered;
    private boolean ended;

    /** What is needed until a server has accepted, and not longer. */
    private static final class Connecting {

        private final ListenerPlan plan;
        private Picker picker;
        private @Nullable Turn turn;

        Connecting(ListenerPlan plan) {
            this.plan = plan;
            this.picker = requireNonNull(plan.pool()).picker();
        }
    }

    /** Until a server has room. */
    private final class Turn extends Wait {

        @Override
        protected void found(RunServer next) {
            Connecting attempt = requireNonNull(connecting);
            attempt.turn = null;
            connectTo(attempt, next);
        }

        @Override
        protected void inVain() {
            Connecting attempt = requireNonNull(connecting);
            attempt.picker = pool.picker();
            connectNext(attempt);
        }
    }

    TcpConnection(Origin origin, ListenerPlan plan, Loop loop, Traffic traffic) {
        super(loop, plan.listener(), origin);
        this.traffic = traffic;
        this.pool = requireNonNull(plan.pool(), "rules are for HTTP");
        this.idle = new IdleWatch(plan.idleTimeoutNanos());
    }

    void begin(SocketChannel accepted, ListenerPlan plan) {
        traffic.begin(this, plan);
        Connecting attempt = new Connecting(plan);
        connecting = attempt;
        try {
            RelaySide opened = RelaySide.of(this, traffic, accepted, plan, owner());
            opened.reading().onRefusal(this::overBandwidth);
            client = opened;
        } catch (ChannelException e) {
            // The client was faster than we: its socket takes no options any more.
            end(Reason.CLIENT_GONE);
        } catch (RuntimeException | Error e) {
            broken(e);
        }
        if (!ended) {
            connectNext(attempt);
        }
    }

    /** Whatever goes wrong in here, the flow ends, and its counts are right. */
    private void broken(Throwable e) {
        LOG.error("a connection of {} ends for an unforeseen error", listener(), e);
        end(Reason.INTERNAL_ERROR);
    }

    private void overBandwidth() {
        end(Reason.LIMIT_BANDWIDTH);
    }

    private void connectNext(Connecting attempt) {
        RunServer next;
        try {
            next = traffic.pick(this, attempt.picker);
        } catch (RuntimeException | Error e) {
            end(Reason.EXTENSION_FAILED);
            return;
        }
        if (next == null) {
            if (attempt.turn == null) {
                attempt.turn = new Turn();
            }
            if (traffic.await(this, attempt.turn, pool, attempt.picker)) {
                return;
            }
            if (pool.isInForce(attempt.picker)) {
                end(traffic.whyNone(this, attempt.picker));
            } else {
                attempt.turn.inVain();
            }
            return;
        }
        attempt.turn = null;
        connectTo(attempt, next);
    }

    private void connectTo(Connecting attempt, RunServer next) {
        server = next;
        pickedNanos = owner().nowNanos();
        try {
            connect(attempt, next);
        } catch (RuntimeException | Error e) {
            broken(e);
        }
    }

    private void connect(Connecting attempt, RunServer next) {
        InetSocketAddress address = next.address(reachedPort());
        if (address == null) {
            tryFailed(attempt, Reason.NAME_UNRESOLVED);
            return;
        }
        RelaySide side;
        try {
            side = RelaySide.open(this, traffic, attempt.plan, owner());
            side.reading().onRefusal(this::overBandwidth);
        } catch (ChannelException e) {
            tryFailed(attempt, Reason.CONNECT_FAILED);
            return;
        }
        upstream = side;
        owner().arm(this, pickedNanos + attempt.plan.connectTimeoutNanos());
        try {
            if (side.connect(address, attempt.plan, owner())) {
                connected(side, null);
            }
        } catch (IOException e) {
            connected(side, e);
        }
    }

    /** By the socket, never by what a header says. */
    private int reachedPort() {
        return proxyHeader() == null
                ? destinationPort()
                : requireNonNull(client).localPort();
    }

    @Override
    public void connected(RelaySide side, @Nullable Throwable failure) {
        Connecting attempt = connecting;
        if (side != upstream || attempt == null) {
            return;
        }
        RunServer asked = requireNonNull(server);
        if (failure == null && asked.isDrained()) {
            tryFailed(attempt, Reason.SERVER_DRAINED);
        } else if (failure == null) {
            connected(side, asked, attempt);
        } else {
            tryFailed(attempt, Failures.connect(failure));
        }
    }

    private void connected(RelaySide side, RunServer accepting, Connecting attempt) {
        connecting = null;
        long now = owner().nowNanos();
        connectNanos = now - pickedNanos;
        accepting.countConnected(owner());
        countLatency(pickedNanos);
        // What came before anybody could know which server would have it.
        accepting.countSent(owner(), bytesFromClient());
        traffic.introduce(this, side, attempt.plan);
        if (ended) {
            // The server was gone already.
            return;
        }
        traffic.remember(pool, this, accepting, false);
        idle.moved(now);
        owner().arm(this, idle.nextLook(now));
        RelaySide.join(requireNonNull(client), side);
    }

    private void tryFailed(Connecting attempt, Reason reason) {
        RunServer failed = requireNonNull(server);
        RelaySide side = upstream;
        long now = owner().nowNanos();
        owner().cancel(this);
        server = null;
        upstream = null;
        if (side != null) {
            side.end(false);
        }
        failed.countConnectFailed(owner());
        // Without a socket, it was never asked.
        if (side != null) {
            failed.failed(reason);
        }
        tryFailed(failed, reason, now - pickedNanos);
        Outcome outcome = reason == Reason.CONNECT_TIMEOUT ? Outcome.TIMED_OUT : Outcome.CONNECT_FAILED;
        traffic.release(owner(), pool, failed, outcome, now - pickedNanos, now);
        if (failedTries() < attempt.plan.connectTries()) {
            // The try may have taken long.
            attempt.picker = pool.picker();
            connectNext(attempt);
        } else {
            end(reason);
        }
    }

    @Override
    public void received(RelaySide side, int bytes) {
        idle.moved(owner().nowNanos());
        RunServer at = server;
        if (side == client) {
            countFromClient(bytes);
            if (at != null && connecting == null) {
                at.countSent(owner(), bytes);
            }
        } else {
            countFromServer(bytes);
            if (at != null) {
                at.countReceived(owner(), bytes);
                if (!answered) {
                    answered = true;
                    at.answered();
                }
            }
        }
    }

    @Override
    public void failed(RelaySide side, @Nullable Throwable cause) {
        if (ended) {
            return;
        }
        if (cause != null && !(cause instanceof IOException) && !(cause instanceof UncheckedIOException)) {
            LOG.error("connection {} failed", side, cause);
            end(Reason.INTERNAL_ERROR);
        } else if (side == client || client == null) {
            end(connecting == null ? Reason.CLIENT_RESET : Reason.CLIENT_GONE);
        } else if (side == upstream && connecting == null) {
            end(Reason.SERVER_RESET);
        }
    }

    @Override
    public void held() {
        owner().backlog().look(this);
    }

    @Override
    protected long heldBytes() {
        RelaySide from = client;
        RelaySide to = upstream;
        return (from == null ? 0 : from.held()) + (to == null ? 0 : to.held());
    }

    @Override
    public void finished() {
        end(Reason.COMPLETED);
    }

    @Override
    protected void expired(long nowNanos) {
        Connecting attempt = connecting;
        if (attempt != null) {
            if (attempt.turn == null) {
                tryFailed(attempt, Reason.CONNECT_TIMEOUT);
            } else {
                end(Reason.SERVER_QUEUE_TIMEOUT);
            }
            return;
        }
        if (idle.isOver(nowNanos, requireNonNull(client), requireNonNull(upstream))) {
            end(Reason.IDLE_TIMEOUT);
        } else {
            owner().arm(this, idle.nextLook(nowNanos));
        }
    }

    @Override
    protected void abort(Reason reason) {
        end(reason);
    }

    /** Ends both sides: in order with FIN, for all other reasons with RST. */
    private void end(Reason reason) {
        if (ended) {
            return;
        }
        ended = true;
        if (connecting != null && connecting.turn != null) {
            connecting.turn.cancel();
        }
        boolean inOrder = reason == Reason.COMPLETED;
        if (client != null) {
            client.end(inOrder);
        }
        if (upstream != null) {
            upstream.end(inOrder);
        }
        RunServer at = server;
        if (at != null) {
            long now = owner().nowNanos();
            if (inOrder && !answered) {
                at.answered();
            }
            traffic.release(owner(), pool, at, at.countEnded(owner(), reason), now - pickedNanos, now);
            if (connecting == null) {
                traffic.remember(pool, this, at, true);
            } else {
                abandoned = at;
                server = null;
            }
        }
        connecting = null;
        traffic.ended(this, pool.group(), reason);
    }

    @Override
    protected @Nullable RunServer server() {
        return server;
    }

    @Override
    protected Pool pool() {
        return pool;
    }

    @Override
    protected @Nullable RunServer serving() {
        return connecting == null ? server : null;
    }

    @Override
    protected long connectNanos() {
        return connectNanos;
    }

    @Override
    protected void tries(LogTries tries, Reason why) {
        super.tries(tries, why);
        if (abandoned != null) {
            long waited = owner().nowNanos() - pickedNanos;
            tries.add(abandoned, why, LogTries.NEVER_SENT, waited, waited);
        }
    }
}
