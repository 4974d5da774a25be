package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.ServerConfig;
import io.clb.Snapshot.Metric;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.clb.spi.Server;
import io.clb.spi.ServerState;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A server at run time: the same object from the update that brings it to the one that removes it, and until its last flow has left it. */
public final class RunServer implements Server {

    private final String group;
    private final int slot;
    private final String id;
    private final boolean first;
    private final Tally tally;
    private final Tally ofGroup;

    // stepped by any loop; read by any
    private final AtomicInteger active = new AtomicInteger();

    // written by control; read by any
    private volatile ServerConfig config;
    private volatile Status status;
    private volatile @Nullable InetSocketAddress address;
    private volatile @Nullable Place place;
    private volatile @Nullable Instant drainDeadline;
    private volatile boolean leaving;
    private volatile boolean drained;
    private volatile @Nullable Room room;
    private volatile long ejections;
    private volatile @Nullable Ejections watcher;

    private final FailureStreak streak = new FailureStreak();

    // control only
    private RiseFall health;
    private String checked = "not probed yet";
    private @Nullable String ejected;
    private boolean removed;

    /** Where it is, as {@link io.clb.spi.Flow} has addresses. */
    record Place(long high, long low) {}

    /** What is known of a server's fitness, as told to others. */
    record Status(ServerState state, String why, Instant since, long lastProbeNanos) {}

