package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.Failures;
import io.clb.engine.ListenerPlan;
import io.clb.engine.LogTries;
import io.clb.engine.Loop;
import io.clb.engine.Picker;
import io.clb.engine.Pool;
import io.clb.engine.RunServer;
import io.clb.engine.Traffic;
import io.clb.engine.Wait;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.netty.channel.ChannelException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a request comes to its server: one is picked, an idle connection to it is taken or a new one made, and where that fails the next is picked, up to the listener's
 * {@code connectTries}; where a server closed its idle connection under the request, that is sent again over a new one. Keeps the server until the request has ended, and knows for the log what was tried. Its loop has it serve one request after another. Confined to that loop.
 */
final class ServerSearch implements UpstreamConnection.Opening {

    private static final long NEVER = -1;

    private static final Logger LOG = LoggerFactory.getLogger(ServerSearch.class);

    private final HttpLoop httpLoop;
    private final Traffic traffic;

    // of the request under way; null between two
    private @Nullable Exchange exchange;
    private @Nullable HttpPlan plan;
    private @Nullable ListenerPlan listenerPlan;
    private @Nullable Pool pool;
    private @Nullable Picker picker;
    private @Nullable RunServer server;

    /** The server that was being connected to when the request ended. */
    private @Nullable RunServer abandoned;

    private @Nullable Stale stale;
    private @Nullable UpstreamConnection connecting;
    private @Nullable Wait wait;
    private long pickedNanos;
    private long connectNanos;
    private long answeredNanos = NEVER;
    private boolean sent;
    private boolean sentAgain;

    /**
     * A server that closed an idle connection under the request.
     *
     * @param misses how many could not be reached before
     * @param pickedNanos when it was picked
     * @param endNanos when it was asked again, over a new connection
     */
    private record Stale(RunServer server, Reason reason, int misses, long pickedNanos, long endNanos) {}

    ServerSearch(HttpLoop httpLoop, Traffic traffic) {
        this.httpLoop = httpLoop;
        this.traffic = traffic;
    }

    /** Is for a request from here on. */
    ServerSearch begin(Exchange request, HttpPlan itsPlan, ListenerPlan itsListener, Pool from) {
        exchange = request;
        plan = itsPlan;
        listenerPlan = itsListener;
        pool = from;
        pickedNanos = 0;
        connectNanos = 0;
        answeredNanos = NEVER;
        sent = false;
        sentAgain = false;
        return this;
    }

    /** The request has ended, and was written down. */
    void rest() {
        exchange = null;
        plan = null;
        listenerPlan = null;
        pool = null;
        picker = null;
        server = null;
        abandoned = null;
        stale = null;
    }

    private Exchange exchange() {
        return requireNonNull(exchange);
    }

    private ListenerPlan listenerPlan() {
        return requireNonNull(listenerPlan);
    }

    Pool pool() {
        return requireNonNull(pool);
    }

    /** The server that was picked last; null before, and after it failed. */
    @Nullable
    RunServer server() {
        return server;
    }

    /** When the server was picked. */
    long pickedNanos() {
        return pickedNanos;
    }

    /** How long the server took to accept; 0 on a connection that was there. */
    long connectNanos() {
        return connectNanos;
    }

    /** Whether its timeout is that of a connect, or of a wait for room. */
    boolean isUnderWay() {
        return connecting != null || wait != null;
    }

    /** Until a server has room. */
    private final class Turn extends Wait {

        @Override
        protected void found(RunServer next) {
            Exchange at = exchange();
            wait = null;
            goTo(next);
            at.goOn();
        }

        @Override
        protected void inVain() {
            Exchange at = exchange();
            picker = null;
            next();
            at.goOn();
        }
    }

    private Loop loop() {
        return httpLoop.loop();
    }

    /** Picks a server. The exchange is told of a connection to it, or of the end. */
    void next() {
        Exchange at = exchange();
        Pool servers = pool();
        Picker from = picker;
        if (from == null) {
            // Only now: the request may have waited, and what was eligible when it came may not be any more.
            from = servers.picker();
            picker = from;
        }
        RunServer picked;
        try {
            picked = traffic.pick(at, from);
        } catch (RuntimeException | Error e) {
            at.fail(Reason.EXTENSION_FAILED);
            return;
        }
        if (picked == null) {
            if (wait == null) {
                wait = new Turn();
            }
            if (traffic.await(at, wait, servers, from)) {
                return;
            }
            if (servers.isInForce(from)) {
                wait = null;
                at.fail(traffic.whyNone(at, from));
            } else {
                picker = null;
                next();
            }
            return;
        }
        wait = null;
        goTo(picked);
    }

    private void goTo(RunServer picked) {
        Exchange at = exchange();
        server = picked;
        pickedNanos = loop().nowNanos();
        UpstreamConnection idle =
                requireNonNull(plan).persistentUpstream() ? httpLoop.takeIdle(picked, at.mayGoTwice()) : null;
        if (idle != null) {
            at.found(idle);
        } else {
            connect(picked);
        }
    }

    /**
     * Makes a new connection to the server that was picked, as it closed the one before under the request. Once.
     *
     * @param reason how that ended
     */
    void reconnect(Reason reason) {
        RunServer again = requireNonNull(server);
        stale = new Stale(again, reason, exchange().misses(), pickedNanos, loop().nowNanos());
        connect(again);
    }

