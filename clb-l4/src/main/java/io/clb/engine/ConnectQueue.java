package io.clb.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Flows that wait for room, on one server or on any of a group. Each loop has a list of its own flows, in the order in which they joined, and shows all others since when
 * the first of them waits, so that whoever has room to give finds who waited longest.
 */
final class ConnectQueue {

    /** In place of a time: nobody waits. */
    static final long NOBODY = Long.MAX_VALUE;

    /** Keeps the words of two loops on different cache lines. */
    private static final int STRIDE = 16;

    private final @Nullable ConnectQueue wider;

    // each element belongs to its loop
    private final @Nullable Wait[] heads;
    private final @Nullable Wait[] tails;

    // each word is written by its loop, and by any when that has ended; read by any
    private final AtomicLongArray eldest;

    // stepped by any loop
    private final AtomicInteger waiting = new AtomicInteger();

    // written by control; read by any loop
    private volatile int most;
    private volatile List<Room> rooms = List.of();

    /**
     * Makes a queue.
     *
     * @param wider counts those who wait here too, and has a bound of its own; null for none
     */
    ConnectQueue(int loops, @Nullable ConnectQueue wider) {
        this.wider = wider;
        this.heads = new Wait[loops];
        this.tails = new Wait[loops];
        this.eldest = new AtomicLongArray((loops + 1) * STRIDE);
        for (int i = 0; i < loops; i++) {
            eldest.set(word(i), NOBODY);
        }
    }

    private static int word(int loop) {
        return (loop + 1) * STRIDE;
    }

    /** For how many loops it is. */
    int loops() {
        return heads.length;
    }

    /** Sets how many may wait at a time. Control only. */
    void most(int flows) {
        most = flows;
    }

    /** Sets who gives room to those who wait here. Control only. */
    void rooms(List<Room> givers) {
        rooms = givers;
    }

    /** Who gives room to those who wait here. Any thread. */
    List<Room> rooms() {
        return rooms;
    }

    /** Has those who give room look for whoever waits: a flow has just begun to. On its loop. */
    void look(int loop) {
        for (Room room : rooms) {
            room.look(loop);
        }
    }

    /** How many wait. Any thread. */
    int waiting() {
        return waiting.get();
    }

    /** Whether one more may wait now. Any thread. */
    boolean hasPlace() {
        return waiting.get() < most && (wider == null || wider.hasPlace());
    }

    /** Since when the first flow of a loop waits, or {@link #NOBODY}. Any thread. */
    long eldest(int loop) {
        return eldest.get(word(loop));
    }

    /**
     * Adds a flow. On its loop.
     *
     * @param nowNanos the loop's clock
     * @return false if no more may wait
     */
    boolean tryAdd(Wait wait, int loop, long nowNanos) {
        if (!tryCount()) {
            return false;
        }
        wait.begins(this, loop, nowNanos);
        Wait last = tails[loop];
        wait.previous = last;
        tails[loop] = wait;
        if (last != null) {
            last.next = wait;
        } else {
            heads[loop] = wait;
            show(loop);
        }
        return true;
    }

    private boolean tryCount() {
        for (int now = waiting.get(); now < most; now = waiting.get()) {
            if (waiting.compareAndSet(now, now + 1)) {
                if (wider == null || wider.tryCount()) {
                    return true;
                }
                waiting.decrementAndGet();
                return false;
            }
        }
        return false;
    }

    /** Takes a flow out, whose wait is over. On its loop. */
    void remove(Wait wait) {
        int index = wait.loop;
        Wait before = wait.previous;
        Wait after = wait.next;
        if (after != null) {
            after.previous = before;
        } else {
            tails[index] = before;
        }
        if (before != null) {
            before.next = after;
        } else {
            heads[index] = after;
            show(index);
        }
        wait.previous = null;
        wait.next = null;
        wait.queue = null;
        for (ConnectQueue at = this; at != null; at = at.wider) {
            at.waiting.decrementAndGet();
        }
    }

    private void show(int index) {
        Wait first = heads[index];
        eldest.set(word(index), first == null ? NOBODY : first.sinceNanos);
    }

    /** Shows that nobody waits on a loop, which has ended. Any thread. */
    void forget(int loop) {
        eldest.set(word(loop), NOBODY);
    }

    /** The first flow of a loop. On that loop. */
    @Nullable
    Wait first(int loop) {
        return heads[loop];
    }

    /** How many flows of a loop wait. On that loop. */
    int waiting(int loop) {
        int flows = 0;
        for (Wait wait = heads[loop]; wait != null; wait = wait.next) {
            flows++;
        }
        return flows;
    }

    /** Has the first flows of a loop look for a server anew. On that loop. */
    void dismiss(int loop, int flows) {
        for (int i = 0; i < flows; i++) {
            Wait first = heads[loop];
            if (first == null) {
                return;
            }
            first.anew();
        }
    }
}
