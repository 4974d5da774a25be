package io.clb.ratelimit;

import static io.clb.spi.RateLimiter.NEVER;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import org.jspecify.annotations.Nullable;

/**
 * What holds from one move of a share to the next: a {@link Stretch} until a deadline, and the one after it. Or an open one, in which nothing is
 * limited, and whose stretches only tell where the next segment goes on. Immutable.
 */
final class Segment {

    /** The longest line. */
    static final long LINE_NANOS = MINUTES.toNanos(1);

    /** What the clocks of two loops, or that of control, may differ by: each is read once per turn, and a turn is far shorter. */
    private static final long SKEW_NANOS = SECONDS.toNanos(1);

    /** What control may take from reading its clock to moving a share; not measured. */
    private static final long SHORT_NANOS = MILLISECONDS.toNanos(10);

    private final boolean open;
    private final Stretch first;
    private final Stretch after;
    private final long untilNanos;
    private final long horizon;

    /** What held until control's last move, without what held before that. */
    private final @Nullable Segment before;

    /** What was taken no later than that is not given back. */
    private final long backNanos;

    private Segment(
            boolean open,
            Stretch first,
            Stretch after,
            long untilNanos,
            long horizon,
            @Nullable Segment before,
            long backNanos) {
        this.open = open;
        this.first = first;
        this.after = after;
        this.untilNanos = untilNanos;
        this.horizon = horizon;
        this.before = before;
        this.backNanos = backNanos;
    }

    /** One without end, and with nothing before it. */
    static Segment first(Stretch only) {
        return new Segment(false, only, only, 0, horizon(only), null, only.originNanos() - SKEW_NANOS);
    }

    /** What holds after this. */
    Segment next(Stretch first, Stretch after, long untilNanos) {
        long farthest = Math.max(horizon, horizon(first));
        return new Segment(
                false, first, after, untilNanos, farthest, open ? null : alone(), backFrom(first.originNanos()));
    }

    /** Who took after that, did so in this segment or in the one that begins. */
    private long backFrom(long nextNanos) {
        long origin = first.originNanos();
        if (open || nextNanos - origin < SHORT_NANOS) {
            // Who took by a clock that is ahead of control's may have done so before this, or where nothing is counted.
            return nextNanos + SKEW_NANOS;
        }
        return origin - backNanos > 0 ? origin : backNanos;
    }

    private Segment alone() {
        return new Segment(open, first, after, untilNanos, horizon, null, backNanos);
    }

    /** The same, with nothing limited. */
    Segment opened() {
        return new Segment(true, first, after, untilNanos, horizon, null, backNanos);
    }

    /** Words are ahead by no more than that, in all segments so far: burst, line and the difference between two clocks. */
    private static long horizon(Stretch stretch) {
        return stretch.burst() + stretch.earned(LINE_NANOS + SKEW_NANOS) + 1;
    }

    boolean isOpen() {
        return open;
    }

    /** What holds at a time. */
    Stretch at(long nowNanos) {
        return nowNanos - untilNanos >= 0 ? after : first;
    }

    /** How far a word is ahead of a reading; 0 if it is behind. */
    long ahead(long word, long read) {
        long ahead = word - read;
        return ahead > 0 && ahead <= horizon ? ahead : 0;
    }

    /**
     * The time after which so much more will have been earned that a price can be paid.
     *
     * @param missing 1 or more units
     * @param read what the stretch that holds now {@linkplain Stretch#read reads}
     * @return nanoseconds; {@link io.clb.spi.RateLimiter#NEVER} unless there is a move before
     */
    long nanosUntil(long missing, long price, long nowNanos, long read) {
        Stretch stretch = at(nowNanos);
        long behind = Math.max(0, stretch.originNanos() - nowNanos);
        long wait = stretch.nanosUntil(missing, nowNanos, read);
        long left = untilNanos - nowNanos - behind;
        if (stretch != after && wait >= left) {
            wait = nanosFromDeadline(read + missing + stretch.burst(), price);
            behind += left;
        }
        return wait == NEVER ? NEVER : wait + behind;
    }

    /** The same from the deadline on, until what may be taken in all is so much. */
    private long nanosFromDeadline(long ceiling, long price) {
        long read = after.read(untilNanos);
        long missing = ceiling - after.burst() - read;
        if (price > after.burst()) {
            return NEVER;
        }
        return missing > 0 ? after.nanosUntil(missing, untilNanos, read) : 0;
    }

    /**
     * What is left of a price when all is taken off that may have been earned, or cut from what was saved up, since.
     *
     * <p>Who took may have done so here or in the segment before. So it is counted from the lower of both readings then, to the higher of both now.
     *
     * @return units; 0 or less if nothing is left, or nobody knows
     */
    long left(long price, long takenNanos, long nowNanos) {
        if (open || takenNanos - backNanos <= 0 || nowNanos - takenNanos > LINE_NANOS) {
            return 0;
        }
        long taken = readUp(takenNanos);
        long now = readUp(nowNanos);
        if (before != null) {
            taken -= Math.max(0, taken - before.readUp(takenNanos));
            now += Math.max(0, before.readUp(nowNanos) - now);
        }
        return price - Math.max(0, now - taken);
    }

    private long readUp(long nowNanos) {
        Stretch stretch = at(nowNanos);
        return stretch.readUp(nowNanos, stretch.read(nowNanos));
    }
}
