package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.engine.ListenerPlan;
import io.clb.engine.LoopFlow;
import io.clb.engine.RunListener;
import io.clb.engine.RunServer;
import io.clb.engine.Sockets;
import io.clb.engine.Traffic;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
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

    /** How long a client may take to close after the last response, while what it sends is thrown away: closed at once, it might lose that response. */
    private static final long LEAVE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private enum State {
        /** Nothing of a request has come. */
        IDLE,
        /** A part of a head has come. */
        HEAD,
        /** A request is being served. */
        EXCHANGE,
        /** The last response was sent. */
        LEAVING,
        /** It is over. */
        CLOSED
    }

    private final HttpLoop loop;
    private final Traffic traffic;
    private final SocketChannel channel;
    private final long idleNanos;
    private final BodyScanner body = new BodyScanner();
    private State state = State.IDLE;
    private @Nullable HttpPlan plan;
    private @Nullable ListenerPlan listenerPlan;
    private @Nullable Head head;
    private @Nullable Exchange exchange;
    private @Nullable ByteBuf pending;
    private byte @Nullable [] forwarded;
    private int requests;
    private long sinceNanos;
    private long unwrittenAtCheck;
    private boolean inputEnded;
    private boolean reading = true;
    private boolean working;

    ClientConnection(SocketChannel channel, ListenerPlan plan, HttpLoop loop, Traffic traffic) {
        super(loop.loop(), plan.listener(), channel.remoteAddress(), channel.localAddress());
        this.loop = loop;
        this.traffic = traffic;
        this.channel = channel;
        this.idleNanos = plan.idleTimeoutNanos();
    }

    void begin(ListenerPlan accepting) {
        traffic.begin(this);
        try {
            Sockets.open(channel, accepting, owner(), new Handler(), true, true);
        } catch (ChannelException e) {
            // The client was faster than we: its socket takes no options any more.
            over(Reason.CLIENT_GONE);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("a connection of {} ends for an unforeseen error", listener(), e);
            over(Reason.INTERNAL_ERROR);
            return;
        }
        if (state == State.IDLE) {
            idle();
        }
    }

    private void idle() {
        state = State.IDLE;
        plan = null;
        listenerPlan = null;
        sinceNanos = owner().nowNanos();
        owner().arm(this, sinceNanos + idleNanos);
    }

    HttpLoop httpLoop() {
        return loop;
    }

    RunListener owningListener() {
        return runListener();
    }

    Traffic traffic() {
        return traffic;
    }

    /** The lines that tell servers about this client. */
    byte[] forwarded() {
        byte[] lines = forwarded;
        if (lines == null) {
            InetAddress address = channel.remoteAddress() == null
                    ? null
                    : channel.remoteAddress().getAddress();
            lines = HeadWriter.forwarded(address == null ? "unknown" : NetUtil.toAddressString(address));
            forwarded = lines;
        }
        return lines;
    }

    private void read(ByteBuf in) {
        if (state == State.LEAVING || state == State.CLOSED) {
            in.release();
            return;
        }
        ByteBuf before = pending;
        if (before == null) {
            pending = in;
        } else {
            // Reading rests, but what the system had ready may still come.
            pending = Unpooled.wrappedBuffer(before, in);
        }
        work();
    }

    /** Takes what is pending as far as it may go now. */
    private void work() {
        if (working) {
            return;
        }
        working = true;
        try {
            while (pending != null && step(pending)) {
                // on to the next piece
            }
        } finally {
            working = false;
        }
        if (state == State.LEAVING || state == State.CLOSED) {
            dropPending();
        }
        if (pending == null) {
            if (inputEnded) {
                inputOver();
            }
            reading(true);
        } else {
            reading(false);
        }
    }

    /** Takes one part of a message. False if it has to wait. */
    private boolean step(ByteBuf in) {
        if (!in.isReadable()) {
            in.release();
            pending = null;
            return false;
        }
        Exchange at = exchange;
        switch (state) {
            case IDLE, HEAD -> {
                // A client that sends requests and reads no answers gets no more of them.
                return channel.isWritable() && readHead(in);
            }
            case EXCHANGE -> {
                if (body.isComplete() || at == null || !at.takesBody()) {
                    return false;
                }
                readBody(at, in);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private boolean readHead(ByteBuf in) {
        HttpPlan at = plan;
        Head filling = head;
        if (at == null || filling == null) {
            listenerPlan = runListener().plan();
            at = (HttpPlan) listenerPlan.compiled();
            filling = loop.takeHead();
            plan = at;
            head = filling;
            sinceNanos = owner().nowNanos();
        }
        switch (at.scanner().request(filling, in)) {
            case MORE -> {
                if (state == State.IDLE) {
                    state = State.HEAD;
                    owner().arm(this, sinceNanos + at.headTimeoutNanos());
                }
            }
            case REFUSED -> refuse(filling, at, requireNonNull(filling.refusal));
            case COMPLETE -> serve(filling, at);
        }
        return true;
    }

    private void refuse(Head refused, HttpPlan at, Reason reason) {
        state = State.EXCHANGE;
        body.none();
        requests = Integer.MAX_VALUE;
        exchange(refused, at).refuse(reason);
    }

    /** A request of which no more will come than a part of its head. */
    private Exchange exchangeOfHead() {
        return exchange(requireNonNull(head), requireNonNull(plan));
    }

    private void serve(Head complete, HttpPlan at) {
        state = State.EXCHANGE;
        requests++;
        if (complete.chunked) {
            body.chunked();
        } else if (complete.hasContentLength()) {
            body.length(complete.contentLength);
        } else {
            body.none();
        }
        exchange(complete, at).begin(body.isComplete());
    }

    private Exchange exchange(Head request, HttpPlan at) {
        runListener().countRequest(owner());
        Exchange begun = new Exchange(this, request, at, requireNonNull(listenerPlan), sinceNanos);
        exchange = begun;
        return begun;
    }

    private void readBody(Exchange at, ByteBuf in) {
        int part = body.scan(in);
        if (part == BodyScanner.MALFORMED) {
            body.none();
            requests = Integer.MAX_VALUE;
            at.refuse(Reason.BAD_BODY);
            return;
        }
        at.requestBody(in.readRetainedSlice(part), body.isComplete());
    }

    /** Whether another request may follow the one that is being answered. */
    boolean mayGoOn(Head request) {
        return !request.close
                && request.minorVersion > 0
                && requests < requireNonNull(plan).maxRequests()
                && !(inputEnded && pending == null)
                && !traffic.isDraining()
                && !runListener().isRemoved();
    }

    void write(ByteBuf buffer) {
        channel.write(buffer, channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    long unwritten() {
        var buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    /** The exchange takes more of the body now. */
    void goOn() {
        if (state == State.EXCHANGE) {
            workAndFlush();
        }
    }

    /** As {@link #work}, where no end of reading follows that would let leave what was sent to the server. */
    private void workAndFlush() {
        work();
        Exchange at = exchange;
        if (at != null) {
            at.flushRequest();
        }
    }

    /** The exchange is over, and all of its response was written. */
    void exchangeEnded(boolean goOn) {
        exchange = null;
        dropHead();
        if (state == State.CLOSED) {
            return;
        }
        if (!goOn) {
            leave();
            return;
        }
        idle();
        if (working) {
            return;
        }
        if (pending != null) {
            workAndFlush();
        } else if (inputEnded) {
            inputOver();
        } else if (traffic.isDraining()) {
            // The shutdown began when the response had, which so could not say it.
            leave();
        }
    }

    /** The exchange failed when its response had begun: only a reset tells the client. */
    void exchangeBroken() {
        exchange = null;
        Traffic.reset(channel);
        over(Reason.CLIENT_RESET);
    }

    /** Ends in order: the last response leaves, then FIN, then whatever the client still sends is thrown away until it closes too. */
    private void leave() {
        state = State.LEAVING;
        unwrittenAtCheck = 0;
        owner().arm(this, owner().nowNanos() + idleNanos);
        dropPending();
        reading(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (state != State.LEAVING) {
                return;
            }
            if (inputEnded || requests == 0 || !written.isSuccess()) {
                channel.close();
            } else {
                channel.shutdownOutput();
                owner().arm(this, owner().nowNanos() + LEAVE_NANOS);
            }
        });
    }

    /** The client sent its FIN, and all that came before was taken. */
    private void inputOver() {
        switch (state) {
            case IDLE -> leave();
            case HEAD -> exchangeOfHead().clientGone(Reason.CLIENT_GONE);
            case EXCHANGE -> {
                if (!body.isComplete()) {
                    over(Reason.CLIENT_GONE);
                }
            }
            default -> {}
        }
    }

    /** Nothing comes or goes any more. */
    private void over(Reason reason) {
        if (state == State.CLOSED) {
            return;
        }
        Exchange at = state == State.HEAD ? exchangeOfHead() : exchange;
        state = State.CLOSED;
        if (at != null) {
            at.clientGone(reason);
        }
        dropPending();
        dropHead();
        traffic.closed(this);
        channel.close();
    }

    private void dropPending() {
        ByteBuf unread = pending;
        pending = null;
        if (unread != null) {
            unread.release();
        }
    }

    private void dropHead() {
        Head read = head;
        head = null;
        if (read != null) {
            loop.giveHead(read);
        }
    }

    private void reading(boolean on) {
        if (reading != on) {
            reading = on;
            channel.config().setAutoRead(on);
        }
    }

    @Override
    protected void expired(long nowNanos) {
        if (state == State.EXCHANGE) {
            return;
        }
        if (state == State.HEAD) {
            refuse(requireNonNull(head), requireNonNull(plan), Reason.REQUEST_HEAD_TIMEOUT);
            return;
        }
        // A slow reader may still be at work on the last response.
        long unwritten = unwritten();
        if (unwritten > 0 && unwritten != unwrittenAtCheck) {
            unwrittenAtCheck = unwritten;
            owner().arm(this, nowNanos + idleNanos);
        } else if (unwritten > 0) {
            Traffic.reset(channel);
        } else {
            channel.close();
        }
    }

    @Override
    protected void drain() {
        if (state == State.IDLE) {
            leave();
        }
    }

    @Override
    protected void abort(Reason reason) {
        // An answer that the client can take at once still reaches it; requests that wait behind it get none.
        requests = Integer.MAX_VALUE;
        Exchange at = exchange;
        if (at != null) {
            at.refuse(reason);
        } else if (state == State.HEAD) {
            refuse(requireNonNull(head), requireNonNull(plan), reason);
        }
        over(reason);
    }

    @Override
    protected @Nullable RunServer server() {
        return null;
    }

    @Override
    protected long connectNanos() {
        return 0;
    }

    /** Hears the channel. */
    private final class Handler extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            read((ByteBuf) message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            Exchange at = exchange;
            if (at != null) {
                at.flushRequest();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (!channel.isWritable()) {
                return;
            }
            Exchange at = exchange;
            if (at != null) {
                at.clientWritable();
            } else if (pending != null) {
                workAndFlush();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded) {
                inputEnded = true;
                if (state == State.LEAVING) {
                    // Before our own FIN, the last response is still on its way.
                    if (channel.isOutputShutdown()) {
                        channel.close();
                    }
                } else if (pending == null) {
                    inputOver();
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof IOException)) {
                LOG.error("connection {} failed", channel, cause);
                over(Reason.INTERNAL_ERROR);
            } else {
                over(Reason.CLIENT_RESET);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            over(Reason.CLIENT_GONE);
        }
    }
}
