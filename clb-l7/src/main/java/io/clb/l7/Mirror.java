package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.Failures;
import io.clb.engine.ListenerPlan;
import io.clb.engine.Picker;
import io.clb.engine.Pool;
import io.clb.engine.RunServer;
import io.clb.engine.Traffic;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of a request for a mirror group: a server of that group gets what the request's own server gets, and what it answers is read, checked and dropped. It knows
 * nothing of its request but what it is given, and never calls it, so that whatever happens here the client does not notice.
 *
 * <p>It is a flow on its loop's list, as memory, drains and the end of the balancer concern it; no listener or rule counts it, but its group and its server do, no limit holds for it, no access log and no observer
 * tells of it. Confined to its request's loop.
 *
 * <p>Its one timeout is that of the connect, then that of the server's silence once it has the whole request; and the response may go on for as long as that once the client has
 * its own, as one that never ends is nobody's mistake.
 */
final class Mirror extends HttpRequest implements Upstream.Reply, UpstreamConnection.Opening {

    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    /** How much of a body may wait for the server when more comes: four of the largest reads, which come one behind the other when the request's own server is fast. */
    private static final int MAX_HELD = 1_024 * 1_024;

    /** Parts of a body up to this size are copied: a slice of so little may keep a large buffer. Not measured. */
    private static final int SMALL_PART = 1_024;

    private final MirrorPlan mirror;
    private final HttpLoop httpLoop;
    private final HttpPlan plan;
    private final ListenerPlan listenerPlan;
    private final Traffic traffic;
    private final MirrorWay way = new MirrorWay();
    private @Nullable RunServer server;
    private long pickedNanos;
    private long movedNanos;
    private long unwrittenAtCheck;
    private long originalEndNanos;
    private int upstreamStatus;
    private boolean requestComplete;
    private boolean originalEnded;
    private boolean ended;

    private Mirror(
            MirrorPlan mirror, Exchange original, ClientConnection client, HttpPlan plan, ListenerPlan listenerPlan) {
        super(original);
        this.mirror = mirror;
        this.httpLoop = client.httpLoop();
        this.plan = plan;
        this.listenerPlan = listenerPlan;
        this.traffic = client.traffic();
    }

    /**
     * Begins to copy a request whose head is on its way to a server, if its rule wants it.
     *
     * @param route the rule; null for none
     * @param head what the server is sent, which stays the caller's
     * @param complete whether there is no body
     * @return the copy, which may have ended; null if there is none
     */
    static @Nullable Mirror begin(
            @Nullable Route route,
            Exchange original,
            ClientConnection client,
            HttpPlan plan,
            ListenerPlan listenerPlan,
            ByteBuf head,
            boolean complete) {
        MirrorPlan wanted = route == null ? null : route.mirror();
        if (wanted == null || !wanted.draws()) {
            return null;
        }
        Reason refusal = wanted.refusal(client.httpLoop().loop(), client.traffic());
        if (refusal != null) {
            wanted.run().count(client.httpLoop().loop(), refusal);
            return null;
        }
        Mirror begun = new Mirror(wanted, original, client, plan, listenerPlan);
        begun.begin(head, complete);
        return begun;
    }

    private void begin(ByteBuf head, boolean complete) {
        traffic.copyBegins(this);
        requestComplete = complete;
        Picker picker = mirror.pool().picker();
        RunServer picked;
        try {
            picked = traffic.pick(this, picker);
        } catch (RuntimeException | Error e) {
            end(Reason.EXTENSION_FAILED);
            return;
        }
        if (picked == null) {
            end(traffic.whyNone(this, picker));
            return;
        }
        server = picked;
        pickedNanos = owner().nowNanos();
        movedNanos = pickedNanos;
        UpstreamConnection idle = plan.persistentUpstream() ? httpLoop.takeIdle(picked, false) : null;
        if (idle == null) {
            connect(picked, head);
        } else {
            take(idle, head, true);
            picked.countRequest(owner());
            owner().arm(this, pickedNanos + plan.requestTimeoutNanos());
        }
    }

    /** Sends the head over a connection, now while it is there to be looked at. */
    private void take(UpstreamConnection taken, ByteBuf head, boolean connected) {
        way.begin(taken, connected);
        taken.begin(this, plan, request, mirror.run());
        boolean asks = request.value("expect") != null;
        way.send(asks ? HeadWriter.withoutExpect(owner().allocator(), head) : head.retainedDuplicate());
    }

    private void connect(RunServer to, ByteBuf head) {
        InetSocketAddress address = to.address();
        if (address == null) {
            connectFailed(Reason.NAME_UNRESOLVED);
            return;
        }
        UpstreamConnection opened;
        try {
            opened = UpstreamConnection.open(httpLoop, to, plan, listenerPlan, mirror.run(), traffic);
        } catch (ChannelException e) {
            connectFailed(Reason.CONNECT_FAILED);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("a connection to {} could not be made", to, e);
            end(Reason.INTERNAL_ERROR);
            return;
        }
        take(opened, head, false);
        owner().arm(this, pickedNanos + listenerPlan.connectTimeoutNanos());
        opened.connect(address, listenerPlan, traffic, this);
    }

    @Override
    public void connectEnded(UpstreamConnection opened, @Nullable Throwable failure) {
        if (ended || !way.isConnecting()) {
            return;
        }
        if (failure != null) {
            connectFailed(Failures.connect(failure));
            return;
        }
        if (opened.server().isDrained()) {
            connectFailed(Reason.SERVER_DRAINED);
            return;
        }
        opened.server().countConnected(owner());
        opened.server().countRequest(owner());
        traffic.introduce(this, opened.socket(), listenerPlan);
        way.connected();
        movedNanos = owner().nowNanos();
        owner().arm(this, movedNanos + plan.requestTimeoutNanos());
        // Not now: it may end the request, which may be about to have the copy made.
        owner().execute(this::flush);
    }

