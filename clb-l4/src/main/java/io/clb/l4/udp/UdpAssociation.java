package io.clb.l4.udp;

import static java.util.Objects.requireNonNull;

import io.clb.engine.DatagramAcceptor;
import io.clb.engine.DatagramFlow;
import io.clb.engine.DatagramUpstream;
import io.clb.engine.Direction;
import io.clb.engine.Failures;
import io.clb.engine.FirstDatagram;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Loop;
import io.clb.engine.Picker;
import io.clb.engine.Pool;
import io.clb.engine.RunServer;
import io.clb.engine.Traffic;
import io.clb.spi.DatagramScheduler;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The datagrams between one client's address and port and one listening socket, and the connected socket to the server that they were given. Confined
 * to one loop.
 *
 * <p>Its life: {@link #begin}; {@link #connectNext}, and again for each server that says it has nobody on that port before it answered once; datagrams both
 * ways, each through {@link #fromClient} or {@link #fromServer}; {@link #end}, once. Its one timeout is the session timeout.
 */
final class UdpAssociation extends DatagramFlow {

    private static final Logger LOG = LoggerFactory.getLogger(UdpAssociation.class);

    /** How many servers are tried before the client has to begin anew: as many as a connection may be allowed. */
    private static final int MAX_TRIES = 10;

    private final Traffic traffic;
    private final Pool pool;
    private final long idleNanos;

    /** The header of the PROXY protocol before each datagram to the server; null for none. */
    private final byte @Nullable [] introduction;

    /** What the scheduler is shown of servers' datagrams; null if it does not learn from them. */
    private final @Nullable ShownDatagram shown;

    private @Nullable DatagramUpstream upstream;
    private @Nullable RunServer server;
    private long pickedNanos;
    private long movedNanos;
    private boolean answered;

    /** Whether a datagram was lost as there was no server for it. */
    private boolean gaveUp;

    private boolean ended;

    UdpAssociation(FirstDatagram first, DatagramAcceptor socket, ListenerPlan plan, Loop loop, Traffic traffic) {
        super(first, socket, plan.listener(), loop);
        this.traffic = traffic;
        this.pool = requireNonNull(plan.pool(), "rules are for HTTP");
        this.idleNanos = plan.idleTimeoutNanos();
        this.introduction = traffic.introduction(this, plan);
        this.shown = pool.picker().scheduler() instanceof DatagramScheduler ? new ShownDatagram() : null;
    }

    /** Finds a server; false if there is none, and the association is over. */
    boolean begin(ListenerPlan plan) {
        traffic.begin(this, plan);
        connectNext();
        if (!ended) {
            movedNanos = owner().nowNanos();
            armIdle();
        }
        return !ended;
    }

    private void connectNext() {
        try {
            while (upstream == null && !ended) {
                Picker picker = pool.picker();
                RunServer next = failedTries() < MAX_TRIES ? pick(picker) : null;
                if (next != null) {
                    connect(next);
                } else {
                    end(traffic.whyNone(this, picker));
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.error("an association of {} ends for an unforeseen error", listener(), e);
            end(Reason.INTERNAL_ERROR);
        }
    }

    private @Nullable RunServer pick(Picker picker) {
        try {
            return traffic.pick(this, picker);
        } catch (RuntimeException | Error e) {
            end(Reason.EXTENSION_FAILED);
            return null;
        }
    }

    private void connect(RunServer next) {
        server = next;
        pickedNanos = owner().nowNanos();
        InetSocketAddress address = next.address(reachedPort());
        if (address == null) {
            tryFailed(next, Reason.NAME_UNRESOLVED);
            return;
        }
        DatagramUpstream socket;
        try {
            Answers answers = new Answers(next);
            socket = traffic.newDatagramUpstream(owner(), answers);
            answers.socket = socket;
        } catch (ChannelException e) {
            // It is the system that has no socket: it would have none for another server either.
            tryFailed(next, Reason.CONNECT_FAILED);
            end(Reason.CONNECT_FAILED);
            return;
        }
        upstream = socket;
        try {
            traffic.connect(socket, address, runListener().plan(), owner());
        } catch (IOException e) {
            tryFailed(next, Failures.connect(e));
            return;
        }
        next.countConnected(owner());
        traffic.remember(pool, this, next, false);
    }

    private void tryFailed(RunServer failed, Reason reason) {
        long now = owner().nowNanos();
        server = null;
        // Without a socket, it was never asked.
        if (upstream != null) {
            failed.failed(reason);
        }
        closeUpstream();
        failed.countConnectFailed(owner());
        tryFailed(failed, reason, now - pickedNanos);
        traffic.release(owner(), pool, failed, Outcome.CONNECT_FAILED, now - pickedNanos, now);
    }

    @Override
    protected void fromClient(ByteBuf datagram) {
        movedNanos = owner().nowNanos();
        if (isOverBandwidth(Direction.FROM_CLIENTS, datagram)) {
            return;
        }
        countFromClient(datagram.readableBytes());
        passOn(datagram);
    }

    @Override
    protected void passOn(ByteBuf datagram) {
        requireNonNull(upstream, "it is open as long as the association is").send(introduced(datagram));
    }

    private int introductionLength() {
        return introduction == null ? 0 : introduction.length;
    }

    private ByteBuf introduced(ByteBuf datagram) {
        if (introduction == null) {
            return datagram;
        }
        try {
            return owner().allocator()
                    .directBuffer(introduction.length + datagram.readableBytes())
                    .writeBytes(introduction)
                    .writeBytes(datagram);
        } finally {
            datagram.release();
        }
    }

    private void fromServer(ByteBuf datagram) {
        movedNanos = owner().nowNanos();
        if (!answered) {
            answered = true;
            requireNonNull(server).answered();
            countLatency(pickedNanos);
        }
        if (isOverBandwidth(Direction.TO_CLIENTS, datagram)) {
            return;
        }
        if (shown != null) {
            traffic.show(pool, requireNonNull(server), shown.of(datagram), movedNanos);
            shown.clear();
        }
        int bytes = datagram.readableBytes();
        countFromServer(bytes);
        requireNonNull(server).countReceived(owner(), bytes);
        reply(datagram);
    }

    /** The system reports what became of an earlier datagram, or did not take this one. */
    private void failed(Throwable cause) {
        if (Failures.isRefused(cause)) {
            refused(requireNonNull(server));
        } else if (cause instanceof IOException) {
            countDropped(Reason.DATAGRAM_DROPPED);
        } else {
            LOG.error("an association of {} ends for an unforeseen error", listener(), cause);
            end(Reason.INTERNAL_ERROR);
        }
    }

    /** Nobody is on the server's port (ICMP port unreachable): who never answered was no server, and the next datagram goes to another. */
    private void refused(RunServer by) {
        if (answered) {
            end(Reason.SERVER_RESET);
        } else {
            tryFailed(by, Reason.CONNECT_REFUSED);
            connectNext();
        }
    }

    @Override
    protected void expired(long nowNanos) {
        if (nowNanos - movedNanos >= idleNanos) {
            end(Reason.COMPLETED);
        } else if (runListener().isRemoved()) {
            // Its socket has passed to another listener, and only the server still sends.
            end(Reason.LISTENER_REMOVED);
        } else {
            armIdle();
        }
    }

    private void armIdle() {
        owner().arm(this, movedNanos + idleNanos);
    }

    @Override
    protected void abort(Reason reason) {
        end(reason);
    }

    private void end(Reason reason) {
        if (ended) {
            return;
        }
        ended = true;
        leave();
        closeUpstream();
        RunServer at = server;
        if (at != null) {
            long now = owner().nowNanos();
            traffic.release(owner(), pool, at, at.countEnded(owner(), reason), now - pickedNanos, now);
            traffic.remember(pool, this, at, true);
        }
        traffic.ended(this, pool.group(), reason);
    }

    private void closeUpstream() {
        DatagramUpstream socket = upstream;
        upstream = null;
        if (socket != null) {
            socket.close();
        }
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
    protected long connectNanos() {
        return 0;
    }

    /** What comes from the server, until another socket takes the place of this one. */
    private final class Answers implements DatagramUpstream.Events {

        private final RunServer from;
        private @Nullable DatagramUpstream socket;

        private Answers(RunServer from) {
            this.from = from;
        }

        private boolean isCurrent() {
            return socket != null && socket == upstream;
        }

        @Override
        public void received(ByteBuf datagram) {
            if (isCurrent()) {
                fromServer(datagram);
            } else {
                datagram.release();
            }
        }

        @Override
        public void readComplete() {
            flushReplies();
        }

        @Override
        public void failed(Throwable cause) {
            if (isCurrent()) {
                UdpAssociation.this.failed(cause);
            }
        }

        @Override
        public void sent(int datagrams, int bytes) {
            from.countSent(owner(), (long) datagrams * (bytes - introductionLength()));
        }

        @Override
        public void lost(int datagrams) {
            for (int i = 0; i < datagrams; i++) {
                countDropped(Reason.DATAGRAM_DROPPED);
            }
        }

        /** Its server was none, and the next one has it. Where there is no next one, it is lost, and those behind it begin anew. */
        @Override
        public void unsent(ByteBuf datagram) {
            if (upstream != null) {
                upstream.send(datagram);
            } else if (answered || gaveUp) {
                giveBack(datagram.skipBytes(introductionLength()));
            } else {
                gaveUp = true;
                datagram.release();
                countDropped(Reason.DATAGRAM_DROPPED);
            }
        }

        @Override
        public void closed() {
            if (isCurrent()) {
                end(Reason.CONNECT_FAILED);
            }
        }
    }
}
