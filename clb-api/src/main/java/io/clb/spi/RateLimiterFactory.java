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
     * into the new burst, and no more. All together, however often a limit changes, no more is let through than was earned and one burst. The
     * predecessor stays in use until the change is in force, or for good if the change fails; what it lets through in the meantime counts for it
     * alone.
     *
     * @param quota the total and the number of nodes
     * @param nowNanos the clock of control and loops
     * @param previous the limiter in force for what is limited, made by this factory; null for a new limit, which starts with a full burst
     * @return a new limiter
     * @throws IllegalArgumentException if a number of the quota is out of its range
     */
    RateLimiter create(Quota quota, long nowNanos, @Nullable RateLimiter previous);

    /**
     * Writes what this node enforces, for logs and snapshots: permits per second, truncated. The limiter enforces the exact fraction.
     *
     * @param quota the total and the number of nodes
     * @return such as {@code "142"}, {@code "1,000"} or {@code "0.142"}
     * @throws IllegalArgumentException if a number of the quota is out of its range
     */
    String enforced(Quota quota);
}
