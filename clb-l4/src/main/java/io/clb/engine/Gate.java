package io.clb.engine;

import io.clb.ProxyProtocol;
import io.clb.spi.AccessPolicy;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front of every connection and association: reads the plan, once, and refuses what the listener does not let in, before anything is spent on it. What passes goes to the listener's
 * protocol. On the connection's loop.
 */
final class Gate {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Traffic traffic;
    private final Notice acceptNotice = new Notice();

    // written by control; read by any loop
    private volatile Plan plan = Plan.EMPTY;

    Gate(Traffic traffic) {
        this.traffic = traffic;
    }

    Plan plan() {
        return plan;
    }

    /** Puts a plan in force. Control only. */
    void plan(Plan changed) {
        plan = changed;
    }

    /**
     * Judges a connection.
     *
     * @param binding the listening socket that it came through
     */
    void arrive(SocketChannel client, Binding binding, Loop loop) {
        ListenerPlan listener = plan.listener(binding);
        if (listener == null) {
            Traffic.reset(client);
            return;
        }
        if (!listener.listener().tryBegin(loop, listener.maxConnections())) {
            refuse(client, Origin.of(client), listener, loop, Reason.MAX_CONNECTIONS);
            return;
        }
        if (!loop.backlog().hasRoom()) {
            listener.listener().end();
            refuse(client, Origin.of(client), listener, loop, Reason.MEMORY);
        } else if (listener.proxyIn() == null) {
            enter(client, Origin.of(client), listener, loop);
        } else {
            new ProxyHandshake(client, listener, loop, traffic, this::enter).begin();
        }
    }

