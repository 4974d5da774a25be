package io.clb.engine;

import io.clb.spi.Reason;
import io.clb.spi.Server;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a loop does with a flow whose server has as many as it may: it asks for other servers, or has the flow wait. Confined to its loop. */
final class Overflow {

    /** How often a flow asks anew as others were faster. Not measured. */
    private static final int MOST_ASKED = 16;

    private final Loop loop;
    private @Nullable RunServer full;
    private boolean bound;
    private @Nullable LoopFlow searching;

    Overflow(Loop loop) {
        this.loop = loop;
    }

    /** Whether a flow is just looking for a server with room, and this one has none. */
    boolean isFull(LoopFlow flow, Server server) {
        return flow == searching && server instanceof RunServer asked && !asked.hasRoom();
    }

    /** Why a flow that does not wait found no server. */
    Reason whyNone(Reason none) {
        Reason why = full == null ? none : Reason.SERVER_QUEUE_FULL;
        full = null;
        return why;
    }

    /** No server was found full in the search that begins here. */
    void none() {
        full = null;
    }

    /**
     * Looks for another server than one that is full.
     *
     * @param first the one that is full
     * @param toFirst whether the flow is bound to that one
     * @return a server that counts the flow; null if there is none, or the flow should rather wait
     */
    @Nullable
    RunServer pick(Traffic traffic, LoopFlow flow, Picker picker, RunServer first, boolean toFirst) {
        full = first;
        bound = toFirst && flow.mayWait() && first.room().own().hasPlace();
        searching = flow;
        try {
            for (int asked = 1; !bound && asked < MOST_ASKED; asked++) {
                RunServer next = traffic.ask(flow, picker);
                if (next == null) {
                    return null;
                }
                if (next.flowBegins()) {
                    full = null;
                    return next;
                }
            }
            return null;
        } finally {
            searching = null;
        }
    }

    /**
     * Has a flow wait, if it found servers full.
     *
     * @param pool the pool that it asked
     * @param asked the pool's picker by then
     * @return false if it does not wait
     */
    boolean await(LoopFlow flow, Wait wait, Pool pool, Picker asked) {
        RunServer first = full;
        if (first == null || !flow.mayWait()) {
            return false;
        }
        Room room = enter(flow, wait, first.room());
        if (room == null) {
            return false;
        }
        full = null;
        loop.arm(flow, wait.sinceNanos + room.timeoutNanos());
        if (!pool.isInForce(asked)) {
            // Whoever puts another picker in force may have told those that waited before this one did.
            loop.execute(wait::anew);
        }
        return true;
    }

    /** Puts a flow into a queue; returns a room of it that says how long it waits, or null if it may not. */
    private @Nullable Room enter(LoopFlow flow, Wait wait, Room first) {
        // Who has tried a server is not to be given that one again.
        if (!bound && flow.failedTries() == 0) {
            Room patient = first.isPatient() ? first : patient(first.group());
            return patient != null && tryAdd(first.group(), wait) ? patient : null;
        }
        if (tryAdd(first.own(), wait)) {
            return first;
        }
        for (Room other : bound ? List.<Room>of() : first.group().rooms()) {
            if (other.isOpen() && !flow.tried(other.server()) && tryAdd(other.own(), wait)) {
                return other;
            }
        }
        return null;
    }

    private boolean tryAdd(ConnectQueue queue, Wait wait) {
        if (!queue.tryAdd(wait, loop.index(), loop.nowNanos())) {
            return false;
        }
        queue.look(loop.index());
        return true;
    }

    private static @Nullable Room patient(ConnectQueue group) {
        for (Room room : group.rooms()) {
            if (room.isPatient()) {
                return room;
            }
        }
        return null;
    }
}
