package io.clb.spi;

import java.util.Map;

/**
 * A server at run time: one member of one server group.
 *
 * <p>The same object stands for the server as long as it is in its group, through every change of weight and health, so
 * identity ({@code ==}) is the comparison to use. All methods may be called on any thread.
 */
public interface Server {

    /**
     * Returns the identity that survives restarts and is the same on every balancer node: {@code host:port}, with an IPv6
     * literal in brackets. Hash schedulers depend on it and on weights alone.
     *
     * @return the id, unique in its group
     */
    String id();

    /**
     * Returns the host, a name or an address literal without brackets.
     *
     * @return the host
     */
    String host();

    /**
     * Returns the port.
     *
     * @return the port, 1 to 65535; 0 for a server that gets the port that the client reached
     */
    int port();

    /**
     * Returns a small number that is this server's own in its balancer while it is configured, fit to be kept where a reference is too
     * large. A number is given to another server only long after its owner was removed.
     *
     * @return the slot, 0 to 65535
     */
    int slot();

    /**
     * Returns the weight as configured. The weight in force (slow start may lower it) is what {@link GroupView#weight(int)} tells.
     *
     * @return the weight, 0 to 100
     */
    int weight();

    /**
     * Returns how many flows are on this server now, over all loops: from the pick, so connects in progress count.
     *
     * @return the number of active flows
     */
    int active();

    /**
     * Returns the tags as configured.
     *
     * @return an unmodifiable map
     */
    Map<String, String> tags();
}
