package io.clb.l7;

import io.clb.engine.ListenerPlan;
import io.clb.engine.LoopFlow;
import io.clb.engine.Origin;
import io.clb.engine.Pool;
import io.clb.engine.Reading;
import io.clb.engine.RelaySide;
import io.clb.engine.RunListener;
import io.clb.engine.RunServer;
import io.clb.engine.StreamSocket;
import io.clb.engine.Traffic;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a client: one request after the other, each an {@link Exchange}. What comes before its turn (a body while no server takes it, the next
 * request while one is served) is held, and reading rests meanwhile. Confined to one loop.
 *
 * <p>Its timeout is that of being idle, of the head of a request, or of taking leave; while an exchange is under way, the exchange has one of its own.
 */
final class ClientConnection extends LoopFlow {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private enum State {
        /** Requests come and are served. */
        OPEN,
        /** The last response was sent. */
        LEAVING,
        /** It is over. */
        CLOSED
    }

    /** What serves one exchange after the other. */
    final ResponseWriter response = new ResponseWriter(this);

    private final HttpLoop loop;
    private final Traffic traffic;
    private final StreamSocket socket;
    private final long idleNanos;
    private final RequestReader reader;
    private final RetryBudget retries;
    private State state = State.OPEN;
    private @Nullable Exchange exchange;
    private @Nullable ForwardedLines forwarded;
    private @Nullable ServerSearch search;
    private @Nullable Departure departure;
    private int requests;
    private long sinceNanos;
    private boolean inputEnded;

    ClientConnection(SocketChannel channel, Origin origin, ListenerPlan plan, HttpLoop loop, Traffic traffic) {
        super(loop.loop(), plan.listener(), origin);
        this.loop = loop;
        this.traffic = traffic;
        this.socket = traffic.clientSocket(channel, loop.loop(), plan.listener(), new Heard());
        this.idleNanos = plan.idleTimeoutNanos();
        this.reader = new RequestReader(this, loop, socket.reading());
        this.retries = loop.retries(plan.listener());
    }

    void begin(ListenerPlan accepting) {
        traffic.begin(this, accepting);
        try {
            socket.open(accepting);
        } catch (ChannelException e) {
            // The client was faster than we: its socket takes no options any more.
            over(Reason.CLIENT_GONE);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("a connection of {} ends for an unforeseen error", listener(), e);
            over(Reason.INTERNAL_ERROR);
            return;
        }
        socket.reading().want(true);
        if (state == State.OPEN && reader.isIdle()) {
            idle();
        }
    }

    private void idle() {
        sinceNanos = owner().nowNanos();
        owner().arm(this, sinceNanos + idleNanos);
    }

    HttpLoop httpLoop() {
        return loop;
    }

    RunListener owningListener() {
        return runListener();
    }

    /** How the client is read, under the limits of the rule that has its request. */
    Reading reading() {
        return socket.reading();
    }

    /** What finds the server of a request. */
    ServerSearch search(Exchange at, HttpPlan plan, ListenerPlan listenerPlan, Pool pool) {
        ServerSearch taken = loop.takeSearch(traffic);
        search = taken;
        return taken.begin(at, plan, listenerPlan, pool);
    }

    /** Takes one of the listener's retries, if there is one. */
    boolean mayRetry() {
        return retries.take(owner().nowNanos());
    }

    Traffic traffic() {
        return traffic;
    }

    /** The lines that tell servers about this client. */
    ForwardedLines forwarded(HttpPlan plan) {
        ForwardedLines lines = forwarded;
        boolean trusted = plan.trusts(sourceHigh(), sourceLow());
        if (lines == null || !lines.areFor(plan.forwarding(), trusted)) {
            InetAddress peer = sourceAddress();
            InetAddress reached = destinationAddress();
            lines = new ForwardedLines(
                    plan.forwarding(),
                    trusted,
                    peer == null ? "unknown" : NetUtil.toAddressString(peer),
                    sourcePort(),
                    reached == null ? null : NetUtil.toAddressString(reached),
                    destinationPort(),
                    plan.forwarding().clientCertificates() ? ClientCertificateLines.of(tls()) : "");
            forwarded = lines;
        }
        return lines;
    }

    @Nullable
    Exchange exchange() {
        return exchange;
    }

    /** The first byte of a request is here. */
    void requestBegins() {
        sinceNanos = owner().nowNanos();
    }

    /** The head of a request does not come all at once. */
    void headIsPartial(HttpPlan plan) {
        owner().arm(this, sinceNanos + plan.headTimeoutNanos());
    }

