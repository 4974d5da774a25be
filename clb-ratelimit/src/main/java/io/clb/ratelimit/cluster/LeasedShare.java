package io.clb.ratelimit.cluster;

import io.clb.ratelimit.Parts;
import org.jspecify.annotations.Nullable;

/**
 * This node's share of one limit that is leased. While its home part may be deposited, it has a 32nd of that, and what the bucket grants; else it has the home part.
 */
final class LeasedShare {

    /** A node deposits all but this part of what is its own, so that it can let something through at once when a client comes. */
    private static final int KEPT = 32;

    /** So much is used at a time at most, where an answer came late. */
    private static final double MOST_PARTS = 8.0 * Parts.WHOLE;

    /** A node that wants nothing asks a little more often than each interval, so that none passes without. */
    private static final double IDLE_TURNS = 3.5;

    private final SharedLimit limit;
    private final RecentDemand recent;

    /** Of the division before this one; what it has lent may be in use. */
    private final @Nullable LimitShares before;

    private final long lentUntilNanos;

    private long home;
    private int nodes = 1;

    private long askedNanos;
    private long depositUntilNanos;
    private long depositBeforeNanos;

    /** What is being used of batches, and until when. */
    private long batchParts;

    private long batchUntilNanos;

    /** The bucket knows this node as one that wants something. */
    private boolean wanting;

    /** It is another's to move the limit. */
    private boolean ended;

    /**
     * Takes over from another division.
     *
     * @param lentUntilNanos when nobody can use any more what that has lent
     * @param depositUntilNanos until when the home part may be deposited
     */
    LeasedShare(
            SharedLimit limit,
            @Nullable LimitShares before,
            long lentUntilNanos,
            long depositUntilNanos,
            long turnNanos,
            long nowNanos) {
        this.limit = limit;
        this.before = before;
        this.lentUntilNanos = lentUntilNanos;
        this.depositUntilNanos = depositUntilNanos;
        depositBeforeNanos = depositUntilNanos;
        recent = new RecentDemand(limit, nowNanos);
        askedNanos = nowNanos - (long) (IDLE_TURNS * turnNanos);
        batchUntilNanos = nowNanos;
    }

    /** What the node has before it deposits it. */
    void home(long parts, int nodes) {
        home = parts;
        this.nodes = nodes;
    }

    void look(long nowNanos, long turnNanos) {
        recent.look(nowNanos, turnNanos);
    }

    /** Whether it has something to ask; not while others may use a part of what it would deposit. */
    boolean isDue(LeaseTiming timing, long nowNanos) {
        if (lent(nowNanos) > 0) {
            return false;
        }
        return wanting || nowNanos - askedNanos >= IDLE_TURNS * timing.turnNanos() || want(timing, nowNanos) > 0;
    }

    /** What it needs until what is granted now is over, beyond what it has, in nanoseconds of the total. */
    long want(LeaseTiming timing, long nowNanos) {
        double needed = Math.max(0, recent.parts() - kept()) * (double) timing.usableNanos();
        return (long) Math.max(0, (needed - rest(nowNanos)) / Parts.WHOLE);
    }

    /** What is left of batches, in parts times nanoseconds. */
    private double rest(long nowNanos) {
        return batchParts * (double) Math.max(0, batchUntilNanos - nowNanos);
    }

    /** From now on the home part may be deposited, and is not used here. */
    void asked(long wanted, LeaseTiming timing, long nowNanos) {
        askedNanos = nowNanos;
        wanting = wanted > 0;
        depositBeforeNanos = depositUntilNanos;
        long until = nowNanos + timing.returnedNanos();
        depositUntilNanos = until - depositUntilNanos > 0 ? until : depositUntilNanos;
        apply(nowNanos);
    }

    /** The last ask has not deposited anything, and will not. */
    void refused(long nowNanos) {
        depositUntilNanos = depositBeforeNanos;
        apply(nowNanos);
    }

    /** Uses what was granted together with what is left, as evenly as it can until the time for it is over. */
    void granted(long nanos, LeaseTiming timing, long nowNanos) {
        long until = askedNanos + timing.usableNanos();
        if (nanos > 0 && until - nowNanos > 0) {
            double parts = (rest(nowNanos) + (double) nanos * Parts.WHOLE) / (until - nowNanos);
            batchParts = (long) Math.min(MOST_PARTS, parts);
            batchUntilNanos = until;
            apply(nowNanos);
        }
    }

    /** Tells the limit what this node may let through now, and when that is over. */
    void apply(long nowNanos) {
        if (ended) {
            return;
        }
        if (home == LimitShares.OPEN) {
            limit.open();
            return;
        }
        long own = own(nowNanos);
        limit.move(own + borrowed(nowNanos), batchUntilNanos, own, nowNanos);
    }

    /** An answer that is under way does nothing any more. */
    void end() {
        ended = true;
    }

    /** Whether the home part may be in use by others. */
    private boolean isDeposited(long nowNanos) {
        return nowNanos - depositUntilNanos < 0;
    }

    /** Whether this tells the limit something else than the last time, as nothing is deposited any more. */
    boolean isBack(long beforeNanos, long nowNanos) {
        return isDeposited(beforeNanos) && !isDeposited(nowNanos);
    }

    private long kept() {
        return Math.min(home, Parts.home(nodes) / KEPT);
    }

    long own(long nowNanos) {
        return isDeposited(nowNanos) ? kept() : Math.max(0, Math.min(home, Parts.WHOLE) - lent(nowNanos));
    }

    long borrowed(long nowNanos) {
        return home > 0 && batchUntilNanos - nowNanos > 0 ? batchParts : 0;
    }

    /** What it has put into the bucket. */
    long deposited(long nowNanos) {
        return isDeposited(nowNanos) ? Math.min(home, Parts.WHOLE) - kept() : 0;
    }

    private long lent(long nowNanos) {
        return before != null && nowNanos - lentUntilNanos < 0 ? before.lent() : 0;
    }

    long demand() {
        return recent.parts();
    }

    @Nullable
    LimitShares before() {
        return before;
    }

    long depositUntilNanos() {
        return depositUntilNanos;
    }
}
