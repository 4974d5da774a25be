package io.clb.ratelimit;

import static io.clb.ratelimit.GcraLimiter.PADDED;
import static io.clb.ratelimit.Stretch.PERMIT_BITS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.clb.spi.RateLimiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Lets a share of a total through that moves between nodes at run time: the generic cell rate algorithm on one word, as {@link GcraLimiter}, on a
 * clock whose rate changes.
 *
 * <p>A node has so many {@link Parts} of the total. Control, or a thread for that, {@linkplain #move moves} them, ten times a second or so, and says with each move how long
 * it holds and how many parts the node has from then on. Loops go by that on their own: a process that was frozen past the deadline finds itself with
 * what is left to it, whether control runs again or not.
 *
 * <p><b>The bound.</b> In any window no more is let through than the share earned in it, and the largest burst that held in it: 100 ms of the share in
 * force, or what must fit at once if that is more. A move makes no permit. What may be taken in all goes on from where it was. A smaller burst cuts
 * what was saved up to what fits into it; a larger one has to be earned. Under steady demand nothing of the share is lost but what its rate is rounded
 * down by, less than one part in a million; who comes after a pause may lose 2^-15 of a permit, and so may who takes all
 * that fits at once, each time: 31 parts in a million where that is one permit.
 *
 * <p><b>The clocks of loops</b> may be behind that of control. A clock that is behind the last move is taken to be there. A call that is under way
 * during a move goes by what holds before it or by what holds after it. So who has moved parts away gives them to another node when {@code move} has
 * returned.
 *
 * <p><b>The line.</b> Who has {@linkplain #reserve reserved} permits keeps the place that he was told, through all moves. Where the share falls, the
 * line in front of it is served faster than the share that is left: in a window there may be as many permits beyond the bound as were promised before
 * the move, a minute's of the share before it at most. They are paid for afterwards: who comes then waits for them too. Where the share rises, those
 * who come later may be told sooner places than those before them, and who keeps to his own uses permits that have been earned long since: again no
 * more come on top than were promised. Within one move the line is in order and exact. No place is more than a minute away when it is told.
 *
 * <p>Words wrap: a word that is ahead by more than burst, line and the difference between two clocks is taken to be behind, and each move pulls along
 * a word that is. Only who is neither moved nor asked for an hour, at 100 Gbit/s, may find a line that is none.
 *
 * <p>No loop leases permits: it would hold some of a share that has been given up.
 */
public final class MovingLimiter implements RateLimiter {

    /** What to wait where nobody knows, as nothing is earned before the next move. Moves come as often; not measured. */
    private static final long LOOK_AGAIN_NANOS = MILLISECONDS.toNanos(100);

    /** The longest wait of who takes nothing in any case. */
    private static final long TAKE_NONE = -1;

    // read and stepped by any loop; control pulls it along
    private final AtomicLongArray words = new AtomicLongArray(2 * PADDED);

    // written by control and by whoever moves shares; read by any loop
    private volatile Segment segment;

    // guarded by this: control and whoever moves shares
    private long leastBurst;
    private Share whole;
    private long parts;
    private long partsAfter;
    private long untilNanos;

    /**
     * Makes a limiter with a full burst.
     *
     * @param total so many permits for the whole cluster, 1 to 100,000,000,000
     * @param period in so long a time, 1 s to 3,600 s in whole seconds
     * @param leastBurst how many permits must fit at once, though they be more than 100 ms of the share: 1, or a read's worth of bits; up to 2^44
     * @param parts what of the total this node has until the first move: 0 to 2^44, and 2^40 are the whole
     * @param nowNanos the time now, by the same clock as that of the loops
     * @throws IllegalArgumentException if one of them is out of range
     */
    public MovingLimiter(long total, Duration period, long leastBurst, long parts, long nowNanos) {
        whole = Share.of(total, period, 1);
        Share.check("leastBurst", leastBurst, 1, Stretch.MOST_BURST);
        Share.check("parts", parts, 0, Parts.MAX);
        this.leastBurst = leastBurst;
        this.parts = parts;
        partsAfter = parts;
        segment = Segment.first(Stretch.first(whole, parts, leastBurst, nowNanos));
    }

    /**
     * Changes what this node may let through. Ends {@link #open}. Called by control.
     *
     * @param parts what of the total the node has from now on: 0 to 2^44, and 2^40 are the whole; with 0 nothing is earned
     * @param untilNanos the deadline, less than 292 years away; if it is past, {@code partsAfter} hold at once
     * @param partsAfter what the node has from the deadline on: 0 to {@code parts}
     * @param nowNanos the time now, by the same clock as that of the loops; not before that of the move before
     * @throws IllegalArgumentException if a number of parts is out of range; nothing is changed then
     */
    public synchronized void move(long parts, long untilNanos, long partsAfter, long nowNanos) {
        Share.check("parts", parts, 0, Parts.MAX);
        Share.check("partsAfter", partsAfter, 0, parts);
        this.parts = parts;
        this.untilNanos = untilNanos;
        this.partsAfter = partsAfter;
        segment = next(nowNanos);
    }

    /**
     * Changes the total and the least burst, and leaves the parts, the deadline and what is open as they are. Called by control.
     *
     * @param total so many permits for the whole cluster, 1 to 100,000,000,000
     * @param period in so long a time, 1 s to 3,600 s in whole seconds
     * @param leastBurst how many permits must fit at once: 1 to 2^44
     * @param nowNanos the time now, by the same clock as that of the loops; not before that of the move before
     * @throws IllegalArgumentException if one of them is out of range; nothing is changed then
     */
    public synchronized void total(long total, Duration period, long leastBurst, long nowNanos) {
        Share changed = Share.of(total, period, 1);
        Share.check("leastBurst", leastBurst, 1, Stretch.MOST_BURST);
        whole = changed;
        this.leastBurst = leastBurst;
        Segment next = next(nowNanos);
        segment = segment.isOpen() ? next.opened() : next;
    }

    /**
     * Limits nothing until the next move. What is let through meanwhile is not counted; then the limiter goes on as if nobody had come. Called by
     * control.
     */
    public synchronized void open() {
        segment = segment.opened();
    }

    /** What holds from now on by what control has set. */
    private Segment next(long nowNanos) {
        Segment last = segment;
        Stretch running = last.at(nowNanos);
        // Control's clock is not behind itself, unless callers are.
        long now = nowNanos - running.originNanos() > 0 ? nowNanos : running.originNanos();
        if (parts != partsAfter && untilNanos - now <= 0) {
            parts = partsAfter;
        }
        Stretch first = running.next(whole, parts, leastBurst, now);
        Stretch after = parts == partsAfter ? first : first.next(whole, partsAfter, leastBurst, untilNanos);
        pull(last, running.readUp(now, running.read(now)));
        return last.next(first, after, untilNanos);
    }

    /**
     * Pulls along a word that has fallen behind. So what was saved up is what fitted into the burst until now, and no more of it if that becomes larger;
     * and no word comes round.
     */
    private void pull(Segment last, long read) {
        long word = words.get(PADDED);
        while (word != read && last.ahead(word, read) == 0 && !words.compareAndSet(PADDED, word, read)) {
            word = words.get(PADDED);
        }
    }

    /**
     * Takes permits, all or none.
     *
     * @return 0 if they were taken; else the nanoseconds after which they will have been earned if no move comes before, a day at most; 100 ms where
     *     that can only come of a move; {@link #NEVER} if they do not fit into the burst of the share in force
     */
    @Override
    public long tryAcquire(long permits, long nowNanos) {
        Segment now = segment;
        return fits(permits, nowNanos, now) ? known(take(permits, nowNanos, now, 0)) : NEVER;
    }

    @Override
    public long reserve(long permits, long nowNanos) {
        Segment now = segment;
        long wait = fits(permits, nowNanos, now) ? take(permits, nowNanos, now, Segment.LINE_NANOS) : NEVER;
        return wait > Segment.LINE_NANOS ? NEVER : wait;
    }

    @Override
    public long peek(long permits, long nowNanos) {
        Segment now = segment;
        return fits(permits, nowNanos, now) ? known(take(permits, nowNanos, now, TAKE_NONE)) : NEVER;
    }

    private static boolean fits(long permits, long nowNanos, Segment now) {
        return now.isOpen() || permits <= now.at(nowNanos).burstPermits();
    }

    private static long known(long wait) {
        return wait == NEVER ? LOOK_AGAIN_NANOS : wait;
    }

    /**
     * Takes permits that fit into the burst, unless they have to wait for longer than that.
     *
     * @return the nanoseconds until they will have been earned
     */
    private long take(long permits, long nowNanos, Segment now, long mostNanos) {
        if (now.isOpen()) {
            return 0;
        }
        Stretch stretch = now.at(nowNanos);
        long price = permits << PERMIT_BITS;
        long read = stretch.read(nowNanos);
        while (true) {
            long word = words.get(PADDED);
            long ahead = now.ahead(word, read);
            long missing = ahead + price - stretch.burst();
            long wait = missing > 0 ? now.nanosUntil(missing, price, nowNanos, read) : 0;
            if (wait > mostNanos) {
                return wait;
            }
            long from = ahead > 0 ? word : stretch.readUp(nowNanos, read);
            if (words.compareAndSet(PADDED, word, from + price)) {
                return wait;
            }
        }
    }

    /**
     * Gives back what is left of the price when all is taken off that has been earned since. Across a move that changes the burst, what was cut or is
     * yet to be earned is taken off too. Lost is what was taken before the last move but one, more than a minute ago, or while all was open; and
     * within a second after it was, or after two moves within 10 ms.
     */
    @Override
    public void giveBack(long permits, long takenNanos, long nowNanos) {
        long left = segment.left(permits << PERMIT_BITS, takenNanos, nowNanos);
        if (left > 0) {
            words.getAndAdd(PADDED, -left);
        }
    }

    /** This: what a loop had leased would be permits of a share that has been given up. */
    @Override
    public RateLimiter onLoop(int loop) {
        return this;
    }
}
