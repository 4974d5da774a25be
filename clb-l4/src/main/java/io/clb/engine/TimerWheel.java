package io.clb.engine;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timeouts of one loop: a hierarchical timing wheel (G. Varghese, A. Lauck, Hashed and Hierarchical Timing Wheels, SOSP 1987). Arming and
 * cancelling take constant time and allocate nothing.
 *
 * <p>Five levels of 64 slots; a tick is 2^22 ns (4.2 ms), so the levels span 0.27 s, 17 s, 18 min, 20 h and 52 days. A timeout waits on the
 * lowest level that reaches as far, and moves down when the slot it waits in begins. One bit for each slot says whether it may hold something, so
 * that {@link #advance} jumps over time in which nothing happens; cancelling leaves its bit, at the price of one idle step later.
 */
final class TimerWheel {

    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);

    /** A time that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int TICK_SHIFT = 22;
    private static final int SLOT_BITS = 6;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int SLOT_MASK = SLOTS - 1;
    private static final int LEVELS = 5;
    private static final long MAX_TICKS = (1L << (SLOT_BITS * LEVELS)) - 1;

    private final Timeout[][] slots = new Timeout[LEVELS][SLOTS];
    private final long[] occupied = new long[LEVELS];
    private final Timeout due = new Head();
    private final long originNanos;
    private long currentTick;

    TimerWheel(long nowNanos) {
        originNanos = nowNanos;
        for (Timeout[] level : slots) {
            for (int slot = 0; slot < SLOTS; slot++) {
                level[slot] = new Head();
            }
        }
    }

    /**
     * Arms a timeout, or moves one that is armed.
     *
     * @return the tick at which {@link #advance} has something to do for it
     */
    long arm(Timeout timeout, long deadlineNanos) {
        unlink(timeout);
        long ticks = (deadlineNanos - originNanos + (1L << TICK_SHIFT) - 1) >> TICK_SHIFT;
        timeout.tick = Math.max(ticks, currentTick + 1);
        return place(timeout);
    }

    void cancel(Timeout timeout) {
        unlink(timeout);
    }

    /** Runs what is due. */
    void advance(long nowNanos) {
        long target = (nowNanos - originNanos) >> TICK_SHIFT;
        for (long tick = nextTick(); tick <= target; tick = nextTick()) {
            currentTick = tick;
            for (int level = LEVELS - 1; level > 0; level--) {
                if ((tick & ((1L << (SLOT_BITS * level)) - 1)) == 0) {
                    cascade(level, slot(tick, level));
                }
            }
            expire(slot(tick, 0), nowNanos);
        }
        currentTick = Math.max(currentTick, target);
    }

    /** The next tick at which there is something to do, or {@link #NEVER}. */
    long nextTick() {
        long next = NEVER;
        for (int level = 0; level < LEVELS; level++) {
            if (occupied[level] != 0) {
                int shift = SLOT_BITS * level;
                long after = (currentTick >> shift) + 1;
                int steps = Long.numberOfTrailingZeros(Long.rotateRight(occupied[level], (int) after & SLOT_MASK));
                next = Math.min(next, (after + steps) << shift);
            }
        }
        return next;
    }

    /** The clock's time at a tick. */
    long nanosAt(long tick) {
        return originNanos + (tick << TICK_SHIFT);
    }

    private long place(Timeout timeout) {
        // What lies beyond the last level waits in it as long as it can, and is placed again.
        long tick = Math.min(timeout.tick, currentTick + MAX_TICKS);
        long delta = tick - currentTick;
        int level = 0;
        while ((delta >> (SLOT_BITS * (level + 1))) != 0) {
            level++;
        }
        int slot = slot(tick, level);
        link(slots[level][slot], timeout);
        occupied[level] |= 1L << slot;
        return (tick >> (SLOT_BITS * level)) << (SLOT_BITS * level);
    }

    private static int slot(long tick, int level) {
        return (int) (tick >> (SLOT_BITS * level)) & SLOT_MASK;
    }

    private void cascade(int level, int slot) {
        Timeout head = slots[level][slot];
        occupied[level] &= ~(1L << slot);
        for (Timeout timeout = first(head); timeout != null; timeout = first(head)) {
            unlink(timeout);
            place(timeout);
        }
    }

    /** Moves a slot's timeouts aside first: those that expire may arm and cancel any other. */
    private void expire(int slot, long nowNanos) {
        Timeout head = slots[0][slot];
        occupied[0] &= ~(1L << slot);
        for (Timeout timeout = first(head); timeout != null; timeout = first(head)) {
            unlink(timeout);
            link(due, timeout);
        }
        for (Timeout timeout = first(due); timeout != null; timeout = first(due)) {
            unlink(timeout);
            try {
                timeout.expired(nowNanos);
            } catch (RuntimeException | Error e) {
                LOG.error("a timeout failed; the others go on", e);
            }
        }
    }

    private static @Nullable Timeout first(Timeout head) {
        return head.next == head ? null : head.next;
    }

    private static void link(Timeout head, Timeout timeout) {
        Timeout last = requireNonNull(head.previous);
        timeout.previous = last;
        timeout.next = head;
        last.next = timeout;
        head.previous = timeout;
    }

    private static void unlink(Timeout timeout) {
        Timeout previous = timeout.previous;
        Timeout next = timeout.next;
        if (previous != null && next != null) {
            previous.next = next;
            next.previous = previous;
            timeout.previous = null;
            timeout.next = null;
        }
    }

    /** The fixed point of a circular list. */
    private static final class Head extends Timeout {

        Head() {
            previous = this;
            next = this;
        }

        @Override
        protected void expired(long nowNanos) {
            throw new AssertionError("the head of a list is never due");
        }
    }
}