    /** A request is here, and so much of its body. */
    void serve(boolean complete, int bodyAtHand) {
        requests++;
        loop.gate().begin(exchangeBegins(), complete, bodyAtHand);
    }

    /** What came is no request. */
    void refuse(Reason reason) {
        malformed(exchangeBegins(), reason);
    }

    /** The request cannot be read to its end: nothing after it is read either. */
    void malformed(Exchange at, Reason reason) {
        requests = Integer.MAX_VALUE;
        at.refuse(reason);
    }

    private Exchange exchangeBegins() {
        runListener().countRequest(owner());
        retries.request(reader.plan().retryBudget());
        Exchange begun = new Exchange(this, reader.head(), reader.plan(), reader.listenerPlan(), sinceNanos);
        exchange = begun;
        return begun;
    }

    /** All that came was taken. */
    void allTaken() {
        if (inputEnded) {
            inputOver();
        }
    }

    /** Whether another request may follow the one that is being answered. */
    boolean mayGoOn(Head request) {
        return !request.close
                && request.minorVersion > 0
                && requests < reader.plan().maxRequests()
                && !(inputEnded && !reader.hasPending())
                && !traffic.isDraining()
                && !runListener().isRemoved();
    }

    void write(ByteBuf buffer) {
        socket.write(buffer);
    }

    void flush() {
        socket.flush();
    }

    boolean isWritable() {
        return socket.isWritable();
    }

    long unwritten() {
        return socket.unwritten();
    }

    /** The round trip to the client as the system has measured it, in microseconds; -1 where it does not tell. */
    long roundTripMicros() {
        return socket.roundTripMicros();
    }

    ByteBufAllocator allocator() {
        return owner().allocator();
    }

    /** The exchange takes more of the body now. */
    void goOn() {
        if (state == State.OPEN) {
            workAndFlush();
        }
    }

    /** Where no end of reading follows that would let leave what was sent to the server. */
    private void workAndFlush() {
        reader.work();
        Exchange at = exchange;
        if (at != null) {
            at.flushRequest();
        }
    }

    /** The exchange is over, and all of its response was written. */
    void exchangeEnded(boolean goOn) {
        Exchange ended = exchange;
        exchange = null;
        if (ended != null) {
            loop.give(ended.body, ended.patience);
        }
        if (search != null) {
            loop.giveSearch(search);
            search = null;
        }
        if (state == State.CLOSED) {
            gone();
            return;
        }
        reader.next();
        if (!goOn) {
            leave();
            return;
        }
        idle();
        if (reader.isWorking()) {
            return;
        }
        if (reader.hasPending()) {
            workAndFlush();
        } else if (inputEnded) {
            inputOver();
        } else if (traffic.isDraining()) {
            // The shutdown began when the response had, which so could not say it.
            leave();
        }
    }

    /** Makes it the client's side of a tunnel, which hears of its socket from here on. */
    RelaySide side(RelaySide.Owner tunnel) {
        return RelaySide.takeOver(tunnel, socket);
    }

    /** Lets bytes flow through the tunnel that the exchange has become, first those that are here. */
    void open(Tunnel tunnel, ByteBuf fromServer) {
        tunnel.begin(fromServer, reader.handOver(), inputEnded);
        if (traffic.isDraining()) {
            tunnel.dismiss(Reason.SHUTDOWN);
        } else if (runListener().isRemoved()) {
            tunnel.dismiss(Reason.LISTENER_REMOVED);
        }
    }

    /** The tunnel is closed, and so will be the socket. */
    void tunnelEnded() {
        exchange = null;
        state = State.CLOSED;
        gone();
    }

    /** The exchange failed when its response had begun: only a reset tells the client. */
    void exchangeBroken() {
        exchange = null;
        over(Reason.CLIENT_RESET, false);
    }

    /** Ends in order, after the last response. */
    private void leave() {
        state = State.LEAVING;
        owner().arm(this, owner().nowNanos() + idleNanos);
        reader.close();
        departure().begin();
    }

    private Departure departure() {
        if (departure == null) {
            departure = new Departure(this, socket, owner());
        }
        return departure;
    }

    boolean isLeaving() {
        return state == State.LEAVING;
    }

    /** Whether the client has sent something, and can send more. */
    boolean mayStillSend() {
        return !inputEnded && requests > 0;
    }

    /** The client sent its FIN, and all that came before was taken. */
    private void inputOver() {
        if (state != State.OPEN) {
            return;
        }
        if (reader.isIdle()) {
            leave();
        } else if (reader.isInHead()) {
            exchangeBegins().clientGone(Reason.CLIENT_GONE);
        } else if (!reader.isComplete()) {
            over(Reason.CLIENT_GONE);
        }
    }

