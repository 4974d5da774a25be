package io.clb.engine;

import io.clb.Snapshot.Metric;
import io.clb.spi.RateLimiter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A rule at run time: its limits and counters, from the update that brings it to the end of the last request that it took. */
public final class RunRule extends PaceSource {

    // written by control; read by any loop
    private volatile LimitChain chain = LimitChain.NONE;
    private volatile @Nullable Pace uploads;

    private final String name;
    private final int loops;
    private final Tally tally;
    private List<RunLimit> limits = List.of();

    /** Made when the rule first mirrors, kept from then on. Control only. */
    private @Nullable RunMirror mirror;

    RunRule(String name, int loops) {
        this.name = name;
        this.loops = loops;
        this.tally = new Tally(loops);
    }

    /** What is counted of it. */
    Tally tally() {
        return tally;
    }

    /**
     * Counts a request that it takes.
     *
     * @param loop the request's loop
     * @param bytes what was read of it, before it was known that this rule takes it
     */
    public void countRequest(Loop loop, int bytes) {
        tally.countBegun(loop);
        tally.count(loop, Metric.REQUESTS, 1);
        tally.count(loop, Metric.BYTES_FROM_CLIENTS, bytes);
    }

    /**
     * Returns what it is called.
     *
     * @return the name, which no other rule of the listener has
     */
    public String name() {
        return name;
    }

    /** Its own limits, in the order of their kinds. Control only. */
    List<RunLimit> limits() {
        return limits;
    }

    /**
     * Puts limits in force. Control only.
     *
     * @param own its own, in the order of their kinds
     * @param ownUploads those of them that say how fast clients may send; null for none
     * @param inForce its own and what is around them
     */
    void limits(List<RunLimit> own, @Nullable Pace ownUploads, LimitChain inForce) {
        limits = own;
        uploads = ownUploads;
        chain = inForce;
    }

    /**
     * Returns what counts and bounds the copies of its requests: the same for all configurations. Control only.
     *
     * @return the mirror
     */
    public RunMirror mirror() {
        RunMirror there = mirror == null ? new RunMirror(loops) : mirror;
        mirror = there;
        return there;
    }

    @Override
    @Nullable
    Pace pace(Direction direction) {
        return chain.pace(direction);
    }

    /** What its requests must pass. */
    LimitChain chain() {
        return chain;
    }

    /**
     * Charges its own bandwidth limits for what was read of a request before it was known that this rule takes it: the limits around the rule were asked then.
     *
     * @param bytes the head, and what came with it
     * @param loop the request's loop
     * @return how long the request is to wait until that is earned, in nanoseconds; {@link RateLimiter#NEVER} if it would take more than a minute
     */
    public long reserveRead(int bytes, Loop loop) {
        Pace limited = uploads;
        return limited == null ? 0 : limited.reserveRead(bytes, loop);
    }

    /** How fast its clients may send by its own limits alone; null for no limit. */
    @Nullable
    Pace uploads() {
        return uploads;
    }
}
