package io.clb.spi;

/**
 * Finds the servers of a group, and goes on looking for as long as the group has it.
 *
 * <p>Give an instance to a server group ({@code .discovery(myDiscovery)}), or offer it by name with a {@link ServerDiscoveryFactory}. Equal discoveries
 * of one group are one: an update that brings an equal one leaves the one that runs alone, so a discovery with parameters should have {@code equals}.
 *
 * <p>To test one, extend {@code io.clb.contract.ServerDiscoveryContract} of the clb-api test-jar.
 */
@FunctionalInterface
public interface ServerDiscovery {

    /**
     * Returns the name that messages and snapshots know this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Begins to look. Called on the control thread when a configuration brings this to a group, so it must return at once: what blocks runs on
     * {@link DiscoveryRun#blocking()}. One discovery may be started for several groups and balancers, and again after it was ended.
     *
     * <p>One that throws has failed; the next update of the balancer starts it again.
     *
     * @param run where to tell what is found, and what may be used to find it
     * @return what ends it, called once, on the control thread: it returns at once, and nothing is looked for after it
     */
    AutoCloseable start(DiscoveryRun run);
}
