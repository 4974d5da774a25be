package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import io.clb.AccessLog;
import io.clb.engine.FilterPlan;
import io.clb.engine.Hold;
import io.clb.engine.ListenerPlan;
import io.clb.engine.LogLine;
import io.clb.engine.LogTries;
import io.clb.engine.Pool;
import io.clb.engine.RunRule;
import io.clb.engine.RunServer;
import io.clb.engine.Screening;
import io.clb.engine.Traffic;
import io.clb.spi.RateLimiter;
import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client and its response. Confined to its connection's loop.
 *
 * <p>Its life: {@link #begin}; a server is picked, and another if that one cannot be reached; its head goes out, bodies flow both ways with back-pressure; {@link #finish},
 * once. As long as nothing of the response was sent on, a failure becomes a status; later it becomes a reset of the client's connection, as nothing else
 * tells a truncated response from a whole one.
 *
 * <p>Where the client asks for a WebSocket and the server agrees, it becomes a {@link Tunnel}, and lasts as long as that.
 *
 * <p>Its one timeout is the connect timeout of the try under way, then that of whoever has to move next: the client with its body, the server with its answer, the
 * client with reading it.
 */
final class Exchange extends HttpRequest implements Upstream.Reply, RuleTable.Judge<Route> {

    /** Bodies up to this size are copied behind their head, which is cheaper than a second buffer to write. Not measured. */
    private static final int SMALL_BODY = 1_024;

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] CONTINUES = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private static final int CONTINUE = 100;
    private static final int GONE = 499;
    private static final int SERVER_ERROR = 500;

    private final ClientConnection client;
    private final HttpPlan plan;
    private final ListenerPlan listenerPlan;
    private final Traffic traffic;
    private @Nullable RunRule rule;
    private @Nullable Route route;
    private @Nullable RequestEdit edit;
    private int bodyAtHand;
    private @Nullable RequestScreening screening;
    private @Nullable Hold hold;
    private @Nullable ServerSearch search;
    private @Nullable Upstream upstream;
    private @Nullable Mirror mirror;
    private @Nullable Tunnel tunnel;
    private long movedNanos;
    private long unwrittenAtCheck;
    private long bodyBytes;
    private long bodySent;
    private long readNanos;
    private long responseNanos;
    private int status;
    private int upstreamStatus;
    private boolean requestComplete;
    private boolean sent;
    private boolean askedFor;
    private boolean responseBegun;
    private boolean chunking;
    private boolean mayGoOn;
    private boolean webSocket;
    private boolean sentAgain;
    private boolean responded;
    private @Nullable Stale stale;
    private @Nullable GzipBody gzip;

    /** Of the request while that comes, then of the response from when some of it waits. */
    private @Nullable ClientPace pace;

    private boolean ended;

    /** Why the client is gone, where its server may finish. */
    private @Nullable Reason forsaken;

    /**
     * A server that closed an idle connection under the request.
     *
     * @param misses how many could not be reached before
     * @param pickedNanos when it was picked
     * @param endNanos when it was asked again, over a new connection
     */
    private record Stale(RunServer server, Reason reason, int misses, long pickedNanos, long endNanos) {}

    Exchange(ClientConnection client, Head request, HttpPlan plan, ListenerPlan listenerPlan, long startNanos) {
        super(client, request, startNanos);
        this.client = client;
        this.plan = plan;
        this.listenerPlan = listenerPlan;
        this.traffic = client.traffic();
    }

    /**
     * Sets out to find a server.
     *
     * @param complete whether there is no body
     * @param bodyAtHand how much of the body was read with the head, and waits
     */
    void begin(boolean complete, int bodyAtHand) {
        requestComplete = complete;
        this.bodyAtHand = bodyAtHand;
        readNanos = owner().nowNanos();
        if (!complete && plan.minDataRate() > 0) {
            pace = new ClientPace(plan.minDataRate(), 0, false, readNanos);
        }
        countFromClient(request.length);
        if (plan.trusts(sourceHigh(), sourceLow())) {
            findClient();
        }
        Route ruled = plan.toHttps() == null ? find() : null;
        route = ruled;
        rule = ruled == null ? null : ruled.rule();
        edit = ruled == null ? null : ruled.edit();
        if (rule != null) {
            rule.countRequest(owner(), request.length);
        }
        if (rule != null && !complete) {
            client.reading().source(rule);
        }
        Reason refusal = traffic.admit(this, listenerPlan, rule);
        if (refusal != null) {
            refused(refusal, ruled);
            return;
        }
        FilterPlan filters = listenerPlan.filters();
        if (filters == null) {
            proceed();
        } else {
            screening = new RequestScreening(this, filters, client.allocator(), complete);
            screening.begin();
        }
    }

    /** Nobody has anything against the request: it is answered, or goes to a server. */
    void proceed() {
        Route ruled = route;
        if (plan.toHttps() != null) {
            answer(plan.toHttps(), Reason.REDIRECTED_TO_HTTPS);
            return;
        }
        if (!plan.takesHost(request)) {
            fail(Reason.UNKNOWN_HOST);
            return;
        }
        if (ruled != null && ruled.answer() != null) {
            answer(ruled.answer(), Reason.RULE_ANSWERED);
            return;
        }
        if (edit != null && edit.needsHost() && request.authorityEnd == 0) {
            fail(Reason.BAD_HOST);
            return;
        }
        Pool to;
        try {
            to = pool(ruled);
        } catch (RuntimeException | Error e) {
            fail(Reason.EXTENSION_FAILED);
            return;
        }
        if (to == null) {
            fail(Reason.NO_RULE_MATCHED);
            return;
        }
        long wait = rule == null ? 0 : rule.reserveRead(request.length + bodyAtHand, owner());
        if (wait == RateLimiter.NEVER) {
            refused(Reason.LIMIT_BANDWIDTH, ruled);
            return;
        }
        if (Handshake.asks(request)) {
            if (!runListener().tryBeginWebSocket(plan.maxWebSockets())) {
                fail(Reason.MAX_WEB_SOCKETS);
                return;
            }
            webSocket = true;
        }
        to.countRequest(owner());
        search = client.search(this, plan, listenerPlan, to);
        if (wait > 0) {
            hold = new Hold(requireNonNull(rule), owner(), wait, this::earned);
            hold.begin();
        } else {
            search.next();
        }
    }

    private void refused(Reason refusal, @Nullable Route ruled) {
        RuleAnswer answer = ruled == null ? null : ruled.overLimit();
        if (answer == null) {
            fail(refusal, refusal.status(), traffic.retryAfterSeconds(this, listenerPlan, rule));
        } else {
            answer(answer, refusal);
        }
    }

    /** Where the server comes from; null if nobody says. */
    private @Nullable Pool pool(@Nullable Route ruled) {
        Split split = ruled == null ? null : ruled.split();
        return split == null ? listenerPlan.pool() : split.choose(this, traffic);
    }

    /** Asks the proxy that sent the request whose it is. */
    private void findClient() {
        ForwardedFor forwardedFor = client.httpLoop().forwardedFor();
        if (forwardedFor.find(request, requireNonNull(plan.trustedProxies()))) {
            AddressText found = forwardedFor.client();
            comesFrom(found.high(), found.low(), found.port());
        }
    }

    /** The wait for the bandwidth of a rule is over. */
    private void earned() {
        hold = null;
        requireNonNull(search).next();
        goOn();
    }

    /** The rule that takes the request; null for none. */
    private @Nullable Route find() {
        RuleTable<Route> rules = plan.rules();
        return rules == null
                ? null
                : rules.find(
                        request.bytes,
                        request.authorityStart,
                        request.hostEnd(),
                        request.normalStart,
                        request.normalEnd,
                        this);
    }

    @Override
    public boolean fits(Route candidate) {
        Conditions conditions = candidate.conditions();
        return conditions == null || conditions.hold(this);
    }

    /** Answers in the place of a server. */
    private void answer(RuleAnswer answer, Reason reason) {
        if (answer.needsHost() && request.authorityEnd == 0) {
            fail(Reason.BAD_HOST);
            return;
        }
        status = answer.status();
        boolean onward = requestComplete && client.mayGoOn(request);
        sendWhole(answer.write(client.allocator(), this, onward));
        finish(reason);
        client.flush();
        client.exchangeEnded(onward);
    }

    /** Sends what the balancer itself answers. */
    private void sendWhole(ByteBuf response) {
        responded = true;
        responseNanos = owner().nowNanos();
        bodySent = (long) response.readableBytes() - Bytes.headLength(response);
        client.write(response);
    }

    /** A connection to a server is there: the head of the request is sent. */
    void found(Upstream connection) {
        upstream = connection;
        movedNanos = owner().nowNanos();
        arm(movedNanos);
        connection.begin(this, plan, request, rule == null ? runListener() : rule);
        ByteBuf head = head(!plan.persistentUpstream() && !webSocket);
        if (!webSocket && stale == null) {
            mirror = Mirror.begin(route, this, client, plan, listenerPlan, head, requestComplete);
        }
        connection.head(webSocket ? HeadWriter.upgrading(head) : head);
        sent = true;
        sentAgain = stale != null;
        ServerSearch finder = requireNonNull(search);
        RunServer by = requireNonNull(finder.server());
        if (stale == null || stale.server != by) {
            by.countRequest(owner());
        }
        traffic.remember(finder.pool(), this, by, false);
        if (screening != null) {
            screening.forward();
        }
    }

    /** Takes a retry from the listener's budget. */
    boolean mayRetry() {
        return client.mayRetry();
    }

    Screening screening(FilterPlan filters, Runnable answered) {
        return new Screening(filters, owner(), traffic, answered);
    }

    /** A filter has not answered yet. */
    void awaitFilter() {
        movedNanos = owner().nowNanos();
        arm(movedNanos);
        owner().backlog().look(client);
    }

    /** A filter has to see more of the body. */
    void awaitMore() {
        if (upstream == null && isHeldBack()) {
            // There is no server yet to say so.
            askedFor = true;
            client.write(client.allocator().directBuffer(CONTINUES.length).writeBytes(CONTINUES));
            client.flush();
        }
        movedNanos = owner().nowNanos();
        arm(movedNanos);
        owner().backlog().look(client);
    }

    /** Filters have seen what they wanted to. */
    void screened() {
        screening = null;
    }

    boolean hasUpstream() {
        return upstream != null;
    }

    private ByteBuf head(boolean close) {
        ForwardedLines lines = client.forwarded(plan);
        RequestEdit changes = edit;
        CookieRewrite cookies = CookieRewrite.of(requireNonNull(search).pool(), requireNonNull(server()), traffic);
        return changes == null
                ? HeadWriter.request(client.allocator(), request, lines, sourcePort(), close, cookies)
                : HeadWriter.request(client.allocator(), this, changes, lines, close, cookies);
    }

    /** What waited for a server goes to it. */
    void goOn() {
        flushRequest();
        client.goOn();
    }

    /** Whether a part of the request's body may come now. */
    boolean takesBody() {
        RequestScreening judged = screening;
        if (judged != null && judged.isHolding()) {
            return judged.wantsMore();
        }
        Upstream to = upstream;
        return to != null && to.isWritable();
    }

    /** Where the content of the request's body is to be copied to, for filters; null for nowhere. */
    @Nullable
    ByteBuf content() {
        RequestScreening judged = screening;
        return judged == null ? null : judged.content();
    }

    /** Sends a part of the request's body on. */
    void requestBody(ByteBuf part, boolean last) {
        int bytes = part.readableBytes();
        bodyBytes += bytes;
        countFromClient(bytes);
        movedNanos = owner().nowNanos();
        if (last) {
            readNanos = movedNanos;
        }
        RequestScreening judged = screening;
        if (judged == null) {
            sendBody(part, last);
        } else {
            judged.body(part, last);
        }
    }

    /** Sends a part of the request's body to the server. */
    void sendBody(ByteBuf part, boolean last) {
        if (mirror != null) {
            mirror.body(part, last);
        }
        // A filter may have taken its time.
        movedNanos = owner().nowNanos();
        requireNonNull(upstream).body(part);
        if (last) {
            requestComplete = true;
            pace = null;
            // What follows is another request's, of which nobody knows the rule.
            client.reading().source(runListener());
            arm(movedNanos);
            if (responseBegun && client.unwritten() > 0) {
                watchReader();
            }
        }
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

    /** The client takes more of the response again. */
    void clientWritable() {
        Upstream from = upstream;
        if (from != null) {
            from.reading(true);
        }
    }

    @Override
    public void head(Head response, ByteBuf in, int body, boolean untilClose) {
        movedNanos = owner().nowNanos();
        countFromServer(response.length + body);
        if (response.status < 200) {
            askedFor |= response.status == CONTINUE;
            if (request.minorVersion > 0 && forsaken == null) {
                client.write(HeadWriter.response(client.allocator(), response, response.status, 0, null, false, false));
                client.flush();
            }
            return;
        }
        if (forsaken != null) {
            in.skipBytes(body);
            upstreamStatus = response.status;
            answeredBy(requireNonNull(server()));
            return;
        }
        if (response.chunked && request.minorVersion == 0) {
            // RFC 9112 6.1: not in a response to a client that cannot know chunks.
            refuse(Reason.BAD_RESPONSE);
            return;
        }
        upstreamStatus = response.status;
        status = plan.statusFor(response.status);
        responseBegun = true;
        responded = true;
        responseNanos = movedNanos;
        ContentCoding coding = coding(response);
        chunking = (untilClose || gzip != null) && request.minorVersion > 0;
        mayGoOn = requestComplete && client.mayGoOn(request) && (chunking || !untilClose);
        ServerSearch found = requireNonNull(search);
        RunServer by = requireNonNull(found.server());
        answeredBy(by);
        String cookie = traffic.setCookie(found.pool(), this, by, upstreamStatus);
        boolean small = body <= SMALL_BODY && !chunking;
        ByteBuf out = HeadWriter.response(
                client.allocator(),
                response,
                status,
                small ? body : 0,
                cookie,
                chunking,
                !mayGoOn,
                coding,
                CookieRewrite.of(found.pool(), by, traffic));
        if (small) {
            out.writeBytes(in, body);
            bodySent += body;
        }
        client.write(out);
        if (!small) {
            send(in.readRetainedSlice(body));
        }
    }

    private void answeredBy(RunServer by) {
        if (upstreamStatus < SERVER_ERROR) {
            by.answered();
        } else {
            by.failed(upstreamStatus);
        }
    }

    /** What becomes of the response's body, and prepares it. */
    private ContentCoding coding(Head response) {
        GzipPlan compressed = plan.gzip();
        ContentCoding coding = compressed == null ? ContentCoding.AS_IT_IS : compressed.coding(request, response);
        if (coding != ContentCoding.GZIP) {
            return coding;
        }
        Deflater deflater =
                client.httpLoop().takeDeflater(requireNonNull(compressed).level());
        if (deflater == null) {
            countUncompressed();
            return ContentCoding.VARIES;
        }
        gzip = new GzipBody(client.httpLoop(), deflater, client.allocator(), response);
        return coding;
    }

    private void send(ByteBuf part) {
        pass(gzip == null ? part : gzip.add(part));
    }

    @Override
    public boolean mayUpgrade(Head response) {
        return webSocket && forsaken == null && Handshake.opens(request, response);
    }

    @Override
    public void upgraded(Head response, ByteBuf in, UpstreamConnection connection) {
        countFromServer(response.length + in.readableBytes());
        upstreamStatus = response.status;
        status = response.status;
        responseBegun = true;
        responded = true;
        responseNanos = owner().nowNanos();
        bodySent = in.readableBytes();
        upstream = null;
        owner().cancel(this);
        ServerSearch found = requireNonNull(search);
        RunServer by = requireNonNull(found.server());
        by.answered();
        found.answered();
        countLatency(found.pickedNanos());
        String cookie = traffic.setCookie(found.pool(), this, by, upstreamStatus);
        if (rule != null) {
            client.reading().source(rule);
        }
        // Before anything is written: it is to hear if that fails.
        Tunnel opened = new Tunnel(this, client, connection, owner(), plan.webSocketIdleNanos(), maskingKey());
        tunnel = opened;
        client.write(HeadWriter.upgrading(HeadWriter.response(
                client.allocator(),
                response,
                status,
                0,
                cookie,
                false,
                false,
                ContentCoding.AS_IT_IS,
                CookieRewrite.of(found.pool(), by, traffic))));
        client.open(opened, in.readRetainedSlice(in.readableBytes()));
        if (by.isLeaving()) {
            opened.dismiss(Reason.SERVER_DRAINED);
        }
    }

    /** What it masks is known to all, so that nobody gains by knowing the key: RFC 6455 10.3. */
    private static int maskingKey() {
        return ThreadLocalRandom.current().nextInt();
    }

    /** Bytes came through the tunnel. */
    void countTunnelled(boolean fromClient, int bytes) {
        RunServer at = requireNonNull(server());
        if (fromClient) {
            countFromClient(bytes);
            at.countSent(owner(), bytes);
        } else {
            countFromServer(bytes);
            bodySent += bytes;
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

    @Override
    public void body(ByteBuf part) {
        movedNanos = owner().nowNanos();
        countFromServer(part.readableBytes());
        if (forsaken == null) {
            send(part);
        } else {
            part.release();
        }
    }

    private void pass(ByteBuf part) {
        if (!chunking) {
            bodySent += part.readableBytes();
            client.write(part);
        } else if (part.isReadable()) {
            ByteBuf size = client.allocator().directBuffer(Integer.BYTES * 2 + CRLF.length);
            size.writeCharSequence(Integer.toHexString(part.readableBytes()), US_ASCII);
            size.writeBytes(CRLF);
            bodySent += size.readableBytes() + part.readableBytes() + CRLF.length;
            client.write(size);
            client.write(part);
            client.write(client.allocator().directBuffer(CRLF.length).writeBytes(CRLF));
        } else {
            part.release();
        }
        if (!client.isWritable()) {
            client.flush();
            Upstream from = upstream;
            if (!client.isWritable() && from != null) {
                from.reading(false);
                unwrittenAtCheck = unwritten();
                watchReader();
            }
        }
    }

    /** Some of the response waits: from now on the client must read as fast as it must. */
    private void watchReader() {
        if (pace == null && plan.minDataRate() > 0) {
            long now = owner().nowNanos();
            pace = new ClientPace(plan.minDataRate(), plan.requestTimeoutNanos(), true, now);
            arm(now);
        }
    }

    @Override
    public void readEnded(boolean over) {
        if (over ? client.unwritten() > 0 : !client.isWritable()) {
            owner().backlog().look(client);
        }
    }

    @Override
    public void pause() {
        if (forsaken != null) {
            if (upstreamStatus != 0) {
                // That was its answer; the rest of it is nobody's.
                cancelUpstream();
                forsakenEnds();
            }
            return;
        }
        if (gzip != null) {
            pass(gzip.flush());
        }
        client.flush();
        if (client.unwritten() > 0) {
            owner().backlog().look(client);
        }
    }

    @Override
    public void complete() {
        if (forsaken != null) {
            requireNonNull(upstream).release();
            upstream = null;
            forsakenEnds();
            return;
        }
        if (gzip != null) {
            pass(gzip.finish());
        }
        if (chunking) {
            bodySent += LAST_CHUNK.length;
            client.write(client.allocator().directBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK));
        }
        Upstream done = requireNonNull(upstream);
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
        client.exchangeEnded(mayGoOn);
    }

    @Override
    public void failed(Reason reason) {
        Upstream failed = requireNonNull(upstream);
        upstream = null;
        if (mayTryAgain(failed, reason)) {
            ServerSearch finder = requireNonNull(search);
            stale = new Stale(
                    requireNonNull(finder.server()), reason, misses(), finder.pickedNanos(), owner().nowNanos());
            finder.reconnect();
        } else {
            fail(reason);
        }
    }

    /** Whether the server closed an idle connection just when we sent a request over it, which can be sent again. */
    private boolean mayTryAgain(Upstream failed, Reason reason) {
        return failed.isReused()
                && (reason == Reason.SERVER_CLOSED || reason == Reason.SERVER_RESET)
                && !responseBegun
                && stale == null
                && forsaken == null
                && mayGoTwice()
                && mayRetry();
    }

    /** Whether it can be sent again: it is all here, and doing it twice is as good as once (RFC 9112 9.3.1, RFC 9110 9.2.2). */
    boolean mayGoTwice() {
        return requestComplete && bodyBytes == 0 && isIdempotent();
    }

    @Override
    public void writable() {
        client.goOn();
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

    private void fail(Reason reason, int answer, long retryAfterSeconds) {
        if (ended) {
            return;
        }
        if (forsaken != null) {
            forsakenEnds();
            return;
        }
        if (responseBegun) {
            finish(reason);
            client.exchangeBroken();
            return;
        }
        status = answer;
        boolean onward = requestComplete && client.mayGoOn(request);
        sendWhole(Answer.of(
                client.allocator(),
                status,
                retryAfterSeconds,
                onward,
                request.isMethod("HEAD"),
                plan.proxyStatus() ? reason : null));
        finish(reason);
        client.flush();
        client.exchangeEnded(onward);
    }

    /** Nobody waits for the response any more. What a server has whole it may finish. */
    void clientGone(Reason reason) {
        if (!responseBegun) {
            status = GONE;
        }
        forsaken = reason;
        if (plan.cancelOnDisconnect() || responseBegun || !requestComplete || upstream == null) {
            cancelUpstream();
            forsakenEnds();
        }
    }

    private void forsakenEnds() {
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
        if (screening != null) {
            screening.end();
        }
        if (gzip != null) {
            gzip.end();
        }
        if (mirror != null) {
            mirror.originalEnded();
        }
        ServerSearch done = search;
        if (done != null) {
            if (sent && tunnel == null) {
                countLatency(done.pickedNanos());
            }
            done.end(reason, sent);
        }
        traffic.record(this, done == null ? "" : done.pool().group(), reason);
    }

    private void arm(long nowNanos) {
        armAt(nowNanos + patienceNanos(), nowNanos);
    }

    /** Has us look then, or earlier if there is more to look at than whether anything moves. */
    private void armAt(long overNanos, long nowNanos) {
        long look = overNanos;
        if (pace != null || unwritten() > 0) {
            look = Math.min(look, nowNanos + ClientPace.LOOK_NANOS);
        }
        if (isJudged()) {
            look = Math.min(look, requireNonNull(screening).deadlineNanos());
        }
        if (hasDeadline()) {
            look = Math.min(look, startNanos() + plan.requestDeadlineNanos());
        }
        owner().arm(this, look);
    }

    /** Whether a filter has to answer before it goes on. */
    private boolean isJudged() {
        return screening != null && screening.isAsked();
    }

    private boolean hasDeadline() {
        return !requestComplete && plan.requestDeadlineNanos() > 0;
    }

    /** How long whoever has to move next may take to. */
    private long patienceNanos() {
        return isClientsTurn() ? plan.headTimeoutNanos() : plan.requestTimeoutNanos();
    }

    private boolean isClientsTurn() {
        return !requestComplete && takesBody() && !isHeldBack();
    }

    /** Whether the client waits for the server to ask for the body: RFC 9110 10.1.1. */
    private boolean isHeldBack() {
        return bodyBytes == 0 && !askedFor && request.value("expect") != null;
    }

    @Override
    protected void expired(long nowNanos) {
        if (search != null && search.isUnderWay()) {
            search.timedOut();
            return;
        }
        RequestScreening judged = screening;
        if (judged != null && judged.isAsked() && nowNanos >= judged.deadlineNanos()) {
            judged.timedOut();
            return;
        }
        // A slow reader empties our buffers without a byte being read here: that is movement too. What fills them was
        // read.
        long unwritten = unwritten();
        if (unwritten < unwrittenAtCheck || isWaiting() || isJudged()) {
            movedNanos = nowNanos;
        }
        unwrittenAtCheck = unwritten;
        long left = movedNanos + patienceNanos() - nowNanos;
        if (left <= 0) {
            refuse(whoStopped());
        } else if (hasDeadline() && nowNanos - startNanos() >= plan.requestDeadlineNanos()) {
            refuse(Reason.REQUEST_DEADLINE);
        } else if (isTooSlow(nowNanos)) {
            refuse(requestComplete ? Reason.RESPONSE_READ_TOO_SLOWLY : Reason.REQUEST_TOO_SLOW);
        } else {
            armAt(nowNanos + left, nowNanos);
        }
    }

    private Reason whoStopped() {
        if (isClientsTurn()) {
            return Reason.REQUEST_BODY_TIMEOUT;
        }
        return responseBegun && !client.isWritable() ? Reason.RESPONSE_NOT_READ : Reason.RESPONSE_TIMEOUT;
    }

    private boolean isTooSlow(long nowNanos) {
        ClientPace judged = pace;
        if (judged == null) {
            return false;
        }
        return requestComplete
                ? judged.isOver(bodySent - client.unwritten(), client.unwritten() > 0, nowNanos)
                : judged.isOver(bodyBytes, isClientsTurn() && !client.reading().isLimited(), nowNanos);
    }

    /** Whether it is a limit that keeps whoever has to move next. */
    private boolean isWaiting() {
        Upstream at = upstream;
        return isClientsTurn() ? client.reading().isWaiting() : at != null && at.isWaiting();
    }

    long unwritten() {
        if (tunnel != null) {
            return tunnel.heldBytes();
        }
        Upstream at = upstream;
        RequestScreening judged = screening;
        return client.unwritten() + (at == null ? 0 : at.unwritten()) + (judged == null ? 0 : judged.heldBytes());
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
    protected @Nullable RunRule rule() {
        return rule;
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
        return status;
    }

    @Override
    protected int upstreamStatus() {
        return upstreamStatus;
    }

    @Override
    protected void tries(LogTries tries, Reason why) {
        ServerSearch finder = search;
        if (finder == null) {
            return;
        }
        Stale before = stale;
        int done = 0;
        long begunNanos = finder.pickedNanos();
        boolean unsent = false;
        if (before != null) {
            done = before.misses;
            misses(tries, 0, done);
            tries.add(before.server, before.reason, 0, 0, before.endNanos - before.pickedNanos);
            if (misses() == done) {
                begunNanos = before.endNanos;
                unsent = !sentAgain;
            }
        }
        misses(tries, done, misses());
        RunServer taken = finder.server();
        RunServer abandoned = finder.abandoned() != null || !unsent ? finder.abandoned() : taken;
        long nanos = owner().nowNanos() - begunNanos;
        if (abandoned != null) {
            tries.add(abandoned, why, LogTries.NEVER_SENT, nanos, nanos);
        } else if (taken != null) {
            tries.add(taken, Reason.COMPLETED, upstreamStatus, finder.connectNanos(), nanos);
        }
    }

    @Override
    protected void log(AccessLog.Field field, LogLine line) {
        switch (field) {
            case BODY_BYTES_SENT -> line.number(bodySent);
            case READ_REQUEST_TIME -> time(requestComplete, readNanos - startNanos(), line);
            case WRITE_RESPONSE_TIME -> time(responded, owner().nowNanos() - responseNanos, line);
            case TCPINFO_RTT -> {
                long micros = client.roundTripMicros();
                if (micros < 0) {
                    line.none();
                } else {
                    line.number(micros);
                }
            }
            case RULE -> {
                if (rule == null) {
                    line.none();
                } else {
                    line.text(rule.name());
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