    RunServer(String group, int slot, ServerConfig config, boolean first, Tally ofGroup) {
        this.group = group;
        this.slot = slot;
        this.id = config.address().toString();
        this.first = first;
        this.config = config;
        this.tally = new Tally(ofGroup.loops());
        this.ofGroup = ofGroup;
        this.health = RiseFall.CHECKING;
        this.status = new Status(ServerState.CHECKING, checked, Instant.now(), -1);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String host() {
        return config.address().host();
    }

    @Override
    public int port() {
        return config.address().port();
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public int weight() {
        return config.weight();
    }

    @Override
    public int active() {
        return active.get();
    }

    @Override
    public Map<String, String> tags() {
        return config.tags();
    }

    String group() {
        return group;
    }

    ServerConfig config() {
        return config;
    }

    /**
     * Takes over what is configured. Control only.
     *
     * @param queue where flows wait that may go to any server of the group
     */
    void config(ServerConfig changed, Room.Inboxes loops, ConnectQueue queue) {
        config = changed;
        Room there = room;
        if (there == null && changed.maxConnections() > 0) {
            there = new Room(this, active, loops, queue);
        }
        if (there != null) {
            there.configure(changed);
            room = there;
        }
    }

    /** Its room; it has one from when it is first given a bound, and full is only what has one. */
    Room room() {
        return requireNonNull(room);
    }

    /** Whether it may have one more flow now. */
    boolean hasRoom() {
        Room bounded = room;
        return bounded == null || bounded.hasRoom();
    }

    /** Tells those who wait for room whether it takes flows now. Control only. */
    void takesFlows(boolean now) {
        Room bounded = room;
        if (bounded != null && now) {
            bounded.open();
        } else if (bounded != null) {
            bounded.close();
        }
    }

    /** How many flows wait for this server alone. */
    int waiting() {
        Room bounded = room;
        return bounded == null ? 0 : bounded.own().waiting();
    }

    /** Whether it has room for so many. */
    boolean isBounded() {
        return config.maxConnections() > 0;
    }

    Status status() {
        return status;
    }

    /** Control only. */
    void status(Status changed) {
        status = changed;
    }

    /** Control only. */
    RiseFall health() {
        return health;
    }

    /** Control only. */
    void health(RiseFall changed) {
        health = changed;
    }

    /** What its check said last, which is not told while something else decides. Control only. */
    String checked() {
        return checked;
    }

    /** Control only. */
    void checked(String said) {
        checked = said;
    }

    FailureStreak streak() {
        return streak;
    }

    /** Has its failures told. Control only. */
    void watch(Ejections told) {
        watcher = told;
    }

    /** Why it is ejected, and for how long; null if it is not. Control only. */
    @Nullable
    String ejected() {
        return ejected;
    }

    boolean isEjected() {
        return ejected != null;
    }

    /** Control only. */
    void eject(String why) {
        long before = ejections;
        ejections = before + 1;
        ejected = why;
    }

    /** Control only. */
    void readmit() {
        ejected = null;
    }

    /** How often it was ejected. */
    long ejections() {
        return ejections;
    }

    /** Whether an update took it out of its group. Control only. */
    boolean isRemoved() {
        return removed;
    }

    /** Control only. */
    void remove() {
        removed = true;
    }

    /** When what still runs on it is ended; null if it may run on. */
    @Nullable
    Instant drainDeadline() {
        return drainDeadline;
    }

    /** Control only. */
    void drainDeadline(@Nullable Instant deadline) {
        drainDeadline = deadline;
    }

    /**
     * Tells whether its time to drain runs: what begins on it now is asked to end, as is what was there.
     *
     * @return true until it comes back
     */
    public boolean isLeaving() {
        return leaving;
    }

    /** Control only. */
    void leaving(boolean begun) {
        leaving = begun;
    }

    /**
     * Tells whether its time to drain is over: a flow that picked it long before is to go elsewhere.
     *
     * @return true from its deadline on, unless it came back
     */
    public boolean isDrained() {
        return drained;
    }

    /** Control only. */
    void drained(boolean over) {
        drained = over;
    }

    /**
     * Returns where the server is.
     *
     * @return the address, with port 0 if it has none of its own; null while the server's name has none yet
     */
    public @Nullable InetSocketAddress address() {
        return address;
    }

    /**
     * Returns where to connect to for a flow.
     *
     * @param reachedPort the port that the client reached: it is the server's too if the server has none of its own
     * @return the address; null while the server's name has none yet
     */
    public @Nullable InetSocketAddress address(int reachedPort) {
        InetSocketAddress known = address;
        return known == null || known.getPort() > 0 ? known : new InetSocketAddress(known.getAddress(), reachedPort);
    }

    /** Its address without port, for showing; null while its name has none yet. */
    @Nullable
    Place place() {
        return place;
    }

    /** Control only. */
    void address(InetSocketAddress resolved) {
        address = resolved;
        place = new Place(Addresses.high(resolved), Addresses.low(resolved));
    }

    /** Whether the checks let it take flows: it is up, or it came with the first configuration and has no verdict yet. Control only. */
    boolean isFit() {
        return health.state() == ServerState.UP || (health.state() == ServerState.CHECKING && first);
    }

    /** Counts a flow in, before the connect; false if there is no room for it. */
    boolean flowBegins() {
        Room bounded = room;
        if (bounded != null) {
            return bounded.tryTake();
        }
        active.incrementAndGet();
        return true;
    }

    /** Counts a flow out, on a loop. */
    void flowEnds(Loop loop) {
        Room bounded = room;
        if (bounded != null) {
            bounded.free(loop.index());
        } else {
            active.decrementAndGet();
        }
    }

    /** Takes down that it answered: failures in a row end with it. Once for each flow. */
    public void answered() {
        streak.succeeded();
    }

    /**
     * Takes down that a flow failed on it; what is not the server's fault, as a want of local ports, does not count.
     *
     * @param reason how
     */
    public void failed(Reason reason) {
        if (reason.party() == Reason.Party.SERVER && streak.failed()) {
            tell(reason.code());
        }
    }

    /**
     * Takes down that it answered a request with a status of 500 or above.
     *
     * @param status the status
     */
    public void failed(int status) {
        if (streak.failed()) {
            tell("status " + status);
        }
    }

    private void tell(String last) {
        Ejections told = watcher;
        if (told != null) {
            told.struck(this, last);
        }
    }

    /**
     * Counts a connect that succeeded.
     *
     * @param loop the flow's loop
     */
    public void countConnected(Loop loop) {
        count(loop, Metric.CONNECTIONS, 1);
    }

    /**
     * Counts a request that it is sent.
     *
     * @param loop the request's loop
     */
    public void countRequest(Loop loop) {
        tally.count(loop, Metric.REQUESTS, 1);
    }

    /**
     * Counts a connect that failed.
     *
     * @param loop the flow's loop
     */
    public void countConnectFailed(Loop loop) {
        count(loop, Metric.CONNECT_FAILURES, 1);
    }

    /**
     * Counts payload that was sent to the server.
     *
     * @param loop the flow's loop
     * @param bytes how many
     */
    public void countSent(Loop loop, long bytes) {
        count(loop, Metric.BYTES_FROM_CLIENTS, bytes);
    }

    /**
     * Counts payload that came from the server.
     *
     * @param loop the flow's loop
     * @param bytes how many
     */
    public void countReceived(Loop loop, int bytes) {
        count(loop, Metric.BYTES_FROM_SERVERS, bytes);
    }

    /**
     * Counts how a flow that the server took ended.
     *
     * @param loop the flow's loop
     * @param reason why it ended
     * @return what it means to a scheduler
     */
    public Outcome countEnded(Loop loop, Reason reason) {
        Outcome outcome = switch (reason) {
            case SERVER_RESET, SERVER_CLOSED, RESPONSE_TRUNCATED, BAD_RESPONSE, RESPONSE_HEAD_TOO_LARGE ->
                Outcome.RESET;
            case RESPONSE_TIMEOUT -> Outcome.TIMED_OUT;
            default -> Outcome.SUCCESS;
        };
        tally.countEnded(loop, reason);
        if (outcome == Outcome.RESET) {
            tally.countReset(loop);
        }
        if (outcome != Outcome.SUCCESS) {
            failed(reason);
        }
        return outcome;
    }

    private void count(Loop loop, Metric metric, long amount) {
        tally.count(loop, metric, amount);
        ofGroup.count(loop, metric, amount);
    }

    /**
     * Counts how long it took for a flow.
     *
     * @param loop the flow's loop
     * @param nanos since it was picked, to the end of a response, an accept or a first answer
     */
    public void countLatency(Loop loop, long nanos) {
        tally.countLatency(loop, nanos);
        ofGroup.countLatency(loop, nanos);
    }

    /** What is counted of it. */
    Tally tally() {
        return tally;
    }

    @Override
    public String toString() {
        return id;
    }
}
