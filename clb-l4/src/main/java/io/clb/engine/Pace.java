package io.clb.engine;

import io.clb.spi.RateLimiter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bandwidth limits that one direction of a flow must keep: those of its rule, of its listener and of the balancer. Reads are cut into turns of equal size, and
 * whoever finds no bandwidth left takes a place in the limiters' line for its next turn: so flows that want more than there is share it alike, whichever loops they are on,
 * and what one does not want the others get.
 */
final class Pace {

    /** A turn lasts so long at this node's share, within the two bounds below. */
    private static final int TURNS_PER_SECOND = 200;

    /** The smallest turn: a full packet. */
    static final int LEAST_TURN = 1_500;

    /** The largest: no more than what is read at once otherwise. */
    private static final int MOST_TURN = 64 * 1_024;

    private final RunLimit[] limits;
    private final int turn;
    private final boolean refusing;
    private final @Nullable Line[] lines;

    private Pace(List<RunLimit> limits, int loops) {
        this.limits = limits.toArray(RunLimit[]::new);
        this.turn = limits.stream().mapToInt(Pace::turn).min().orElse(MOST_TURN);
        this.refusing = limits.stream().anyMatch(limit -> limit.limit().isRefusing());
        this.lines = new Line[loops];
    }

    /** Null for no limits. */
    static @Nullable Pace of(List<RunLimit> limits, int loops) {
        return limits.isEmpty() ? null : new Pace(limits, loops);
    }

    private static int turn(RunLimit limit) {
        double bytesPerSecond = limit.share() / Byte.SIZE;
        return (int) Math.max(LEAST_TURN, Math.min(bytesPerSecond / TURNS_PER_SECOND, MOST_TURN));
    }

    /** How many bytes a turn has. */
    int turn() {
        return turn;
    }

    /** Whether what would have to wait is refused. */
    boolean isRefusing() {
        return refusing;
    }

    /** The line of a loop. On that loop. */
    Line line(Loop loop) {
        Line line = lines[loop.index()];
        if (line == null) {
            line = new Line(this, loop);
            lines[loop.index()] = line;
        }
        return line;
    }

    /** Takes bytes from every limit now, or from none. */
    boolean tryTake(int bytes, Loop loop) {
        long bits = (long) bytes * Byte.SIZE;
        long now = loop.nowNanos();
        for (int i = 0; limits.length > 1 && i < limits.length; i++) {
            if (limits[i].onLoop(loop).peek(bits, now) > 0) {
                return false;
            }
        }
        for (int i = 0; i < limits.length; i++) {
            if (limits[i].onLoop(loop).tryAcquire(bits, now) > 0) {
                giveBack(i, bits, loop);
                return false;
            }
        }
        return true;
    }

    /** Takes a place for a turn in the line of every limit; returns how long to wait, or {@link RateLimiter#NEVER} if a line is too long. */
    long reserve(Loop loop) {
        long bits = (long) turn * Byte.SIZE;
        long now = loop.nowNanos();
        long longest = 0;
        for (int i = 0; i < limits.length; i++) {
            long wait = limits[i].onLoop(loop).reserve(bits, now);
            if (wait == RateLimiter.NEVER) {
                giveBack(i, bits, loop);
                return wait;
            }
            longest = Math.max(longest, wait);
        }
        return longest;
    }

    /** Within one turn of the loop: no later clock can have come between. */
    private void giveBack(int count, long bits, Loop loop) {
        for (int i = 0; i < count; i++) {
            limits[i].onLoop(loop).giveBack(bits, loop.nowNanos(), loop.readNanos());
        }
    }

    /** Whether a turn would have to wait now. */
    boolean isSpent(Loop loop) {
        for (RunLimit limit : limits) {
            if (isSpent(limit, loop)) {
                return true;
            }
        }
        return false;
    }

    private boolean isSpent(RunLimit limit, Loop loop) {
        return limit.onLoop(loop).peek((long) turn * Byte.SIZE, loop.nowNanos()) > 0;
    }

    /** Counts what was read. */
    void passed(int bytes, Loop loop) {
        for (RunLimit limit : limits) {
            limit.meter().passed(loop, (long) bytes * Byte.SIZE);
        }
    }

    /** Counts a read that is put off, for the limits that have no turn left. */
    void putOff(Loop loop) {
        for (RunLimit limit : limits) {
            if (isSpent(limit, loop)) {
                limit.meter().putOff(loop);
            }
        }
    }

    /** Counts what is refused or dropped, for the limits that have no turn left. */
    void refused(Loop loop) {
        for (RunLimit limit : limits) {
            if (isSpent(limit, loop)) {
                limit.meter().refused(loop);
            }
        }
    }

    /**
     * Lets a datagram through, or has it dropped. One that is larger than a turn passes when a turn is left, and those after it wait until the rest is earned.
     *
     * @return false if it is to be dropped
     */
    boolean passes(int bytes, Loop loop) {
        if (!tryTake(Math.min(bytes, turn), loop)) {
            refused(loop);
            return false;
        }
        for (int rest = bytes - turn; rest > 0; rest -= turn) {
            for (RunLimit limit : limits) {
                limit.onLoop(loop).reserve((long) Math.min(rest, turn) * Byte.SIZE, loop.nowNanos());
            }
        }
        passed(bytes, loop);
        return true;
    }
}
