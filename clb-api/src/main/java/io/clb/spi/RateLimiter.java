package io.clb.spi;

/**
 * Admits so many permits a second, and tells the rest how long to wait. Called on event loops, by many at once: one atomic step, no lock,
 * no allocation, no clock of its own.
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
}
