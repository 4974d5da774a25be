package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.clb.spi.RateLimiter;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Lets a share through, exactly: the generic cell rate algorithm [1] on one word.
 *
 * <p>The word is what all permits taken so far amount to on the share's own {@linkplain PermitClock clock}, which counts fractions of permits. Each
 * permit moves it on by its price, and it may run ahead of the clock by the burst: 100 ms of the share, or what must fit at once if that is more.
 * Where it has fallen behind the clock, it starts from the clock.
 *
 * <p>It starts from the clock rounded up, and is compared with the clock rounded down. So in any window, from a to b, no more is taken than
 * {@code floor(b) + burst - ceil(a)}: never more than the share of it and one burst. Under steady demand nothing is lost; who comes after a pause may
 * lose a unit, an eighth of a nanosecond at most.
 *
 * <p>A line of {@linkplain #reserve reserved} permits lets the word run ahead by a minute more. Waits are rounded up to whole nanoseconds: of a line,
 * two who were told to wait may come closer by less than one.
 *
 * <p>Words wrap, 34 years after they were written or later. One that is ahead by more than burst, line and the difference between two loops'
 * clocks is therefore taken to be behind. Who was idle for just so long that it has come round may find a line that is none: he waits then, and
 * nobody gets a permit too many.
 *
 * <p>Takes 416 bytes, and 316 more for each loop if it {@linkplain #onLoop leases}: most of it to keep words off each other's cache lines.
 *
 * <p>[1] ITU-T I.371, annex A: virtual scheduling algorithm.
 */
public final class GcraLimiter implements RateLimiter {

    /** The longest line. */
    private static final long LINE_NANOS = MINUTES.toNanos(1);

    /** What the clocks of two loops may differ by: each is read once per turn, and a turn is far shorter. */
    private static final long SKEW_NANOS = SECONDS.toNanos(1);

    /** A unit of an eighth of a nanosecond or less: finer than clocks are read. */
    private static final int SECOND_BITS = 34;

    /** Half of the range of differences, so that line and skew have room beside it. */
    private static final int BURST_BITS = 62;

    /** The word's place in its array: its cache line, and the neighbour that the prefetcher takes along, are its own. */
    static final int PADDED = 16;

    private final PermitClock clock;
    private final long burst;
    private final long horizon;

    /** What each loop asks; empty where nothing is leased. */
    private final LeasingLimiter[] leasing;

    // read and stepped by any loop
    private final AtomicLongArray words = new AtomicLongArray(2 * PADDED);

    /**
     * Makes a limiter with a full burst, that leases nothing.
     *
     * @param share what to let through
     * @param leastBurst how many permits must fit at once, though they be more than 100 ms of the share: 1, or a read's worth of bits
     * @param nowNanos the loop's clock
     * @throws IllegalArgumentException if no permit is to fit, or so many that the share takes more than 73 years for them
     */
    public GcraLimiter(Share share, long leastBurst, long nowNanos) {
        this(share, leastBurst, 0, nowNanos, null);
    }

    /**
     * Makes a limiter that goes on where another stands: what that one could let through now, this one can, as far as it fits into its own burst, and
     * no more. So a limit that changes gives nothing away: all together no more is let through than was earned and one burst.
     *
     * @param loops how many loops may lease permits
     * @param previous null to start with a full burst
     */
    GcraLimiter(Share share, long leastBurst, int loops, long nowNanos, @Nullable GcraLimiter previous) {
        this(
                new PermitClock(share, leastBurst, SECOND_BITS, BURST_BITS, nowNanos),
                leastBurst,
                loops,
                nowNanos,
                previous);
    }

    /**
     * Counts on a clock that reads 0 now.
     *
     * @param leastBurst how many permits must fit at once also where loops lease some
     */
    GcraLimiter(PermitClock clock, long leastBurst, int loops, long nowNanos, @Nullable GcraLimiter previous) {
        this.clock = clock;
        burst = clock.burst();
        horizon = burst + clock.earned(LINE_NANOS + SKEW_NANOS) + 1;
        long room = previous == null ? burst : clock.converted(previous.room(nowNanos), previous.clock, burst);
        words.set(PADDED, burst - room);
        leasing = LeasingLimiter.forLoops(loops, this, leastBurst);
    }

    /** What of the burst is free. None where there is a line, or the clock of the loop that took the last permit is ahead. */
    private long room(long nowNanos) {
        return Math.max(0, burst - ahead(words.get(PADDED), clock.read(nowNanos)));
    }

    /** How far the word is ahead of the clock; 0 if it is behind. */
    private long ahead(long word, long now) {
        long ahead = word - now;
        return ahead > 0 && ahead <= horizon ? ahead : 0;
    }

    /** How many permits can be taken at once. */
    long burstPermits() {
        return clock.permits(burst);
    }

    @Override
    public long tryAcquire(long permits, long nowNanos) {
        return tryAcquire(permits, 0, nowNanos);
    }

    @Override
    public long reserve(long permits, long nowNanos) {
        return reserve(permits, 0, nowNanos);
    }

    @Override
    public long peek(long permits, long nowNanos) {
        return peek(permits, 0, nowNanos);
    }

    /**
     * Takes permits, and leaves some.
     *
     * @param kept how many of the burst must not be touched
     */
    long tryAcquire(long permits, long kept, long nowNanos) {
        long most = burst - clock.units(kept);
        if (permits > clock.permits(most)) {
            return NEVER;
        }
        long price = clock.units(permits);
        long now = clock.read(nowNanos);
        while (true) {
            long word = words.get(PADDED);
            long missing = ahead(word, now) - (most - price);
            if (missing > 0) {
                return clock.nanosUntil(missing, nowNanos, now);
            }
            if (step(word, price, nowNanos, now)) {
                return 0;
            }
        }
    }

    long reserve(long permits, long kept, long nowNanos) {
        long most = burst - clock.units(kept);
        if (permits > clock.permits(most)) {
            return NEVER;
        }
        long price = clock.units(permits);
        long now = clock.read(nowNanos);
        while (true) {
            long word = words.get(PADDED);
            long missing = ahead(word, now) - (most - price);
            long wait = missing > 0 ? clock.nanosUntil(missing, nowNanos, now) : 0;
            if (wait > LINE_NANOS) {
                return NEVER;
            }
            if (step(word, price, nowNanos, now)) {
                return wait;
            }
        }
    }

    long peek(long permits, long kept, long nowNanos) {
        long most = burst - clock.units(kept);
        if (permits > clock.permits(most)) {
            return NEVER;
        }
        long now = clock.read(nowNanos);
        long missing = ahead(words.get(PADDED), now) - (most - clock.units(permits));
        return missing > 0 ? clock.nanosUntil(missing, nowNanos, now) : 0;
    }

    /** Moves the word on by a price: from where it is, or from the clock if it is behind. */
    private boolean step(long word, long price, long nowNanos, long now) {
        long from = ahead(word, now) > 0 ? word : clock.readUp(nowNanos, now);
        return words.compareAndSet(PADDED, word, from + price);
    }

    /**
     * Gives back what is left of the price when what has been earned since is taken off.
     *
     * <p>As if they had never been taken: the word was ahead of all clocks by that much more than it would have been without, so whoever took since then
     * did so from the word; and without, he might have started from his clock, which has come no nearer to the word than what was earned.
     *
     * @param nowNanos read anew, so that no loop has taken by a later clock; what one earns in the time by which its clock is later, it may gain
     */
    @Override
    public void giveBack(long permits, long takenNanos, long nowNanos) {
        long taken = clock.read(takenNanos);
        long now = clock.read(nowNanos);
        long earned = Math.max(0, clock.readUp(nowNanos, now) - clock.readUp(takenNanos, taken));
        long left = clock.units(permits) - earned;
        if (left > 0) {
            words.getAndAdd(PADDED, -left);
        }
    }

    /** Where the burst is large enough: a view that leases permits, of which any number may be asked that fits into 3/4 of the burst. */
    @Override
    public RateLimiter onLoop(int loop) {
        return leasing.length == 0 ? this : leasing[Objects.checkIndex(loop, leasing.length)];
    }
}
