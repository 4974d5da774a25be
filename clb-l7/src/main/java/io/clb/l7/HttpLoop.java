package io.clb.l7;

import io.clb.engine.Loop;
import io.clb.engine.RunListener;
import io.clb.engine.RunServer;
import io.clb.engine.Traffic;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** What HTTP keeps for each event loop: heads to be filled, and connections that are no client's. Confined to the loop. */
final class HttpLoop {

    /** Heads that wait for their next message. Not measured. */
    private static final int MAX_HEADS = 256;

    /** What serves exchanges and waits for its next one: as many of a kind as heads. Not measured. */
    private static final int MAX_RESTING = MAX_HEADS;

    /** Connections that are being turned away with an answer, at a time; more are reset. Not measured. */
    private static final int MAX_REFUSALS = 1_024;

    /** Responses that are compressed at a time, some 270 KB each; more are sent as they are. Not measured. */
    private static final int MAX_DEFLATERS = 256;

    /** Of those how many wait for their next response. Not measured. */
    private static final int MAX_IDLE_DEFLATERS = 32;

    private final Loop loop;
    private final IdleUpstreams idle = new IdleUpstreams();
    private final ForwardedFor forwardedFor = new ForwardedFor();
    private final ArrayDeque<Head> heads = new ArrayDeque<>();
    private final RequestGate gate;
    private final ArrayDeque<RequestBody> bodies = new ArrayDeque<>();
    private final ArrayDeque<Patience> patiences = new ArrayDeque<>();
    private final ArrayDeque<ServerSearch> searches = new ArrayDeque<>();
    private final Set<UpstreamConnection> open = new HashSet<>();
    private final Set<Channel> refused = new HashSet<>();
    private final Map<RunListener, RetryBudget> retries = new WeakHashMap<>();
    private final ArrayDeque<Deflater> deflaters = new ArrayDeque<>();
    private int deflating;
    private boolean ended;

    HttpLoop(Loop loop) {
        this.loop = loop;
        this.gate = new RequestGate(loop, forwardedFor);
    }

    Loop loop() {
        return loop;
    }

    IdleUpstreams idle() {
        return idle;
    }

    /**
     * Takes an idle connection; for a request that goes only once, one that the server has not closed, as far as the system knows.
     *
     * @return null if there is none
     */
    @Nullable
    UpstreamConnection takeIdle(RunServer server, boolean mayGoTwice) {
        UpstreamConnection taken = idle.take(server);
        while (taken != null && !mayGoTwice && taken.socket().hasStirred()) {
            taken.close();
            taken = idle.take(server);
        }
        return taken;
    }

    /** What requests pass before a server is looked for. */
    RequestGate gate() {
        return gate;
    }

    /** An empty head. */
    Head takeHead() {
        Head head = heads.pollLast();
        return head == null ? new Head() : head;
    }

    /** Takes back a head that nobody reads any more. */
    void giveHead(Head head) {
        if (heads.size() < MAX_HEADS && !head.isLarge()) {
            head.clear();
            heads.addLast(head);
        }
    }

    /** What has the body of a request. */
    RequestBody takeBody() {
        RequestBody rested = bodies.pollLast();
        return rested == null ? new RequestBody(loop) : rested;
    }

    /** What tells how long an exchange waits. */
    Patience takePatience() {
        Patience rested = patiences.pollLast();
        return rested == null ? new Patience(loop) : rested;
    }

    /** Takes both back, as their exchange has ended. */
    void give(RequestBody body, Patience patience) {
        body.rest();
        patience.rest();
        if (bodies.size() < MAX_RESTING) {
            bodies.addLast(body);
            patiences.addLast(patience);
        }
    }

    /** What finds the server of a request. */
    ServerSearch takeSearch(Traffic traffic) {
        ServerSearch rested = searches.pollLast();
        return rested == null ? new ServerSearch(this, traffic) : rested;
    }

    /** Takes it back, as its request has ended. */
    void giveSearch(ServerSearch done) {
        done.rest();
        if (searches.size() < MAX_RESTING) {
            searches.addLast(done);
        }
    }

    /** The retries that a listener has on this loop. */
    RetryBudget retries(RunListener listener) {
        return retries.computeIfAbsent(listener, key -> new RetryBudget(loop.nowNanos()));
    }

    /** What compresses one response; null if there are too many that do. */
    @Nullable
    Deflater takeDeflater(int level) {
        if (deflating == MAX_DEFLATERS) {
            return null;
        }
        deflating++;
        Deflater idle = deflaters.pollLast();
        Deflater taken = idle == null ? new Deflater(level, true) : idle;
        taken.setLevel(level);
        return taken;
    }

    /** Takes it back. */
    void giveDeflater(Deflater done) {
        deflating--;
        if (deflaters.size() < MAX_IDLE_DEFLATERS && !ended) {
            done.reset();
            deflaters.addLast(done);
        } else {
            done.end();
        }
    }

    /** A connection that is on no list of the engine's. */
    void opened(UpstreamConnection connection) {
        open.add(connection);
    }

    void closed(UpstreamConnection connection) {
        open.remove(connection);
    }

    /** Whether one more connection may stay for its answer, which no listener's cap counts. */
    boolean mayRefuse() {
        return refused.size() < MAX_REFUSALS;
    }

    void refusalBegins(Channel channel) {
        refused.add(channel);
    }

    void refusalEnded(Channel channel) {
        refused.remove(channel);
    }

    /** Closes what is open. */
    void end() {
        new ArrayList<>(open).forEach(UpstreamConnection::loopEnds);
        new ArrayList<>(refused).forEach(Channel::close);
        ended = true;
        deflaters.forEach(Deflater::end);
        deflaters.clear();
    }
}
