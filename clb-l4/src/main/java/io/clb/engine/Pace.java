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

    /** A turn is what is earned in 5 ms: longer than timers may be late, so that there is always a line, in which all take their turns alike. */
    private static final int TURNS_PER_SECOND = 200;

    /** The smallest turn: at 100 kbit/s there are 24 a second, so that what passes in some seconds is within one percent of what may. */
    private static final int LEAST_TURN = 512;

    /** The largest: as much as is read before the loop turns to its other channels. */
    private static final int MOST_TURN = 4 * 1_024 * 1_024;

    /** How long a line may be. */
    private static final int LINE_SECONDS = 60;

    private final List<RunLimit> limits;
    private final int turn;
    private final boolean moving;
    private final @Nullable Line[] lines;

    private Pace(List<RunLimit> limits, int loops) {
        this.limits = limits;
        this.turn = limits.stream().mapToInt(Pace::turn).min().orElse(MOST_TURN);
        this.moving = limits.stream().anyMatch(limit -> limit.sharedName() != null);
        this.lines = new Line[loops];
    }

    /**
     * Makes what keeps to limits; null for none.
     *
     * @param before what is in force: it stays, with those who wait, if an update leaves its limits alone
     */
    static @Nullable Pace of(List<RunLimit> limits, int loops, @Nullable Pace before) {
        if (before != null && before.limits.equals(limits)) {
            return before;
        }
        return limits.isEmpty() ? null : new Pace(List.copyOf(limits), loops);
    }

    private static int turn(RunLimit limit) {
        return turn(limit.share());
    }

    /** How many bytes a turn has where a limit lets so many bits through in a second. */
    static int turn(double bitsPerSecond) {
        double bytesPerSecond = bitsPerSecond / Byte.SIZE;
        return (int) Math.max(LEAST_TURN, Math.min(bytesPerSecond / TURNS_PER_SECOND, MOST_TURN));
    }

    /** How many bytes a turn has. */
    int turn() {
        return turn;
    }

    /** Whether a turn would have to wait now that a limit wants refused instead. */
    boolean refuses(Loop loop) {
        for (RunLimit limit : limits) {
            if (limit.limit().isRefusing() && limit.isSpent(turnBits(), loop)) {
                return true;
            }
        }
        return false;
    }

    private long turnBits() {
        return (long) turn * Byte.SIZE;
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
        for (int i = 0; limits.size() > 1 && i < limits.size(); i++) {
            if (limits.get(i).isSpent(bits, loop)) {
                return false;
            }
        }
        for (int i = 0; i < limits.size(); i++) {
            if (!limits.get(i).tryTakeBits(bits, loop)) {
                giveBack(i, bits, loop);
                return false;
            }
        }
        return true;
    }

    /** Whether a limit's share moves while it is in force, so that a place may come up sooner than was told. */
    boolean isMoving() {
        return moving;
    }

    /** Counts that some wait still, for the limits that have no turn left. */
    void waited(Loop loop) {
        for (RunLimit limit : limits) {
            if (limit.isSpent(turnBits(), loop)) {
                limit.meter().waited(loop);
            }
        }
    }

    /** How long a turn would have to wait behind all places that are taken; {@link RateLimiter#NEVER} for ever. */
    long waitBehindAll(Loop loop) {
        long longest = 0;
        for (RunLimit limit : limits) {
            longest = Math.max(longest, limit.waitForBits(turnBits(), loop));
        }
        return longest;
    }

    /** Takes a place for a turn in the line of every limit; returns how long to wait, or {@link RateLimiter#NEVER} if a line is too long. */
    long reserve(Loop loop) {
        return reserveBits(turnBits(), loop);
    }

    private long reserveBits(long bits, Loop loop) {
        long longest = 0;
        for (int i = 0; i < limits.size(); i++) {
            long wait = limits.get(i).reserveBits(bits, loop);
            if (wait == RateLimiter.NEVER) {
                giveBack(i, bits, loop);
                return wait;
            }
            longest = Math.max(longest, wait);
        }
        return longest;
    }

    /**
     * Takes places for what was read before it was known that these limits hold.
     *
     * @return how long it is to wait, until all of it is earned; {@link RateLimiter#NEVER} if a line is too long
     */
    long reserveRead(int bytes, Loop loop) {
        long wait = 0;
        int reserved = 0;
        for (int rest = bytes; rest > 0 && wait != RateLimiter.NEVER; rest -= turn) {
            wait = reserveBits((long) Math.min(rest, turn) * Byte.SIZE, loop);
            // Whole turns, as what comes after is not the last.
            reserved += wait == RateLimiter.NEVER ? 0 : 1;
        }
        if (wait == RateLimiter.NEVER) {
            refused(loop);
            // It is not served: the others are not to wait for it.
            for (; reserved > 0; reserved--) {
                giveBack(loop);
            }
            return wait;
        }
        if (wait > 0) {
            putOff(loop);
        }
        passed(bytes, loop);
        return wait;
    }

    /** When one who was refused may come again, in whole seconds; 0 if no limit that says so has it wait. */
    long retryAfterSeconds(Loop loop) {
        long longest = 0;
        for (RunLimit limit : limits) {
            if (limit.limit().saysRetryAfter()) {
                longest = Math.max(longest, limit.waitForBits(turnBits(), loop));
            }
        }
        // What never can be is not for anyone to wait for.
        return longest == RateLimiter.NEVER ? 0 : Admission.wholeSeconds(longest);
    }

    /** Gives back a place whose time has not come: the line has been ahead of every clock since, as if it were taken just now. */
    void giveBack(Loop loop) {
        for (RunLimit limit : limits) {
            limit.giveBackBits(turnBits(), loop, loop.nowNanos());
        }
    }

    /** Gives back what was taken in this turn of the loop. */
    private void giveBack(int count, long bits, Loop loop) {
        for (int i = 0; i < count; i++) {
            limits.get(i).giveBackBits(bits, loop, loop.readNanos());
        }
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
            if (limit.isSpent(turnBits(), loop)) {
                limit.meter().putOff(loop);
            }
        }
    }

    /** Counts what is refused or dropped, for the limits that have no turn left. */
    void refused(Loop loop) {
        for (RunLimit limit : limits) {
            if (limit.isSpent(turnBits(), loop)) {
                limit.meter().refused(loop);
            }
        }
    }

    /**
     * Lets a datagram through, or has it dropped. One that is larger than a turn passes when a turn is left, and those after it wait until the rest is earned; one that
     * takes more than a minute to earn never passes.
     *
     * @return false if it is to be dropped
     */
    boolean passes(int bytes, Loop loop) {
        if (takesTooLong(bytes) || !tryTake(Math.min(bytes, turn), loop)) {
            refused(loop);
            return false;
        }
        for (int rest = bytes - turn; rest > 0; rest -= turn) {
            reserveBits((long) Math.min(rest, turn) * Byte.SIZE, loop);
        }
        passed(bytes, loop);
        return true;
    }

    private boolean takesTooLong(int bytes) {
        for (RunLimit limit : limits) {
            if ((long) bytes * Byte.SIZE > limit.share() * LINE_SECONDS) {
                return true;
            }
        }
        return false;
    }
}
