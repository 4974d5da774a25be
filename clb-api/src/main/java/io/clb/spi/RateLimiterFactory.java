package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * Makes the limiters that enforce a node's share of a cluster's total. Found through {@link java.util.ServiceLoader}: clb-ratelimit offers the
 * one that is used unless another is put in its place on the class path.
 *
 * <p>To test one, extend {@code io.clb.contract.RateLimiterContract} of the clb-api test-jar.
 */
public interface RateLimiterFactory {

    /**
     * Returns the name that messages know this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Makes a limiter. Called off the data path, when a limit is new or has changed.
     *
     * <p>A changed limit gives no free burst: what its predecessor could have let through at this moment, the new limiter can, as far as it fits
     * into the new burst, and no more; the places that were {@linkplain RateLimiter#reserve reserved} in its line are void. All together, however
     * often a limit changes, no more is let through than was earned and one burst. The predecessor stays in use until the change is in force, or
     * for good if the change fails; what it lets through in the meantime counts for it alone.
     *
     * @param quota the total and the number of nodes
     * @param loops how many event loops will ask it
     * @param nowNanos the clock of control and loops
     * @param previous the limiter in force for what is limited, made by this factory; null for a new limit, which starts with a full burst
     * @return a new limiter
     * @throws IllegalArgumentException if a number of the quota is out of its range
     */
    RateLimiter create(Quota quota, int loops, long nowNanos, @Nullable RateLimiter previous);

    /**
     * Makes a limiter that has the quota for each key. Called off the data path, as {@link #create}, and with the same promise for what changes.
     *
     * @param quota the total for one key, and the number of nodes
     * @param keys how many keys that have used some of their burst it must be able to tell apart, 1 to 16,777,216
     * @param nowNanos the clock of control and loops
     * @param previous the limiter in force for what is limited, made by this factory; null for a new limit
     * @return a new limiter
     * @throws IllegalArgumentException if a number is out of its range
     */
    KeyedRateLimiter createKeyed(Quota quota, int keys, long nowNanos, @Nullable KeyedRateLimiter previous);

    /**
     * Writes what this node enforces, for logs and snapshots, truncated; the limiter enforces the exact fraction.
     *
     * @param quota the total and the number of nodes
     * @return permits per second, such as {@code "142"}, {@code "1,000"} or {@code "0.142"}; for bits with a unit, such as {@code "3.33 Mbit/s"}
     * @throws IllegalArgumentException if a number of the quota is out of its range
     */
    String enforced(Quota quota);
}
