package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link Scheduler} whenever the servers of a pool change.
 *
 * <p>Give an instance to the configuration ({@code .scheduler(myFactory)}), or offer it by name: list the class in
 * {@code META-INF/services/io.clb.spi.SchedulerFactory} (and {@code provides} in a module), give it a {@link #name()}, and
 * {@code Extensions.scheduler("...")} finds it. Equal factories on one group share one rotation, so a factory with parameters should have
 * {@code equals}.
 *
 * <p>To test one, extend {@code io.clb.contract.SchedulerContract} of the clb-api test-jar.
 */
@FunctionalInterface
public interface SchedulerFactory {

    /**
     * Returns the name that this factory goes by in configurations, snapshots and messages.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Tells whether the scheduler fits a kind of flow. A listener whose flows it does not fit is refused with a message that says so.
     *
     * @param kind what the listener's flows are
     * @return true unless overridden
     */
    default boolean serves(FlowKind kind) {
        return true;
    }

    /**
     * Builds a scheduler. Called off the data path, one call at a time for each pool. A rebuild goes on where the previous one stands: it
     * neither restarts the rotation nor forgets what was learnt.
     *
     * @param eligible the servers that may take new flows; may be empty
     * @param previous the scheduler that this one replaces, built by an equal factory and still in use by other threads; null for the first
     * @return a new scheduler, or {@code previous} itself if it fits
     */
    Scheduler create(GroupView eligible, @Nullable Scheduler previous);
}