    private void connectFailed(Reason reason) {
        RunServer missed = requireNonNull(server);
        long now = owner().nowNanos();
        server = null;
        // Without a connection, it was never asked.
        if (way.isOpen()) {
            missed.failed(reason);
        }
        missed.countConnectFailed(owner());
        Outcome outcome = reason == Reason.CONNECT_TIMEOUT ? Outcome.TIMED_OUT : Outcome.CONNECT_FAILED;
        traffic.release(owner(), mirror.pool(), missed, outcome, now - pickedNanos, now);
        end(reason);
    }

    /**
     * Copies a part of the body, if the server keeps up.
     *
     * @param part what the request's own server is sent, which stays the caller's
     * @param last whether the body ends with it
     */
    void body(ByteBuf part, boolean last) {
        if (ended) {
            return;
        }
        if (heldBytes() > MAX_HELD) {
            // Some of it may only not have been told to leave.
            way.flush();
            if (heldBytes() > MAX_HELD) {
                end(Reason.MIRROR_TOO_SLOW);
                return;
            }
        }
        requestComplete = last;
        movedNanos = owner().nowNanos();
        int bytes = part.readableBytes();
        way.send(
                bytes > SMALL_PART
                        ? part.retainedDuplicate()
                        : owner().allocator().directBuffer(bytes).writeBytes(part, part.readerIndex(), bytes));
    }

    /** Lets leave what was sent. It may be ended by this, and so may other flows of the loop, its request included. */
    void flush() {
        if (ended || !way.isUnflushed()) {
            return;
        }
        way.flush();
        if (heldBytes() > 0) {
            owner().backlog().look(this);
            // Where memory is short, copies are what can be done without first: before a client is turned away.
            if (!owner().backlog().hasRoom()) {
                end(Reason.MEMORY);
            }
        }
    }

    /** The request is over, one way or the other. */
    void originalEnded() {
        if (ended) {
            return;
        }
        originalEnded = true;
        originalEndNanos = owner().nowNanos();
        if (requestComplete) {
            way.flush();
        } else {
            end(Reason.MIRROR_CUT_SHORT);
        }
    }

    @Override
    public void head(Head response, ByteBuf in, int body, boolean untilClose) {
        movedNanos = owner().nowNanos();
        in.skipBytes(body);
        if (response.status >= 200) {
            upstreamStatus = response.status;
        }
        if (response.status >= 500) {
            requireNonNull(server).failed(response.status);
        } else if (response.status >= 200) {
            requireNonNull(server).answered();
        }
    }

    @Override
    public boolean mayUpgrade(Head response) {
        return false;
    }

    @Override
    public void upgraded(Head response, ByteBuf in, UpstreamConnection from) {
        throw new AssertionError("a copy never asks for it");
    }

    @Override
    public void body(ByteBuf part) {
        movedNanos = owner().nowNanos();
        part.release();
    }

    @Override
    public void readEnded(boolean over) {}

    @Override
    public void pause() {}

    @Override
    public void writable() {}

    @Override
    public void complete() {
        way.release(requestComplete);
        end(Reason.COMPLETED);
    }

    @Override
    public void failed(Reason reason) {
        way.lost();
        end(reason);
    }

    @Override
    protected void expired(long nowNanos) {
        if (way.isConnecting()) {
            connectFailed(Reason.CONNECT_TIMEOUT);
            return;
        }
        long timeout = plan.requestTimeoutNanos();
        long unwritten = heldBytes();
        // As long as the body comes it is the client's turn, who has timeouts of his own.
        if (!requestComplete || unwritten != unwrittenAtCheck) {
            unwrittenAtCheck = unwritten;
            movedNanos = nowNanos;
        }
        if (nowNanos - movedNanos >= timeout) {
            end(Reason.RESPONSE_TIMEOUT);
        } else if (originalEnded && nowNanos - originalEndNanos >= timeout) {
            end(Reason.MIRROR_TOO_SLOW);
        } else {
            long since = originalEnded ? Math.min(movedNanos, originalEndNanos) : movedNanos;
            owner().arm(this, since + timeout);
        }
    }

    @Override
    protected void abort(Reason reason) {
        end(reason);
    }

    /** The balancer shuts down: nobody waits for a copy. */
    @Override
    protected void drain() {
        end(Reason.SHUTDOWN);
    }

    private void end(Reason reason) {
        if (ended) {
            return;
        }
        ended = true;
        way.close();
        RunServer at = server;
        if (at != null) {
            long now = owner().nowNanos();
            if (!way.isConnecting()) {
                at.countLatency(owner(), now - pickedNanos);
            }
            Outcome outcome = at.countEnded(owner(), reason);
            traffic.release(owner(), mirror.pool(), at, outcome, now - pickedNanos, now);
        }
        traffic.copyEnded(this, reason);
        mirror.run().end(owner(), reason);
    }

    /** It waits for no server. */
    @Override
    protected boolean mayWait() {
        return false;
    }

    @Override
    protected long heldBytes() {
        return way.heldBytes();
    }

    @Override
    protected @Nullable RunServer server() {
        return server;
    }

    @Override
    protected Pool pool() {
        return mirror.pool();
    }

    @Override
    protected int upstreamStatus() {
        return upstreamStatus;
    }

    @Override
    protected @Nullable RunServer serving() {
        return way.isConnecting() ? null : server;
    }

    @Override
    protected long connectNanos() {
        return 0;
    }
}
