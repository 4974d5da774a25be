package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Snapshot.Metric;
import io.clb.spi.Reason;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener at run time: its counters, from the update that brings it to the end of its last flow. */
public final class RunListener extends PaceSource {

    private final String name;
    private final Tally tally;

    // written by control; read by any thread that takes a snapshot. By name
    private volatile Map<String, RunRule> rules = Map.of();

    // written by control; read by any loop
    private volatile @Nullable ListenerPlan plan;
    private volatile boolean removed;

    // stepped by any loop; read by any
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger webSockets = new AtomicInteger();

    RunListener(String name, int loops) {
        this.name = name;
        this.tally = new Tally(loops);
    }

    String name() {
        return name;
    }

    /**
     * Returns what is in force now, for connections that outlive an update: read once for each request.
     *
     * @return the plan
     */
    public ListenerPlan plan() {
        return requireNonNull(plan, "no connection comes before the plan");
    }

    /** The limits in force; none before the first plan. Control only. */
    List<RunLimit> limits() {
        ListenerPlan current = plan;
        return current == null ? List.of() : current.limits();
    }

    /** The access log in force; null for none, and before the first plan. */
    @Nullable
    ListenerLog log() {
        ListenerPlan current = plan;
        return current == null ? null : current.log();
    }

    /** The rules in force, by name. The limits of each are control's. */
    Map<String, RunRule> rules() {
        return rules;
    }

    /** Control only. */
    void rules(Map<String, RunRule> changed) {
        rules = changed;
    }

    @Override
    @Nullable
    Pace pace(Direction direction) {
        return plan().chain().pace(direction);
    }

    /** Whether bandwidth is left for a datagram; if not, it is to be dropped. */
    boolean passes(Direction direction, int bytes, Loop loop) {
        Pace pace = pace(direction);
        return pace == null || pace.passes(bytes, loop);
    }

    /** What is in force; no limits before the first plan. Control only. */
    LimitChain chain() {
        ListenerPlan current = plan;
        return current == null ? LimitChain.NONE : current.chain();
    }

    /** How many connections each client has; null without a cap, and before the first plan. Control only. */
    @Nullable
    ClientCounts clients() {
        ListenerPlan current = plan;
        return current == null ? null : current.clients();
    }

    /** Control only. */
    void plan(ListenerPlan changed) {
        plan = changed;
    }

    /**
     * Tells whether an update took this listener out: what is open goes on, and should end soon.
     *
     * @return true once it is removed
     */
    public boolean isRemoved() {
        return removed;
    }

    /** Control only. */
    void remove() {
        removed = true;
    }

    /** Takes one of the listener's connections, if one is free. */
    boolean tryBegin(Loop loop, int maxConnections) {
        tally.count(loop, Metric.CONNECTIONS, 1);
        if (active.incrementAndGet() <= maxConnections) {
            return true;
        }
        active.decrementAndGet();
        return false;
    }

    /** Gives back what {@link #tryBegin} took. */
    void end() {
        active.decrementAndGet();
    }

    /**
     * Takes one of the listener's WebSockets, if one is free.
     *
     * @param max how many there may be
     * @return false if there are as many
     */
    public boolean tryBeginWebSocket(int max) {
        if (webSockets.incrementAndGet() <= max) {
            return true;
        }
        webSockets.decrementAndGet();
        return false;
    }

    /** Gives back what {@link #tryBeginWebSocket} took. */
    public void endWebSocket() {
        webSockets.decrementAndGet();
    }

    /**
     * Counts a request.
     *
     * @param loop the connection's loop
     */
    public void countRequest(Loop loop) {
        tally.count(loop, Metric.REQUESTS, 1);
    }

    void countDropped(Loop loop, Reason reason) {
        tally.countDropped(loop, reason);
    }

    int active() {
        return active.get();
    }

    int webSockets() {
        return webSockets.get();
    }

    /** What is counted of it. */
    Tally tally() {
        return tally;
    }
}
