package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How many nodes, balancers like this one, share the limits: N. Of each {@link Limit} every node enforces {@code total / (N - 1)}, as an exact
 * fraction, or the whole total where N is 1 or 2. One node less than there are: should one be lost, the others still make up the total. All
 * together let through {@code N / (N - 1)} of it. Immutable.
 */
public final class Cluster {

    /** The product's, until another is set. */
    static final Cluster DEFAULT = new Cluster(Options.L4_NODES.defaultValue(), Options.L7_NODES.defaultValue(), true);

    private final int l4;
    private final int l7;
    private final boolean isDefault;

    private Cluster(int l4, int l7, boolean isDefault) {
        this.l4 = l4;
        this.l7 = l7;
        this.isDefault = isDefault;
    }

    /**
     * A cluster of one: this balancer has every total for itself.
     *
     * @return the cluster
     */
    public static Cluster single() {
        return fixed(1);
    }

    /**
     * A cluster of so many nodes.
     *
     * @param nodes their number, 1 to 10,000
     * @return the cluster
     */
    public static Cluster fixed(int nodes) {
        return fixed(nodes, nodes);
    }

    /**
     * A cluster whose TCP and UDP listeners run on another number of nodes than its HTTP listeners, as the product's do: {@code fixed(4, 8)} is what holds unless a
     * cluster is set.
     *
     * @param l4 the nodes that have the TCP and UDP listeners, 1 to 10,000
     * @param l7 the nodes that have the HTTP listeners, 1 to 10,000
     * @return the cluster
     */
    public static Cluster fixed(int l4, int l7) {
        return new Cluster(l4, l7, false);
    }

    /**
     * Returns N for TCP and UDP listeners.
     *
     * @return the number of nodes
     */
    public int l4() {
        return l4;
    }

    /**
     * Returns N for HTTP listeners.
     *
     * @return the number of nodes
     */
    public int l7() {
        return l7;
    }

    /**
     * Returns N for listeners of a protocol.
     *
     * @param protocol what the listener speaks
     * @return {@link #l4()} or {@link #l7()}
     */
    public int nodes(ListenerConfig.Protocol protocol) {
        return switch (Objects.requireNonNull(protocol, "protocol")) {
            case TCP, UDP -> l4;
            case HTTP -> l7;
        };
    }

    /**
     * Returns N for a limit of the balancer as a whole.
     *
     * @param kind what is limited
     * @return {@link #l7()} for requests, {@link #l4()} for connections and bandwidth
     */
    public int nodes(Limit.Kind kind) {
        return requireNonNull(kind, "kind").isOfRequests() ? l7 : l4;
    }

    /**
     * Tells whether nobody has set a cluster, so that the product's numbers hold.
     *
     * @return false for {@code fixed(4, 8)} too
     */
    public boolean isDefault() {
        return isDefault;
    }

    void check(Mistakes mistakes) {
        Options.L4_NODES.check("cluster", l4, mistakes);
        Options.L7_NODES.check("cluster", l7, mistakes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cluster that && l4 == that.l4 && l7 == that.l7 && isDefault == that.isDefault;
    }

    @Override
    public int hashCode() {
        return Objects.hash(l4, l7, isDefault);
    }

    @Override
    public String toString() {
        return "cluster of " + l4 + " nodes on L4 and " + l7 + " on L7" + (isDefault ? ", by default" : "");
    }
}
