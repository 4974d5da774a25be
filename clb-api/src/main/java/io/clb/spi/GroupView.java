package io.clb.spi;

import java.util.Map;

/**
 * The servers of a pool that may take new flows, as they stood at one moment. Immutable.
 */
public interface GroupView {

    /**
     * Returns the name of the server group.
     *
     * @return the name
     */
    String name();

    /**
     * Returns how many servers there are. They are sorted by {@linkplain Server#id() id}, so equal groups look alike on every node.
     *
     * @return 0 or more
     */
    int size();

    /**
     * Returns one server.
     *
     * @param index 0 to {@code size() - 1}
     * @return the server
     */
    Server server(int index);

    /**
     * Returns the weight in force of one server, which slow start may have lowered, never to 0. A server of weight 0 is listed, and takes
     * nothing new.
     *
     * @param index 0 to {@code size() - 1}
     * @return 0 to the {@linkplain #configuredWeight(int) configured weight}
     */
    int weight(int index);

    /**
     * Returns the weight of one server as configured, whatever slow start makes of it: for schedulers that must pick alike on every node, and
     * would move clients with every step of a ramp.
     *
     * @param index 0 to {@code size() - 1}
     * @return 0 to 100
     */
    default int configuredWeight(int index) {
        return weight(index);
    }

    /**
     * Returns the tags of one server, as the configuration that this group stands for has them: those of {@link Server#tags()} may be older while it is being
     * put in force.
     *
     * @param index 0 to {@code size() - 1}
     * @return an unmodifiable map
     */
    default Map<String, String> tags(int index) {
        return server(index).tags();
    }

    /**
     * Returns how many event loops will pick. {@link Flow#loop()} is below it.
     *
     * @return 1 or more
     */
    int loops();

    /**
     * Returns a number for what is random in a strategy: the same for every group of one balancer, another in each run.
     *
     * @return the seed
     */
    long seed();
}
