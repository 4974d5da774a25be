package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * Picks a server for each new flow. Built by a {@link SchedulerFactory} for one set of servers; replaced, not changed, when that set
 * changes.
 *
 * <p>Both methods are called on event loops, by many of them at once. {@code pick} takes nanoseconds: no lock, no allocation.
 */
public interface Scheduler {

    /**
     * Picks a server.
     *
     * <p>Never one that {@linkplain Flow#tried(Server) this flow tried}, never one whose weight in force is 0.
     *
     * @param flow the flow, to read during this call only
     * @param nowNanos the loop's clock
     * @return a server of the group that this scheduler was built for, or null if none is left
     */
    @Nullable
    Server pick(Flow flow, long nowNanos);

    /**
     * Tells that a flow left a server. For every server that a flow was put on there is exactly one such call, also when the server could not
     * be reached, and also when a session sticker recalled the server and {@code pick} was not asked; it may go to a successor of the scheduler
     * that picked, and then the server may be one that the successor does not have.
     *
     * @param server the server
     * @param outcome how it went
     * @param durationNanos from the pick to now
     * @param nowNanos the loop's clock
     */
    default void released(Server server, Outcome outcome, long durationNanos, long nowNanos) {}

    /**
     * Tells whether it matters that a flow comes to the very server that it was given, as with a hash. When that server has all the connections it may
     * have, such a flow waits for it; others are given another server.
     *
     * @return false unless overridden
     */
    default boolean keepsAffinity() {
        return false;
    }

    /**
     * Returns how often something that was remembered gave way to something newer, as there was room for no more: what the snapshot shows. Called on any
     * thread.
     *
     * @return the count, which a successor goes on with; 0 unless overridden
     */
    default long forgotten() {
        return 0;
    }
}
