package io.clb.spi;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Takes part in clusters whose nodes divide totals by talking to each other. Found through {@link java.util.ServiceLoader}: clb-ratelimit offers the one that is used unless
 * another is put in its place on the class path.
 */
public interface QuotaCoordinatorFactory {

    /**
     * Returns the name that messages know this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Joins a cluster. Does not wait for other nodes.
     *
     * @param settings what this node is called and expects
     * @param transport how to reach the others; not open yet, and the coordinator's to close
     * @param events hears what happens
     * @param clock the clock of control and loops, in nanoseconds
     * @param timeOfDay the time of day: what tells this run of the node from those before
     * @return the coordinator, which has heard of nobody yet
     * @throws RuntimeException with a message for people, if the transport can never work
     */
    QuotaCoordinator start(
            ClusterSettings settings,
            ClusterTransport transport,
            QuotaCoordinator.Events events,
            LongSupplier clock,
            Instant timeOfDay);
}