    /** It has taken leave, or its time is over. */
    void departed(boolean inOrder) {
        over(Reason.CLIENT_GONE, inOrder);
    }

    private void over(Reason reason) {
        over(reason, true);
    }

    /** Nothing comes or goes any more. */
    private void over(Reason reason, boolean inOrder) {
        if (state == State.CLOSED) {
            return;
        }
        Exchange at = state == State.OPEN && reader.isInHead() ? exchangeBegins() : exchange;
        state = State.CLOSED;
        reader.close();
        socket.end(inOrder);
        if (at == null) {
            gone();
        } else {
            at.clientGone(reason);
        }
    }

    /** Nobody is at work on anything of it any more. */
    private void gone() {
        reader.dropHead();
        traffic.closed(this);
    }

    @Override
    protected void expired(long nowNanos) {
        if (exchange != null) {
            return;
        }
        if (state == State.OPEN && socket.reading().isWaiting()) {
            // It is not the client that keeps us waiting, but a limit.
            owner().arm(this, nowNanos + idleNanos);
            return;
        }
        if (state == State.OPEN && reader.isInHead()) {
            reader.refused();
            refuse(Reason.REQUEST_HEAD_TIMEOUT);
            return;
        }
        departure().timedOut((HttpPlan) runListener().plan().compiled(), nowNanos);
    }

    @Override
    protected void drain() {
        if (state == State.OPEN && reader.isIdle()) {
            leave();
        } else {
            dismiss(Reason.SHUTDOWN);
        }
    }

    @Override
    protected void dismiss(Reason reason) {
        Exchange at = exchange;
        if (at != null) {
            at.dismiss(reason);
        }
    }

    @Override
    protected void abort(Reason reason) {
        // An answer that the client can take at once still reaches it; requests that wait behind it get none.
        requests = Integer.MAX_VALUE;
        Exchange at = exchange;
        if (at != null) {
            at.refuse(reason);
        } else if (state == State.OPEN && reader.isInHead()) {
            reader.refused();
            refuse(reason);
        }
        over(reason);
    }

    @Override
    protected long heldBytes() {
        Exchange at = exchange;
        return reader.pendingBytes() + (at == null ? unwritten() : at.unwritten());
    }

    @Override
    protected @Nullable RunServer serving() {
        Exchange at = exchange;
        return at == null ? null : at.serving();
    }

    /** Ends the request that the server is at work on; others of this connection go to others. */
    @Override
    protected void endServed(Reason reason) {
        Exchange at = exchange;
        if (at != null) {
            at.refuse(reason);
        }
    }

    @Override
    protected @Nullable RunServer server() {
        return null;
    }

    @Override
    protected long connectNanos() {
        return 0;
    }

    /** What happens on the socket. */
    private final class Heard implements StreamSocket.Events {

        @Override
        public void connected(@Nullable Throwable failure) {
            throw new AssertionError("it was accepted");
        }

        @Override
        public void received(ByteBuf bytes) {
            reader.read(bytes);
            if (reader.hasPending()) {
                owner().backlog().look(ClientConnection.this);
            }
        }

        @Override
        public void readComplete() {
            Exchange at = exchange;
            if (at != null) {
                at.flushRequest();
                if (at == exchange && !at.body.takesMore() && at.unwritten() > 0) {
                    owner().backlog().look(ClientConnection.this);
                }
            }
        }

        @Override
        public void written() {
            if (!socket.isWritable()) {
                return;
            }
            if (exchange != null) {
                response.clientWritable();
            } else if (reader.hasPending()) {
                workAndFlush();
            }
        }

        @Override
        public void allWritten() {
            if (state == State.LEAVING) {
                departure().lastHasLeft();
            }
        }

        @Override
        public void inputEnded() {
            inputEnded = true;
            if (state == State.LEAVING) {
                departure().inputEnded();
            } else if (!reader.hasPending()) {
                inputOver();
            }
        }

        /** Whoever writes is in the middle of something. */
        @Override
        public void writeFailed(IOException cause) {
            owner().execute(this::reset);
        }

        @Override
        public void reset() {
            over(Reason.CLIENT_RESET);
        }

        @Override
        public void failed(@Nullable Throwable cause) {
            if (cause == null) {
                over(Reason.CLIENT_GONE);
            } else if (cause instanceof IOException) {
                reset();
            } else {
                LOG.error("connection {} failed", socket, cause);
                over(Reason.INTERNAL_ERROR);
            }
        }
    }
}
