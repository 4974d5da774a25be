package io.clb.spi;

/**
 * Admits so many permits a second, and tells the rest how long to wait. Called on event loops, by many at once: no lock, no allocation, no
 * clock of its own.
 */
public interface RateLimiter {

    /** The wait for what can never be admitted, such as more permits at once than the burst holds. */
    long NEVER = Long.MAX_VALUE;

    /**
     * Takes permits, all or none.
     *
     * @param permits how many, 1 or more
     * @param nowNanos the loop's clock
     * @return 0 if they were taken; else the nanoseconds after which the same call can succeed, with nothing taken; {@link #NEVER} if it
     *     never will
     */
    long tryAcquire(long permits, long nowNanos);

    /**
     * Takes permits in any case, to be used after a wait: a place in a line. Who waits as told keeps to the share, and all who wait are served in
     * turn.
     *
     * @param permits how many, 1 or more
     * @param nowNanos the loop's clock
     * @return the nanoseconds until they may be used, 0 to a minute; {@link #NEVER}, with nothing taken, if they do not fit into the burst or the
     *     line is longer than a minute
     */
    long reserve(long permits, long nowNanos);

    /**
     * Tells what {@link #tryAcquire} would return, and takes nothing. For what must pass several limiters: all are asked before any is taken from.
     *
     * @param permits how many, 1 or more
     * @param nowNanos the loop's clock
     * @return as {@link #tryAcquire}; 0, unless overridden, for a limiter that cannot tell
     */
    default long peek(long permits, long nowNanos) {
        return 0;
    }

    /**
     * Gives back permits that were taken and not used, as another limiter refused. Never makes a permit: what cannot be given back without that
     * is lost, and unless overridden all are.
     *
     * @param permits how many {@link #tryAcquire} took
     * @param takenNanos the clock that it was given
     * @param nowNanos the time now, read anew
     */
    default void giveBack(long permits, long takenNanos, long nowNanos) {}

    /**
     * Returns what one event loop asks, in place of this and with the same answers but for a stated error: a limiter that many loops ask at once may
     * lease each of them some permits ahead.
     *
     * @param loop the number of the loop: 0 or more, and less than there are by {@link RateLimiterFactory#create}
     * @return a limiter for that loop alone; this one unless overridden
     */
    default RateLimiter onLoop(int loop) {
        return this;
    }
}
