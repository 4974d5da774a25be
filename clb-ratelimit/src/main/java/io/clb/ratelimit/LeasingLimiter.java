package io.clb.ratelimit;

import io.clb.spi.RateLimiter;

/**
 * What one loop asks in place of a limiter that it shares with others: leases permits from it in batches, and spends them without an atomic
 * instruction. Confined to its loop.
 *
 * <p>Each of the loops holds a batch at most, and all batches together are kept out of the burst of the shared word. So in any window all loops together
 * take no more than the share of it and one burst: what they held at its beginning, and what the word let through in it.
 *
 * <p>Under steady demand they take no less than the share, but for a batch that each loop may hold and not use. An update of the limit loses what
 * is held. When there is no batch to be had, exactly what is asked for is leased, and so nobody is refused what the others have left.
 */
final class LeasingLimiter implements RateLimiter {

    /** A batch's part of an atomic instruction is then below a nanosecond, also if all loops contend for it. */
    private static final long MOST_PERMITS = 64;

    /** With less there is little to gain, and what an idle loop holds would be missed. */
    static final long LEAST_PERMITS = 16;

    /** All loops together hold so much of the burst at most. */
    private static final long PART_OF_BURST = 4;

    private final GcraLimiter shared;
    private final long batch;

    /** All loops' batches. */
    private final long kept;

    // the permits held: read and written by the loop alone, and far from what other loops write
    private final long[] held = new long[2 * GcraLimiter.PADDED];

    private LeasingLimiter(GcraLimiter shared, long batch, long kept) {
        this.shared = shared;
        this.batch = batch;
        this.kept = kept;
    }

    /**
     * Makes one for each loop; none where a batch would be less than {@link #LEAST_PERMITS}.
     *
     * @param leastBurst how many permits must still fit at once
     */
    static LeasingLimiter[] forLoops(int loops, GcraLimiter shared, long leastBurst) {
        if (loops == 0) {
            return new LeasingLimiter[0];
        }
        long burst = shared.burstPermits();
        long batch = Math.min(MOST_PERMITS, Math.min(burst / PART_OF_BURST, burst - leastBurst) / loops);
        LeasingLimiter[] all = new LeasingLimiter[batch < LEAST_PERMITS ? 0 : loops];
        for (int loop = 0; loop < all.length; loop++) {
            all[loop] = new LeasingLimiter(shared, batch, batch * loops);
        }
        return all;
    }

    long batch() {
        return batch;
    }

    @Override
    public long tryAcquire(long permits, long nowNanos) {
        long holds = held[GcraLimiter.PADDED];
        if (permits <= holds) {
            held[GcraLimiter.PADDED] = holds - permits;
            return 0;
        }
        return lease(permits, holds, nowNanos);
    }

    private long lease(long permits, long holds, long nowNanos) {
        if (permits > shared.burstPermits() - kept) {
            return NEVER;
        }
        long lacking = permits - holds;
        if (lacking <= batch && shared.tryAcquire(batch, kept, nowNanos) == 0) {
            held[GcraLimiter.PADDED] = batch - lacking;
            return 0;
        }
        long wait = shared.tryAcquire(lacking, kept, nowNanos);
        if (wait == 0) {
            held[GcraLimiter.PADDED] = 0;
        }
        return wait;
    }

    /** Waits for all or for none: what is held would be used later than it was taken, and the loop hold more than a batch meanwhile. */
    @Override
    public long reserve(long permits, long nowNanos) {
        return tryAcquire(permits, nowNanos) == 0 ? 0 : shared.reserve(permits, kept, nowNanos);
    }

    @Override
    public long peek(long permits, long nowNanos) {
        long holds = held[GcraLimiter.PADDED];
        if (permits <= holds) {
            return 0;
        }
        return permits > shared.burstPermits() - kept ? NEVER : shared.peek(permits - holds, kept, nowNanos);
    }

    /** Holds them again, as far as they fit into the batch. */
    @Override
    public void giveBack(long permits, long takenNanos, long nowNanos) {
        long fitting = Math.min(permits, batch - held[GcraLimiter.PADDED]);
        held[GcraLimiter.PADDED] += fitting;
        if (fitting < permits) {
            shared.giveBack(permits - fitting, takenNanos, nowNanos);
        }
    }
}
