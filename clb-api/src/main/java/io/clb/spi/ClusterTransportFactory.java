package io.clb.spi;

/**
 * Says where the other nodes of a cluster are, and makes what carries messages to them. Settings of a transport implement it, such as those for JGroups and for Redis
 * in io.clb:clb-ratelimit. Immutable, with {@code equals}: a cluster that is given an equal one is unchanged.
 */
public interface ClusterTransportFactory {

    /**
     * Returns what messages call the transport.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Tells whether limits can be {@linkplain Division#LEASED leased} over it: the transports that it makes are {@link PermitBuckets}.
     *
     * @return false unless overridden
     */
    default boolean canLease() {
        return false;
    }

    /**
     * Makes a transport that is not open yet. Called once for each start of a balancer.
     *
     * @param node the name of this node, 1 to 60 letters, digits, dots, hyphens and underscores
     * @return a new transport
     * @throws IllegalStateException if a library that it needs is not on the class path; the message names the artifact to add
     */
    ClusterTransport create(String node);
}