    /** Whether the request was sent before, over a connection that the server had closed. */
    boolean hasReconnected() {
        return stale != null;
    }

    /** The server was sent the request. */
    void sent() {
        RunServer by = requireNonNull(server);
        sent = true;
        sentAgain = stale != null;
        if (stale == null || stale.server != by) {
            by.countRequest(loop());
        }
        traffic.remember(pool(), exchange(), by, false);
    }

    /** Whether a server was. */
    boolean wasSent() {
        return sent;
    }

    private void connect(RunServer to) {
        InetSocketAddress address = to.address();
        if (address == null) {
            failed(Reason.NAME_UNRESOLVED);
            return;
        }
        Exchange at = exchange();
        ListenerPlan listener = listenerPlan();
        UpstreamConnection connection;
        try {
            connection =
                    UpstreamConnection.open(httpLoop, to, requireNonNull(plan), listener, listener.listener(), traffic);
        } catch (ChannelException e) {
            failed(Reason.CONNECT_FAILED);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("a connection to {} could not be made", to, e);
            at.fail(Reason.INTERNAL_ERROR);
            return;
        }
        connecting = connection;
        loop().arm(at, loop().nowNanos() + listener.connectTimeoutNanos());
        connection.connect(address, listener, traffic, this);
    }

    @Override
    public void connectEnded(UpstreamConnection connection, @Nullable Throwable failure) {
        if (connection != connecting) {
            return;
        }
        if (failure == null && connection.server().isDrained()) {
            failed(Reason.SERVER_DRAINED);
        } else if (failure == null) {
            connectNanos = loop().nowNanos() - pickedNanos;
            connecting = null;
            connection.server().countConnected(loop());
            Exchange at = exchange();
            traffic.introduce(at, connection.socket(), listenerPlan());
            at.found(connection);
            at.goOn();
        } else {
            failed(Failures.connect(failure));
        }
    }

    /** The server did not accept in time, or none had room. */
    void timedOut() {
        if (wait == null) {
            failed(Reason.CONNECT_TIMEOUT);
        } else {
            cancel();
            exchange().fail(Reason.SERVER_QUEUE_TIMEOUT);
        }
    }

    private void failed(Reason reason) {
        RunServer missed = requireNonNull(server);
        long now = loop().nowNanos();
        server = null;
        // Without a connection, it was never asked.
        if (connecting != null) {
            missed.failed(reason);
        }
        cancel();
        missed.countConnectFailed(loop());
        Exchange at = exchange();
        at.missed(missed, reason, now - pickedNanos);
        Outcome outcome = reason == Reason.CONNECT_TIMEOUT ? Outcome.TIMED_OUT : Outcome.CONNECT_FAILED;
        traffic.release(loop(), pool(), missed, outcome, now - pickedNanos, now);
        if (at.misses() >= listenerPlan().connectTries()) {
            at.fail(reason);
        } else if (!at.mayRetry()) {
            at.fail(Reason.RETRY_BUDGET_EMPTY);
        } else {
            // The try may have taken long.
            picker = null;
            next();
            // An idle connection takes the request at once, and no end of reading follows that would let it leave.
            at.goOn();
        }
    }

    /** Gives up a connect or a wait that is under way. */
    void cancel() {
        if (wait != null) {
            wait.cancel();
            wait = null;
        }
        UpstreamConnection open = connecting;
        connecting = null;
        if (open != null) {
            open.cancel();
        }
    }

    /** The request becomes a tunnel: how long that lasts says nothing about the server. */
    void answered() {
        answeredNanos = loop().nowNanos() - pickedNanos;
    }

    /** Takes the request off its server. */
    void end(Reason reason) {
        RunServer at = server;
        if (at == null) {
            return;
        }
        long now = loop().nowNanos();
        long took = answeredNanos < 0 ? now - pickedNanos : answeredNanos;
        traffic.release(loop(), pool(), at, at.countEnded(loop(), reason), took, now);
        if (sent) {
            traffic.remember(pool(), exchange(), at, true);
        } else {
            abandoned = at;
            server = null;
        }
    }

    /** Writes down what was tried, after the {@link #end}. */
    void log(LogTries tries, Reason why, int upstreamStatus) {
        Exchange of = exchange();
        Stale before = stale;
        int done = 0;
        long begunNanos = pickedNanos;
        boolean unsent = false;
        if (before != null) {
            done = before.misses;
            of.writeMisses(tries, 0, done);
            tries.add(before.server, before.reason, 0, 0, before.endNanos - before.pickedNanos);
            if (of.misses() == done) {
                begunNanos = before.endNanos;
                unsent = !sentAgain;
            }
        }
        of.writeMisses(tries, done, of.misses());
        RunServer taken = server;
        RunServer left = abandoned != null || !unsent ? abandoned : taken;
        long nanos = loop().nowNanos() - begunNanos;
        if (left != null) {
            tries.add(left, why, LogTries.NEVER_SENT, nanos, nanos);
        } else if (taken != null) {
            tries.add(taken, Reason.COMPLETED, upstreamStatus, connectNanos, nanos);
        }
    }
}
