package io.clb.l7;

import static java.util.Objects.requireNonNull;

import io.clb.AccessLog;
import io.clb.engine.Hold;
import io.clb.engine.ListenerPlan;
import io.clb.engine.LogLine;
import io.clb.engine.LogTries;
import io.clb.engine.Pool;
import io.clb.engine.RunRule;
import io.clb.engine.RunServer;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client and its response. Confined to its connection's loop.
 *
 * <p>Its life: it passes the {@link RequestGate}; a server is picked, and another if that one cannot be reached ({@link ServerSearch}); its head goes out, bodies flow both ways with back-pressure ({@link RequestBody},
 * {@link ResponseWriter}); {@link #finish}, once. As long as nothing of the response was sent on, a failure becomes a status; later it becomes a reset of the client's connection, as
 * nothing else tells a truncated response from a whole one.
 *
 * <p>Where the client asks for a WebSocket and the server agrees, it becomes a {@link Tunnel}, and lasts as long as that.
 *
 * <p>Its one timeout is the connect timeout of the try under way, then that of whoever has to move next ({@link Patience}).
 */
final class Exchange extends RoutedRequest {

    final ClientConnection client;

    // what serves it until it has ended
    final RequestBody body;
    final ResponseWriter response;
    final Patience patience;

    private @Nullable Hold hold;
    private @Nullable ServerSearch search;
    private @Nullable Upstream upstream;
    private @Nullable Mirror mirror;
    private @Nullable Tunnel tunnel;
    private boolean webSocket;
    private boolean ended;

    /** Why the client is gone, where its server may finish. */
    private @Nullable Reason forsaken;

    Exchange(ClientConnection client, Head request, HttpPlan plan, ListenerPlan listenerPlan, long startNanos) {
        super(client, request, plan, listenerPlan, startNanos);
        this.client = client;
        this.body = client.httpLoop().takeBody().begin(this);
        this.response = client.response.begin();
        this.patience = client.httpLoop().takePatience().begin(this);
    }

    /** The connection to the server that is at work on it; null for none. */
    @Nullable
    Upstream upstream() {
        return upstream;
    }

    @Nullable
    Mirror mirror() {
        return mirror;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Whether the client is gone, and only the server goes on. */
    boolean isForsaken() {
        return forsaken != null;
    }

    /**
     * Nothing stands against it: it is to go to a server.
     *
     * @param to where the server comes from
     * @param asksForWebSocket whether it has a place among the listener's WebSockets
     * @param waitNanos how long it has to wait for the bandwidth of its rule
     */
    void passed(Pool to, boolean asksForWebSocket, long waitNanos) {
        webSocket = asksForWebSocket;
        to.countRequest(owner());
        search = client.search(this, plan, listenerPlan, to);
        if (waitNanos > 0) {
            hold = new Hold(requireNonNull(rule()), owner(), waitNanos, this::earned);
            hold.begin();
        } else {
            search.next();
        }
    }

    /** The wait for the bandwidth of a rule is over. */
    private void earned() {
        hold = null;
        requireNonNull(search).next();
        goOn();
    }

    /** A connection to a server is there: the head of the request is sent. */
    void found(Upstream connection) {
        ServerSearch finder = requireNonNull(search);
        RunRule rule = rule();
        upstream = connection;
        patience.turn();
        connection.begin(response, plan, request, rule == null ? runListener() : rule);
        ByteBuf head = head(!plan.persistentUpstream() && !webSocket);
        if (!webSocket && !finder.hasReconnected()) {
            mirror = Mirror.begin(route(), this, client, plan, listenerPlan, head, body.isComplete());
        }
        connection.head(webSocket ? HeadWriter.upgrading(head) : head);
        finder.sent();
        body.serverFound();
    }

    private ByteBuf head(boolean close) {
        ForwardedLines lines = client.forwarded(plan);
        RequestEdit changes = edit();
        CookieRewrite cookies = CookieRewrite.of(requireNonNull(pool()), requireNonNull(server()), traffic);
        return changes == null
                ? HeadWriter.request(client.allocator(), request, lines, sourcePort(), close, cookies)
                : HeadWriter.request(client.allocator(), this, changes, lines, close, cookies);
    }

    /** Takes a retry from the listener's budget. */
    boolean mayRetry() {
        return client.mayRetry();
    }

    /** What waited for a server goes to it. */
    void goOn() {
        flushRequest();
        client.goOn();
    }

    /** Lets leave what was sent to the server. */
    void flushRequest() {
        Upstream to = upstream;
        if (to != null) {
            to.flush();
        }
        if (mirror != null) {
            mirror.flush();
        }
    }

    /** The response was to be compressed, and is not. */
    void wasNotCompressed() {
        countUncompressed();
    }

    /** All of the response was written. */
    void completed(boolean mayGoOn) {
        Upstream done = upstream;
        if (done == null) {
            // The client was found gone when the last of it was written.
            return;
        }
        upstream = null;
        if (body.isComplete()) {
            done.release();
        } else {
            // It answered before it had the whole request: neither side knows any more where the next one begins.
            done.cancel();
        }
        if (forsaken != null) {
            forsakenEnds();
            return;
        }
        // Counted before the client can know of it, so that whoever asks then is told.
        finish(Reason.COMPLETED);
        client.flush();
        client.exchangeEnded(mayGoOn);
    }

    /** There is no response of the server, or no more of it. */
    void failed(Reason reason) {
        Upstream failed = requireNonNull(upstream);
        upstream = null;
        if (mayTryAgain(failed, reason)) {
            requireNonNull(search).reconnect(reason);
        } else {
            fail(reason);
        }
    }

    /** Whether the server closed an idle connection just when we sent a request over it, which can be sent again. */
    private boolean mayTryAgain(Upstream failed, Reason reason) {
        return failed.isReused()
                && (reason == Reason.SERVER_CLOSED || reason == Reason.SERVER_RESET)
                && !response.hasBegun()
                && !requireNonNull(search).hasReconnected()
                && forsaken == null
                && mayGoTwice()
                && mayRetry();
    }

    /** Whether it can be sent again: it is all here, and doing it twice is as good as once (RFC 9112 9.3.1, RFC 9110 9.2.2). */
    boolean mayGoTwice() {
        return body.isNone() && isIdempotent();
    }

    /** Whether a server's 101 is what was asked for. */
    boolean mayUpgrade(Head answer) {
        return webSocket && forsaken == null && Handshake.opens(request, answer);
    }

    /** Becomes a tunnel, as the server speaks WebSocket from here on. */
    Tunnel tunnel(UpstreamConnection connection) {
        ServerSearch found = requireNonNull(search);
        RunRule rule = rule();
        upstream = null;
        owner().cancel(this);
        found.answered();
        countLatency(found.pickedNanos());
        if (rule != null) {
            client.reading().source(rule);
        }
        Tunnel opened = new Tunnel(this, client, connection, owner(), plan.webSocketIdleNanos());
        tunnel = opened;
        return opened;
    }

    /** Bytes came through the tunnel. */
    void countTunnelled(boolean fromClient, int bytes) {
        RunServer at = requireNonNull(server());
        if (fromClient) {
            countFromClient(bytes);
            at.countSent(owner(), bytes);
        } else {
            countFromServer(bytes);
            response.tunnelled(bytes);
            at.countReceived(owner(), bytes);
        }
    }

    /** Bytes came through the tunnel that did not leave at once. */
    void countHeld() {
        owner().backlog().look(client);
    }

    @Override
    protected void dismiss(Reason reason) {
        if (tunnel != null) {
            tunnel.dismiss(reason);
        }
    }

    /** Both connections of the tunnel are closed, or about to be. */
    void tunnelEnded(Reason reason) {
        finish(reason);
        client.tunnelEnded();
    }

    /** Answers in the place of a server. */
    void answer(RuleAnswer answer, Reason reason) {
        if (answer.needsHost() && request.authorityEnd == 0) {
            fail(Reason.BAD_HOST);
            return;
        }
        boolean onward = body.isComplete() && client.mayGoOn(request);
        endWith(answer.status(), answer.write(client.allocator(), this, onward), onward, reason);
    }

    private void endWith(int status, ByteBuf whole, boolean onward, Reason reason) {
        response.whole(status, whole);
        finish(reason);
        client.flush();
        client.exchangeEnded(onward);
    }

    /** Ends it for a reason that is not the server's. */
    void refuse(Reason reason) {
        refuse(reason, reason.status());
    }

    /** Likewise, with a status that is not the reason's own. */
    void refuse(Reason reason, int answer) {
        if (tunnel != null) {
            tunnel.end(reason);
            return;
        }
        cancelUpstream();
        fail(reason, answer, 0);
    }

    /** Answers with the status of a reason or, if the response has begun, breaks it off. */
    void fail(Reason reason) {
        fail(reason, reason.status(), 0);
    }

    /** Likewise; the status is not the reason's own, or clients are told when to come again. */
    void fail(Reason reason, int answer, long retryAfterSeconds) {
        if (ended) {
            return;
        }
        if (forsaken != null) {
            forsakenEnds();
            return;
        }
        if (response.hasBegun()) {
            finish(reason);
            client.exchangeBroken();
            return;
        }
        boolean onward = body.isComplete() && client.mayGoOn(request);
        ByteBuf whole = Answer.of(
                client.allocator(),
                answer,
                retryAfterSeconds,
                onward,
                request.isMethod("HEAD"),
                plan.proxyStatus() ? reason : null);
        endWith(answer, whole, onward, reason);
    }

    /** Nobody waits for the response any more. What a server has whole it may finish. */
    void clientGone(Reason reason) {
        response.clientGone();
        forsaken = reason;
        if (plan.cancelOnDisconnect() || response.hasBegun() || !body.isComplete() || upstream == null) {
            forsakenEnds();
        }
    }

    /** Nor does anybody wait for its server to finish. */
    void forsakenEnds() {
        cancelUpstream();
        finish(requireNonNull(forsaken));
        client.exchangeEnded(false);
    }

    private void cancelUpstream() {
        Upstream open = upstream;
        upstream = null;
        if (open != null) {
            open.cancel();
        }
        if (search != null) {
            search.cancel();
        }
    }

    private void finish(Reason reason) {
        if (ended) {
            return;
        }
        ended = true;
        owner().cancel(this);
        if (webSocket) {
            runListener().endWebSocket();
        }
        if (hold != null) {
            hold.cancel();
        }
        body.end();
        response.end();
        if (mirror != null) {
            mirror.originalEnded();
        }
        ServerSearch done = search;
        if (done != null) {
            if (done.wasSent() && tunnel == null) {
                countLatency(done.pickedNanos());
            }
            done.end(reason);
        }
        traffic.record(this, done == null ? "" : done.pool().group(), reason);
    }

    @Override
    protected void expired(long nowNanos) {
        RequestScreening asked = body.asked();
        if (search != null && search.isUnderWay()) {
            search.timedOut();
        } else if (asked != null && nowNanos >= asked.deadlineNanos()) {
            asked.timedOut();
        } else {
            Reason over = patience.look(nowNanos);
            if (over != null) {
                refuse(over);
            }
        }
    }

    /** How much of it is here and has not left, both ways. */
    long unwritten() {
        if (tunnel != null) {
            return tunnel.heldBytes();
        }
        Upstream at = upstream;
        return client.unwritten() + (at == null ? 0 : at.unwritten()) + body.heldBytes();
    }

    @Override
    protected @Nullable RunServer server() {
        return search == null ? null : search.server();
    }

    @Override
    protected @Nullable Pool pool() {
        return search == null ? null : search.pool();
    }

    @Override
    protected @Nullable RunServer serving() {
        return upstream == null && tunnel == null ? null : server();
    }

    @Override
    protected long connectNanos() {
        return search == null ? 0 : search.connectNanos();
    }

    @Override
    protected int status() {
        return response.status();
    }

    @Override
    protected int upstreamStatus() {
        return response.upstreamStatus();
    }

    @Override
    protected void tries(LogTries tries, Reason why) {
        if (search != null) {
            search.log(tries, why, upstreamStatus());
        }
    }

    @Override
    protected void log(AccessLog.Field field, LogLine line) {
        switch (field) {
            case BODY_BYTES_SENT -> line.number(response.bodySent());
            case READ_REQUEST_TIME -> time(body.isComplete(), body.readNanos() - startNanos(), line);
            case WRITE_RESPONSE_TIME -> time(response.hasBegun(), owner().nowNanos() - response.begunNanos(), line);
            case TCPINFO_RTT -> {
                long micros = client.roundTripMicros();
                if (micros < 0) {
                    line.none();
                } else {
                    line.number(micros);
                }
            }
            default -> super.log(field, line);
        }
    }

    private static void time(boolean known, long nanos, LogLine line) {
        if (known) {
            line.millis(nanos);
        } else {
            line.none();
        }
    }
}
