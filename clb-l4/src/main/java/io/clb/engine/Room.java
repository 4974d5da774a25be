package io.clb.engine;

import io.clb.ServerConfig;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The room on a server that may have so many flows at a time, and those who wait for it. Flows are counted in one word that all loops share, never above the bound. A
 * flow that leaves hands its place to one that waits: to that which waited longest, but for a millisecond that a flow on another loop may wait longer, as
 * a connection that is kept open serves only its own loop.
 *
 * <p>No place stays free while a flow waits: who begins to wait looks once more for room after it can be seen to wait, and who leaves looks once more for who waits
 * after its place can be seen to be free.
 */
final class Room {

    /** So much longer may one wait on another loop. Not measured. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Flows of a loop that look for a server anew in one turn. Not measured. */
    private static final int DISMISSED_AT_A_TIME = 256;

    /** In place of a loop's number: none. */
    private static final int NO_LOOP = -1;

    private final RunServer server;
    private final AtomicInteger active;
    private final Inboxes loops;
    private final Runnable[] arrivals;
    private final ConnectQueue own;
    private final ConnectQueue group;

    // written by control; read by any loop
    private volatile int most;
    private volatile long timeoutNanos;
    private volatile boolean open;

    /** How loops are reached. */
    @FunctionalInterface
    interface Inboxes {

        /** Has a loop run a task; false if it has ended. */
        boolean post(int loop, Runnable task);
    }

    /**
     * Makes the room of a server.
     *
     * @param active counts its flows
     * @param group where flows wait that may go to any server of its group
     */
    Room(RunServer server, AtomicInteger active, Inboxes loops, ConnectQueue group) {
        this.server = server;
        this.active = active;
        this.loops = loops;
        this.own = new ConnectQueue(group.loops(), group);
        this.group = group;
        own.rooms(List.of(this));
        this.arrivals = new Runnable[group.loops()];
        for (int i = 0; i < arrivals.length; i++) {
            int loop = i;
            arrivals[i] = () -> arrive(loop);
        }
    }

    /** Takes over what is configured. Control only. */
    void configure(ServerConfig config) {
        most = config.maxConnections() == 0 ? Integer.MAX_VALUE : config.maxConnections();
        timeoutNanos = config.queueTimeout().toNanos();
        own.most(timeoutNanos == 0 ? 0 : config.queue());
    }

    /** Lets flows that wait have the room there is: the server may take flows. Control only. */
    void open() {
        open = true;
        for (int left = own.waiting() + group.waiting(); left > 0 && serve(NO_LOOP); left--) {}
    }

    /** Keeps flows that wait from the server, and has those that wait for it alone look for another. Control only. */
    void close() {
        open = false;
        if (own.waiting() > 0) {
            dismiss(own, loops);
        }
    }

    /** Has all in a queue look for a server anew. Any thread. */
    static void dismiss(ConnectQueue queue, Inboxes loops) {
        for (int i = 0; i < queue.loops(); i++) {
            int loop = i;
            loops.post(loop, () -> dismiss(queue, loops, loop, queue.waiting(loop)));
        }
    }

    /** Not more than waited at the beginning: who has to wait again is at the end. */
    private static void dismiss(ConnectQueue queue, Inboxes loops, int loop, int flows) {
        int left = flows - DISMISSED_AT_A_TIME;
        if (left > 0) {
            loops.post(loop, () -> dismiss(queue, loops, loop, left));
        }
        queue.dismiss(loop, Math.min(flows, DISMISSED_AT_A_TIME));
    }

    /** Whose room it is. */
    RunServer server() {
        return server;
    }

    /** Where flows wait for this server alone. */
    ConnectQueue own() {
        return own;
    }

    /** Where flows wait for any server of the group. */
    ConnectQueue group() {
        return group;
    }

    /** How long a flow waits; 0 if none does. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    /** Whether flows wait for it at all. */
    boolean isPatient() {
        return timeoutNanos > 0;
    }

    /** Whether the server takes flows. */
    boolean isOpen() {
        return open;
    }

    /** Whether the server has fewer flows than it may have. */
    boolean hasRoom() {
        return active.get() < most;
    }

    /** Counts a flow, if there is room for it. */
    boolean tryTake() {
        for (int now = active.get(); now < most; now = active.get()) {
            if (active.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** A flow leaves: its place passes to one that waits, or is free. On a loop. */
    void free(int loop) {
        if (!open || active.get() > most || !passOn(loop)) {
            active.decrementAndGet();
            serve(loop);
        }
    }

    /**
     * Gives room to one that waits, if there is any.
     *
     * @param near the loop to prefer, or {@link #NO_LOOP}
     * @return false if nobody waits, or there is no room
     */
    private boolean serve(int near) {
        while (open && longestWaiting(near) != NO_LOOP && tryTake()) {
            if (passOn(near)) {
                return true;
            }
            active.decrementAndGet();
        }
        return false;
    }

    /** A flow has just begun to wait. On its loop. */
    void look(int loop) {
        if (hasRoom()) {
            serve(loop);
        }
    }

    /** Hands a place that is taken to the loop of one that waits; false if nobody does. */
    private boolean passOn(int near) {
        for (int to = longestWaiting(near); to != NO_LOOP; to = longestWaiting(near)) {
            if (loops.post(to, arrivals[to])) {
                return true;
            }
            // A loop of the application's that has ended: nobody is told any more.
            own.forget(to);
            group.forget(to);
        }
        return false;
    }

    private int longestWaiting(int near) {
        int longest = NO_LOOP;
        long since = ConnectQueue.NOBODY;
        for (int i = 0; i < arrivals.length; i++) {
            long here = eldest(i);
            if (here != ConnectQueue.NOBODY && (longest == NO_LOOP || here - since < 0)) {
                longest = i;
                since = here;
            }
        }
        if (near != NO_LOOP && near != longest && longest != NO_LOOP) {
            long here = eldest(near);
            return here != ConnectQueue.NOBODY && here - since <= SLACK_NANOS ? near : longest;
        }
        return longest;
    }

    private long eldest(int loop) {
        long mine = own.eldest(loop);
        long any = group.eldest(loop);
        return mine == ConnectQueue.NOBODY || (any != ConnectQueue.NOBODY && any - mine < 0) ? any : mine;
    }

    /** A place comes to a loop of which a flow waited when it was sent. On that loop. */
    private void arrive(int loop) {
        Wait mine = own.first(loop);
        Wait any = group.first(loop);
        Wait next = mine == null || (any != null && any.sinceNanos - mine.sinceNanos < 0) ? any : mine;
        if (next == null) {
            free(loop);
            return;
        }
        next.cancel();
        next.found(server);
    }
}
