package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Snapshot;
import io.clb.spi.Reason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A listener at run time: its counters, from the update that brings it to the end of its last flow. */
@SuppressWarnings("EnumOrdinal") // an index into an array that lives no longer than the enum
public final class RunListener extends PaceSource {

    private static final int ACCEPTED = 0;
    private static final int BYTES_FROM_CLIENTS = 1;
    private static final int BYTES_FROM_SERVERS = 2;
    private static final int REQUESTS = 3;
    private static final int ALL_DROPPED = 4;

    /** Of 2xx, and of the classes behind it. */
    private static final int STATUSES = 5;

    private static final int CLASSES = 4;
    private static final int UPSTREAM_STATUSES = STATUSES + CLASSES;
    private static final int ENDED = UPSTREAM_STATUSES + CLASSES;
    private static final Reason[] REASONS = Reason.values();
    private static final int DROPPED = ENDED + REASONS.length;
    private static final int CELLS = DROPPED + REASONS.length;

    private final String name;
    private final Counters counters;

    /** By name. Control only, as are the limits of each. */
    private Map<String, RunRule> rules = Map.of();

    // written by control; read by any thread
    private volatile @Nullable CounterHistory history;

    // written by control; read by any loop
    private volatile @Nullable ListenerPlan plan;
    private volatile boolean removed;

    // stepped by any loop; read by any
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger webSockets = new AtomicInteger();

    RunListener(String name, int loops) {
        this.name = name;
        this.counters = new Counters(loops, CELLS);
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

    /** The rules in force, by name. Control only. */
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
        counters.add(loop, ACCEPTED, 1);
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
        counters.add(loop, REQUESTS, 1);
    }

    void countFromClient(Loop loop, int bytes) {
        counters.add(loop, BYTES_FROM_CLIENTS, bytes);
    }

    void countFromServer(Loop loop, int bytes) {
        counters.add(loop, BYTES_FROM_SERVERS, bytes);
    }

    void countEnded(Loop loop, Reason reason) {
        counters.add(loop, ENDED + reason.ordinal(), 1);
    }

    /**
     * Counts how a request was answered.
     *
     * @param status to the client; 0 for none
     * @param upstreamStatus the server's; 0 for none
     */
    void countStatuses(Loop loop, int status, int upstreamStatus) {
        countStatus(loop, STATUSES, status);
        countStatus(loop, UPSTREAM_STATUSES, upstreamStatus);
    }

    private void countStatus(Loop loop, int first, int status) {
        int above = status / 100 - 2;
        if (above >= 0 && above < CLASSES) {
            counters.add(loop, first + above, 1);
        }
    }

    void countDropped(Loop loop, Reason reason) {
        counters.add(loop, DROPPED + reason.ordinal(), 1);
        counters.add(loop, ALL_DROPPED, 1);
    }

    int active() {
        return active.get();
    }

    /** All counters, now. */
    long[] counts() {
        long[] counts = new long[CELLS];
        for (int cell = 0; cell < CELLS; cell++) {
            counts[cell] = counters.sum(cell);
        }
        return counts;
    }

    /** Ends a second of the history, or begins it. Control only. */
    void sample(long nowNanos) {
        CounterHistory sampled = history;
        if (sampled == null) {
            history = new CounterHistory(counts(), nowNanos);
        } else {
            sampled.sample(counts(), nowNanos);
        }
    }

    int webSockets() {
        return webSockets.get();
    }

    /** What was sampled; null before the first time. */
    @Nullable
    CounterHistory history() {
        return history;
    }

    static long count(long[] counts, Snapshot.Metric metric) {
        return switch (metric) {
            case CONNECTIONS -> counts[ACCEPTED];
            case REQUESTS -> counts[REQUESTS];
            case BYTES_FROM_CLIENTS -> counts[BYTES_FROM_CLIENTS];
            case BYTES_FROM_SERVERS -> counts[BYTES_FROM_SERVERS];
            case DROPPED -> counts[ALL_DROPPED];
            case STATUS_2XX, STATUS_3XX, STATUS_4XX, STATUS_5XX ->
                counts[STATUSES + metric.ordinal() - Snapshot.Metric.STATUS_2XX.ordinal()];
            case UPSTREAM_2XX, UPSTREAM_3XX, UPSTREAM_4XX, UPSTREAM_5XX ->
                counts[UPSTREAM_STATUSES + metric.ordinal() - Snapshot.Metric.UPSTREAM_2XX.ordinal()];
        };
    }

    static Map<Reason, Long> ended(long[] counts) {
        return byReason(counts, ENDED);
    }

    static Map<Reason, Long> dropped(long[] counts) {
        return byReason(counts, DROPPED);
    }

    private static Map<Reason, Long> byReason(long[] all, int first) {
        Map<Reason, Long> counts = new EnumMap<>(Reason.class);
        for (Reason reason : REASONS) {
            long count = all[first + reason.ordinal()];
            if (count > 0) {
                counts.put(reason, count);
            }
        }
        return counts;
    }
}
