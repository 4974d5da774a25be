package io.clb.engine;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens at a time, unless it is cancelled: a node of a {@link TimerWheel}, so that arming, moving and cancelling allocate
 * nothing. Belongs to one loop.
 */
public abstract class Timeout {

    @Nullable
    Timeout previous;

    @Nullable
    Timeout next;

    long tick;

    /**
     * Tells whether this will happen.
     *
     * @return true from arming until it expires or is cancelled
     */
    protected final boolean isArmed() {
        return next != null;
    }

    /**
     * The time has come. Never called early, at most one tick of the wheel late while the loop is not held up.
     *
     * @param nowNanos the loop's clock
     */
    protected abstract void expired(long nowNanos);
}
