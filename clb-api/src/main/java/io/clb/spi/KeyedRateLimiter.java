package io.clb.spi;

/**
 * Admits so many permits a second for each key: a client's address, an API key. Of bounded size, however many keys there are. Called on event
 * loops, by many at once: no lock, no allocation once the table is there, no clock of its own.
 */
public interface KeyedRateLimiter {

    /**
     * Takes one permit of a key.
     *
     * @param key 64 bits of a hash that no client can predict; two keys of one hash are one key
     * @param nowNanos the loop's clock
     * @return 0 if it was taken; else the nanoseconds after which the same call can succeed, with nothing taken
     */
    long tryAcquire(long key, long nowNanos);

    /**
     * Tells what {@link #tryAcquire} would return, and takes nothing.
     *
     * @param key as there
     * @param nowNanos the loop's clock
     * @return as there
     */
    long peek(long key, long nowNanos);

    /**
     * Returns how often a key found the table full, and had to share its limit with another: it may have been refused then while it was within its
     * own.
     *
     * @return the count
     */
    long shared();
}
