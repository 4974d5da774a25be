package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.clb.engine.Failures;
import io.clb.engine.ListenerPlan;
import io.clb.engine.LoopFlow;
import io.clb.engine.Picker;
import io.clb.engine.Pool;
import io.clb.engine.RunServer;
import io.clb.engine.Sockets;
import io.clb.engine.Traffic;
import io.clb.spi.HttpFlow;
import io.clb.spi.Outcome;
import io.clb.spi.RateLimiter;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request of a client and its response. Confined to its connection's loop.
 *
 * <p>Its life: {@link #begin}; a server is picked, and another if that one cannot be reached; its head goes out, bodies flow both ways with back-pressure; {@link #finish},
 * once. As long as nothing of the response was sent on, a failure becomes a status; later it becomes a reset of the client's connection, as nothing else
 * tells a truncated response from a whole one.
 *
 * <p>Its one timeout is the connect timeout of the try under way, then that of whoever has to move next: the client with its body, the server with its answer, the
 * client with reading it.
 */
final class Exchange extends LoopFlow implements HttpFlow, Upstream.Reply {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    /** Bodies up to this size are copied behind their head, which is cheaper than a second buffer to write. Not measured. */
    private static final int SMALL_BODY = 1_024;

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private static final int GONE = 499;

    private final ClientConnection client;
    private final Head request;
    private final HttpPlan plan;
    private final ListenerPlan listenerPlan;
    private final Traffic traffic;
    private @Nullable Pool pool;
    private @Nullable Picker picker;
    private @Nullable RunServer server;
    private @Nullable UpstreamConnection connecting;
    private @Nullable UpstreamConnection upstream;
    private long pickedNanos;
    private long connectNanos;
    private long movedNanos;
    private long unwrittenAtCheck;
    private long bodyBytes;
    private int status;
    private int upstreamStatus;
    private boolean requestComplete;
    private boolean responseBegun;
    private boolean chunking;
    private boolean goOn;
    private boolean triedAgain;
    private boolean ended;

    Exchange(ClientConnection client, Head request, HttpPlan plan, ListenerPlan listenerPlan, long startNanos) {
        super(client, client.owningListener(), startNanos);
        this.client = client;
        this.request = request;
        this.plan = plan;
        this.listenerPlan = listenerPlan;
        this.traffic = client.traffic();
    }

    /** Sets out to find a server. */
    void begin(boolean complete) {
        requestComplete = complete;
        countFromClient(request.length);
        Reason refusal = overLimit();
        if (refusal != null) {
            fail(refusal);
            return;
        }
        Pool to = route();
        if (to == null) {
            fail(Reason.NO_RULE_MATCHED);
            return;
        }
        pool = to;
        picker = to.picker();
        next();
    }

    private @Nullable Reason overLimit() {
        RateLimiter limiter = listenerPlan.qps();
        if (limiter == null) {
            return null;
        }
        try {
            return limiter.tryAcquire(1, owner().nowNanos()) > 0 ? Reason.LIMIT_QPS : null;
        } catch (RuntimeException | Error e) {
            traffic.extensionFailed(limiter, e);
            return Reason.EXTENSION_FAILED;
        }
    }

    /** Where the request goes: what a rule says, else the listener's group; null for nowhere. */
    private @Nullable Pool route() {
        RuleTable<Pool> rules = plan.rules();
        Pool ruled = rules == null
                ? null
                : rules.find(
                        request.bytes, request.authorityStart, request.hostEnd(), request.pathStart, request.pathEnd);
        return ruled == null ? listenerPlan.pool() : ruled;
    }

    private void next() {
        Picker from = requireNonNull(picker);
        RunServer picked;
        try {
            picked = traffic.pick(this, from);
        } catch (RuntimeException | Error e) {
            fail(Reason.EXTENSION_FAILED);
            return;
        }
        if (picked == null) {
            fail(lastFailure(from.none()));
            return;
        }
        server = picked;
        pickedNanos = owner().nowNanos();
        UpstreamConnection idle =
                plan.persistentUpstream() ? client.httpLoop().idle().take(picked) : null;
        if (idle != null) {
            send(idle);
        } else {
            connect(picked);
        }
    }

    private void connect(RunServer to) {
        InetSocketAddress address = to.address();
        if (address == null) {
            tryFailed(Reason.NAME_UNRESOLVED);
            return;
        }
        UpstreamConnection connection;
        SocketChannel socket;
        try {
            socket = traffic.newSocket();
            connection = new UpstreamConnection(client.httpLoop(), to, socket, plan);
            Sockets.open(socket, listenerPlan, owner(), connection.handler(), true, false);
        } catch (ChannelException e) {
            tryFailed(Reason.CONNECT_FAILED);
            return;
        } catch (RuntimeException | Error e) {
            LOG.error("a connection to {} could not be made", to, e);
            fail(Reason.INTERNAL_ERROR);
            return;
        }
        client.httpLoop().opened(socket);
        connecting = connection;
        owner().arm(this, owner().nowNanos() + listenerPlan.connectTimeoutNanos());
        ChannelFuture connect = socket.connect(address);
        if (connect.isDone()) {
            // Not by a listener: those of one promise inside another's are put off from a certain depth on.
            connectEnded(connection, connect.cause());
        } else {
            connect.addListener(done -> connectEnded(connection, done.cause()));
        }
    }

    private void connectEnded(UpstreamConnection connection, @Nullable Throwable failure) {
        if (connection != connecting) {
            return;
        }
        if (failure == null) {
            connectNanos = owner().nowNanos() - pickedNanos;
            connecting = null;
            connection.server().countConnected(owner());
            send(connection);
            connection.flush();
            client.goOn();
        } else {
            tryFailed(Failures.connect(failure));
        }
    }

    private void tryFailed(Reason reason) {
        RunServer failed = requireNonNull(server);
        UpstreamConnection connection = connecting;
        long now = owner().nowNanos();
        server = null;
        connecting = null;
        if (connection != null) {
            connection.cancel();
        }
        failed.countConnectFailed(owner());
        tryFailed(failed, reason, now - pickedNanos);
        Outcome outcome = reason == Reason.CONNECT_TIMEOUT ? Outcome.TIMED_OUT : Outcome.CONNECT_FAILED;
        traffic.release(requireNonNull(pool), failed, outcome, now - pickedNanos, now);
        if (failedTries() < listenerPlan.connectTries()) {
            next();
            // An idle connection takes the request at once, and no end of reading follows that would let it leave.
            client.goOn();
        } else {
            fail(reason);
        }
    }

    private void send(UpstreamConnection connection) {
        upstream = connection;
        movedNanos = owner().nowNanos();
        arm(movedNanos);
        connection.begin(this, plan, request);
        byte[] forwarded = client.forwarded();
        connection.head(HeadWriter.request(
                client.allocator(),
                request,
                request.minorVersion > 0 ? forwarded : HeadWriter.forwardedByOldClient(forwarded),
                !plan.persistentUpstream()));
        traffic.remember(requireNonNull(pool), this, connection.server(), false);
    }

    /** Whether a part of the request's body may come now. */
    boolean takesBody() {
        UpstreamConnection to = upstream;
        return to != null && to.isWritable();
    }

    /** Sends a part of the request's body on. */
    void requestBody(ByteBuf part, boolean last) {
        int bytes = part.readableBytes();
        bodyBytes += bytes;
        countFromClient(bytes);
        movedNanos = owner().nowNanos();
        requireNonNull(upstream).body(part);
        if (last) {
            requestComplete = true;
            arm(movedNanos);
        }
    }

    /** Lets leave what was sent to the server. */
    void flushRequest() {
        UpstreamConnection to = upstream;
        if (to != null) {
            to.flush();
        }
    }

    /** The client takes more of the response again. */
    void clientWritable() {
        UpstreamConnection from = upstream;
        if (from != null) {
            from.reading(true);
        }
    }

    @Override
    public void head(Head response, ByteBuf in, int body, boolean untilClose) {
        movedNanos = owner().nowNanos();
        countFromServer(response.length + body);
        if (response.status < 200) {
            if (request.minorVersion > 0) {
                client.write(HeadWriter.response(client.allocator(), response, 0, null, false, false));
                client.flush();
            }
            return;
        }
        if (response.chunked && request.minorVersion == 0) {
            // RFC 9112 6.1: not in a response to a client that cannot know chunks.
            refuse(Reason.BAD_RESPONSE);
            return;
        }
        upstreamStatus = response.status;
        status = response.status;
        responseBegun = true;
        chunking = untilClose && request.minorVersion > 0;
        goOn = requestComplete && client.mayGoOn(request) && (chunking || !untilClose);
        String cookie = traffic.setCookie(requireNonNull(pool), this, requireNonNull(server));
        boolean small = body <= SMALL_BODY && !chunking;
        ByteBuf out = HeadWriter.response(client.allocator(), response, small ? body : 0, cookie, chunking, !goOn);
        if (small) {
            out.writeBytes(in, body);
        }
        client.write(out);
        if (!small) {
            pass(in.readRetainedSlice(body));
        }
    }

    @Override
    public void body(ByteBuf part) {
        movedNanos = owner().nowNanos();
        countFromServer(part.readableBytes());
        pass(part);
    }

    private void pass(ByteBuf part) {
        if (!chunking) {
            client.write(part);
        } else if (part.isReadable()) {
            ByteBuf size = client.allocator().directBuffer(Integer.BYTES * 2 + CRLF.length);
            size.writeCharSequence(Integer.toHexString(part.readableBytes()), US_ASCII);
            client.write(size.writeBytes(CRLF));
            client.write(part);
            client.write(client.allocator().directBuffer(CRLF.length).writeBytes(CRLF));
        } else {
            part.release();
        }
        if (!client.isWritable()) {
            client.flush();
            UpstreamConnection from = upstream;
            if (!client.isWritable() && from != null) {
                from.reading(false);
                unwrittenAtCheck = unwritten();
            }
        }
    }

    @Override
    public void pause() {
        client.flush();
    }

    @Override
    public void complete() {
        if (chunking) {
            client.write(client.allocator().directBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK));
        }
        UpstreamConnection done = requireNonNull(upstream);
        upstream = null;
        if (requestComplete) {
            done.release();
        } else {
            // It answered before it had the whole request: neither side knows any more where the next one begins.
            done.cancel();
        }
        // Counted before the client can know of it, so that whoever asks then is told.
        finish(Reason.COMPLETED);
        client.flush();
        client.exchangeEnded(goOn);
    }

    @Override
    public void failed(Reason reason) {
        UpstreamConnection failed = requireNonNull(upstream);
        upstream = null;
        if (mayTryAgain(failed, reason)) {
            triedAgain = true;
            connect(failed.server());
        } else {
            fail(reason);
        }
    }

    /**
     * Whether the server closed an idle connection just when we sent a request over it, and whether that request can be sent again: it is all here, and doing it twice
     * is as good as once (RFC 9112 9.3.1, RFC 9110 9.2.2).
     */
    private boolean mayTryAgain(UpstreamConnection failed, Reason reason) {
        return failed.isReused()
                && (reason == Reason.SERVER_CLOSED || reason == Reason.SERVER_RESET)
                && !responseBegun
                && !triedAgain
                && requestComplete
                && bodyBytes == 0
                && isIdempotent();
    }

    private boolean isIdempotent() {
        return request.isMethod("GET")
                || request.isMethod("HEAD")
                || request.isMethod("OPTIONS")
                || request.isMethod("PUT")
                || request.isMethod("DELETE")
                || request.isMethod("TRACE");
    }

    @Override
    public void writable() {
        client.goOn();
    }

    /** Ends it for a reason that is not the server's. */
    void refuse(Reason reason) {
        cancelUpstream();
        fail(reason);
    }

    private void fail(Reason reason) {
        if (ended) {
            return;
        }
        if (responseBegun) {
            finish(reason);
            client.exchangeBroken();
            return;
        }
        status = reason.status();
        boolean onward = requestComplete && client.mayGoOn(request);
        client.write(Answer.of(client.allocator(), status, onward, request.isMethod("HEAD")));
        finish(reason);
        client.flush();
        client.exchangeEnded(onward);
    }

    /** Nobody waits for the response any more. */
    void clientGone(Reason reason) {
        cancelUpstream();
        if (!responseBegun) {
            status = GONE;
        }
        finish(reason);
        client.exchangeEnded(false);
    }

    private void cancelUpstream() {
        UpstreamConnection open = upstream == null ? connecting : upstream;
        upstream = null;
        connecting = null;
        if (open != null) {
            open.cancel();
        }
    }

    private void finish(Reason reason) {
        if (ended) {
            return;
        }
        ended = true;
        owner().cancel(this);
        RunServer at = server;
        Pool from = pool;
        if (at != null && from != null) {
            long now = owner().nowNanos();
            traffic.release(from, at, at.countEnded(owner(), reason), now - pickedNanos, now);
            traffic.remember(from, this, at, true);
        }
        traffic.record(this, from == null ? "" : from.group(), reason);
    }

    private void arm(long nowNanos) {
        owner().arm(this, nowNanos + patienceNanos());
    }

    /** How long whoever has to move next may take to. */
    private long patienceNanos() {
        return isClientsTurn() ? plan.headTimeoutNanos() : plan.requestTimeoutNanos();
    }

    private boolean isClientsTurn() {
        return !requestComplete && takesBody();
    }

    @Override
    protected void expired(long nowNanos) {
        if (connecting != null) {
            tryFailed(Reason.CONNECT_TIMEOUT);
            return;
        }
        // A slow reader empties our buffers without a byte being read here: that is movement too.
        long unwritten = unwritten();
        if (unwritten != unwrittenAtCheck) {
            unwrittenAtCheck = unwritten;
            movedNanos = nowNanos;
        }
        long left = movedNanos + patienceNanos() - nowNanos;
        if (left > 0) {
            owner().arm(this, nowNanos + left);
        } else if (isClientsTurn()) {
            refuse(Reason.REQUEST_BODY_TIMEOUT);
        } else {
            refuse(responseBegun && !client.isWritable() ? Reason.RESPONSE_NOT_READ : Reason.RESPONSE_TIMEOUT);
        }
    }

    private long unwritten() {
        UpstreamConnection at = upstream;
        return client.unwritten() + (at == null ? 0 : at.unwritten());
    }

    @Override
    protected void abort(Reason reason) {
        throw new AssertionError("an exchange ends with its connection");
    }

    @Override
    protected @Nullable RunServer server() {
        return server;
    }

    @Override
    protected long connectNanos() {
        return connectNanos;
    }

    @Override
    protected int status() {
        return status;
    }

    @Override
    protected int upstreamStatus() {
        return upstreamStatus;
    }

    @Override
    public CharSequence method() {
        return request.view(request.methodStart, request.methodEnd);
    }

    @Override
    public CharSequence path() {
        return request.view(request.pathStart, request.pathEnd);
    }

    @Override
    public @Nullable CharSequence query() {
        // Of a request that was refused before its target was taken apart, nothing is known.
        return request.pathEnd > 0 && request.pathEnd < request.targetEnd
                ? request.view(request.pathEnd + 1, request.targetEnd)
                : null;
    }

    @Override
    public @Nullable CharSequence host() {
        return request.authorityEnd == 0 ? null : request.view(request.authorityStart, request.hostEnd());
    }

    @Override
    public @Nullable CharSequence header(String lowerCaseName) {
        return request.value(lowerCaseName);
    }

    @Override
    public @Nullable CharSequence cookie(String name) {
        return request.cookie(name);
    }
}