    /** Judges a connection that is one of the listener's by now, as it is known whose it is. */
    private void enter(SocketChannel client, Origin origin, ListenerPlan listener, Loop loop) {
        Reason refusal = judge(origin, listener, loop);
        if (refusal != null) {
            listener.listener().end();
            refuse(client, origin, listener, loop, refusal);
            return;
        }
        try {
            if (listener.tls() == null) {
                listener.protocol().accepted(client, origin, listener, loop, traffic);
            } else {
                new TlsHandshake(client, origin, listener, loop, traffic).begin();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("a connection could not be taken over", e);
            giveBack(origin, listener, loop);
            refuse(client, origin, listener, loop, Reason.INTERNAL_ERROR);
        }
    }

    /**
     * Judges a client that has sent its first datagram.
     *
     * @param first the datagram, to be read during this call only; its header is skipped
     * @param socket the listening socket that it came through
     * @return the association; null if there is none, and the datagram is counted
     */
    @Nullable
    DatagramFlow arrive(InetSocketAddress client, ByteBuf first, DatagramAcceptor socket, Loop loop) {
        ListenerPlan listener = plan.listener(socket.binding());
        if (listener == null) {
            return null;
        }
        Origin own = new Origin(client, socket.address(), null);
        ProxyProtocol proxy = listener.proxyIn();
        DatagramHeaders headers = proxy == null ? null : new DatagramHeaders(proxy, first, own);
        Origin origin = headers == null ? own : headers.origin();
        return enter(new FirstDatagram(client, origin, first, headers), listener, socket, loop);
    }

    /**
     * Judges a client anew whose association has ended before a datagram of it was sent.
     *
     * @param first the datagram, without a header, to be read during this call only
     * @param socket the listening socket that it came through
     * @return the association; null if there is none, and the datagram is counted
     */
    @Nullable
    DatagramFlow arriveAgain(FirstDatagram first, DatagramAcceptor socket, Loop loop) {
        ListenerPlan listener = plan.listener(socket.binding());
        return listener == null ? null : enter(first, listener, socket, loop);
    }

    private @Nullable DatagramFlow enter(
            FirstDatagram first, ListenerPlan listener, DatagramAcceptor socket, Loop loop) {
        RunListener running = listener.listener();
        Origin origin = first.origin();
        DatagramHeaders headers = first.headers();
        if (!running.tryBegin(loop, listener.maxConnections())) {
            return drop(origin, listener, loop, Reason.MAX_CONNECTIONS);
        }
        Reason refusal = loop.backlog().hasRoom() ? null : Reason.MEMORY;
        if (refusal == null && headers != null) {
            refusal = headers.refusal();
        }
        if (refusal == null) {
            refusal = traffic.isDraining() ? Reason.SHUTDOWN : judge(origin, listener, loop);
        }
        if (refusal != null) {
            running.end();
            return drop(origin, listener, loop, refusal);
        }
        try {
            return listener.protocol().associated(first, socket, listener, loop, traffic);
        } catch (RuntimeException | Error e) {
            LOG.error("a client could not be taken over", e);
            giveBack(origin, listener, loop);
            return drop(origin, listener, loop, Reason.INTERNAL_ERROR);
        }
    }

    /** Gives back what a client took that was let in, and did not become a flow. */
    private static void giveBack(Origin origin, ListenerPlan listener, Loop loop) {
        listener.listener().end();
        ClientCounts clients = listener.clients();
        if (clients != null) {
            clients.end(new Arrival(origin, listener, loop, 0));
        }
    }

    private @Nullable DatagramFlow drop(Origin origin, ListenerPlan listener, Loop loop, Reason reason) {
        traffic.record(new Arrival(origin, listener, loop, 0), listener.group(), reason);
        return null;
    }

    private @Nullable Reason judge(Origin origin, ListenerPlan listener, Loop loop) {
        ClientCounts clients = listener.clients();
        Admission limits = listener.chain().connections();
        AccessPolicy access = listener.access();
        if (clients == null && limits == null && access == null) {
            return null;
        }
        Arrival arrival = new Arrival(origin, listener, loop, 0);
        if (clients != null && !clients.tryBegin(arrival, listener.maxConnectionsPerClient())) {
            return Reason.MAX_CONNECTIONS_PER_CLIENT;
        }
        Reason refusal = judge(arrival, limits, access);
        if (refusal != null && clients != null) {
            clients.end(arrival);
        }
        return refusal;
    }

    private @Nullable Reason judge(Arrival arrival, @Nullable Admission limits, @Nullable AccessPolicy access) {
        Reason refusal = limits == null ? null : limits.judge(arrival, traffic);
        if (refusal != null || access == null) {
            return refusal;
        }
        try {
            return access.allows(arrival) ? null : Reason.ACCESS_DENIED;
        } catch (RuntimeException | Error e) {
            traffic.extensionFailed(access, e);
            return Reason.EXTENSION_FAILED;
        }
    }

    private void refuse(SocketChannel client, Origin origin, ListenerPlan listener, Loop loop, Reason reason) {
        // An answer would have to be encrypted, which is what is to be spared.
        int status = listener.tls() == null ? listener.protocol().refusal(reason, loop) : 0;
        Arrival arrival = new Arrival(origin, listener, loop, status);
        traffic.record(arrival, listener.group(), reason);
        if (status == 0) {
            Traffic.reset(client);
            return;
        }
        try {
            Admission limits = listener.chain().connections();
            long retryAfter = limits == null ? 0 : limits.retryAfterSeconds(arrival, traffic);
            listener.protocol().refused(client, listener, loop, status, retryAfter, reason);
        } catch (RuntimeException | Error e) {
            LOG.error("a connection could not be turned away in order", e);
            Traffic.reset(client);
        }
    }

    /** Has the listening sockets, however many they are, tell once a second that they cannot accept. */
    Notice acceptNotice() {
        return acceptNotice;
    }

    /** The system could not hand over a connection. */
    void acceptFailed(Binding binding, Loop loop) {
        ListenerPlan listener = plan.listener(binding);
        if (listener != null) {
            listener.listener().tally().countEnded(loop, Reason.ACCEPT_FAILED);
        }
    }

    /** The system did not take a datagram to a client. */
    void datagramDropped(Binding binding, Loop loop) {
        ListenerPlan listener = plan.listener(binding);
        if (listener != null) {
            listener.listener().countDropped(loop, Reason.DATAGRAM_DROPPED);
        }
    }

    /** Why listening sockets were closed that flows answer through: they left the plan before, unless all ends. */
    Reason whyClosed(Binding binding) {
        return plan.listener(binding) == null ? Reason.LISTENER_REMOVED : Reason.SHUTDOWN;
    }

    /** A connection, or a client's first datagram, that is no protocol's yet. */
    private static final class Arrival extends LoopFlow {

        private final int status;

        Arrival(Origin origin, ListenerPlan listener, Loop loop, int status) {
            super(loop, listener.listener(), origin);
            this.status = status;
        }

        @Override
        protected int status() {
            return status;
        }

        @Override
        protected void abort(Reason reason) {
            throw new AssertionError("an arrival is on no list");
        }

        @Override
        protected void expired(long nowNanos) {
            throw new AssertionError("an arrival has no timeout");
        }

        @Override
        protected @Nullable RunServer server() {
            return null;
        }

        @Override
        protected long connectNanos() {
            return 0;
        }
    }
}
