package io.clb.engine;

import org.jspecify.annotations.Nullable;

/**
 * The wait of a request until what was read of it is earned, see {@link RunRule#reserveRead}. Confined to one loop.
 */
public final class Hold extends Timeout {

    private final RunRule rule;
    private final @Nullable Pace limits;
    private final Loop loop;
    private final long untilNanos;
    private final Runnable over;

    /**
     * Prepares to wait.
     *
     * @param rule takes the request
     * @param loop the request's loop
     * @param waitNanos how long
     * @param over called on the loop when the wait is over, or the rule has other limits; not after {@link #cancel}
     */
    public Hold(RunRule rule, Loop loop, long waitNanos, Runnable over) {
        this.rule = rule;
        this.limits = rule.uploads();
        this.loop = loop;
        this.untilNanos = loop.nowNanos() + waitNanos;
        this.over = over;
    }

    /** Begins to wait. */
    public void begin() {
        loop.holds().add(this);
        loop.arm(this, untilNanos);
    }

    /** Ends the wait without a word. */
    public void cancel() {
        loop.cancel(this);
        loop.holds().remove(this);
    }

    /** Ends the wait if the rule has other limits, so that the request waits by those. */
    void look() {
        if (isArmed() && rule.uploads() != limits) {
            cancel();
            over.run();
        }
    }

    @Override
    protected void expired(long nowNanos) {
        cancel();
        over.run();
    }
}
