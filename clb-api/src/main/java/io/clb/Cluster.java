package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransportFactory;
import io.clb.spi.WhenAlone;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How many nodes, balancers like this one, share the limits: N. Of each {@link Limit} every node enforces {@code total / (N - 1)}, as an exact
 * fraction, or the whole total where N is 1 or 2. One node less than there are: should one be lost, the others still make up the total. All
 * together let through {@code N / (N - 1)} of it. Immutable.
 *
 * <p>N is a number that was set, or what nodes that talk to each other know of. Those can divide a total by {@linkplain Limit#adaptive demand} too:
 *
 * <pre>{@code
 * Cluster.of("edge-1", RedisSettings.of("edge", "redis://10.0.0.9")).expectedNodes(4)
 * }</pre>
 */
public final class Cluster {

    /** The product's, until another is set. */
    static final Cluster DEFAULT = new Cluster(Options.L4_NODES.defaultValue(), Options.L7_NODES.defaultValue(), true);

    private static final int MAX_NODES = 10_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,60}");

    private final int l4;
    private final int l7;
    private final boolean isDefault;
    private final @Nullable Talk talk;

    /** How nodes talk to each other. */
    private record Talk(String node, ClusterTransportFactory transport, Duration interval, WhenAlone whenAlone) {}

    private Cluster(int l4, int l7, boolean isDefault) {
        this(l4, l7, isDefault, null);
    }

    private Cluster(int l4, int l7, boolean isDefault, @Nullable Talk talk) {
        this.l4 = l4;
        this.l7 = l7;
        this.isDefault = isDefault;
        this.talk = talk;
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
     * A cluster whose nodes talk to each other, so that each knows N, and totals can be divided by {@linkplain Limit#adaptive demand}. All nodes have the same
     * listeners, rules and limits, by their names. {@link #expectedNodes} must follow. It is fixed while a balancer runs. Needs io.clb:clb-ratelimit.
     *
     * @param node what this node is called: 1 to 60 letters, digits, dots, hyphens and underscores. Another for each node, and the same after a restart: two of one name are one to the
     *     others
     * @param transport how to reach the other nodes: {@code JGroupsSettings} or {@code RedisSettings} of io.clb:clb-ratelimit, or another of the application's
     * @return the cluster
     */
    public static Cluster of(String node, ClusterTransportFactory transport) {
        Talk talk = new Talk(
                requireNonNull(node, "node"),
                requireNonNull(transport, "transport"),
                Options.REPORT_INTERVAL.defaultValue(),
                WhenAlone.EVEN);
        return new Cluster(0, 0, false, talk);
    }

    /**
     * Says how many nodes are started. Until so many were there at once, N is this number: nodes that start apart, or are the first of many, never take a total each. If
     * more are heard of, N is what they are. N falls when a node is shut down or {@linkplain LoadBalancer#forgetNode forgotten}, not when one is silent.
     *
     * @param nodes their number, 1 to 10,000, where they talk to each other
     * @return a cluster of so many
     * @throws IllegalStateException if the nodes do not talk to each other
     */
    public Cluster expectedNodes(int nodes) {
        return new Cluster(nodes, nodes, false, talk("expectedNodes"));
    }

    /**
     * Sets how often a node that talks to others reports to them, which is how soon shares follow the demand: they do within some four intervals.
     *
     * @param time 50 ms to 10 s; 100 ms unless set. A report goes to all others: from 50 nodes on it should be 2 ms for each of them
     * @return a cluster that does so
     * @throws IllegalStateException if the nodes do not talk to each other
     */
    public Cluster reportInterval(Duration time) {
        requireNonNull(time, "time");
        Talk known = talk("reportInterval");
        return new Cluster(l4, l7, false, new Talk(known.node, known.transport, time, known.whenAlone));
    }

    /**
     * Sets what holds while this node hears no other, as the network between them, or what carries their messages, is away.
     *
     * @param what {@link WhenAlone#EVEN} unless set, so total / (N - 1); {@link WhenAlone#OPEN} for no limits, {@link WhenAlone#CLOSED} to let nothing through. Limits of each client or
     *     value stay even
     * @return a cluster that does so
     * @throws IllegalStateException if the nodes do not talk to each other
     */
    public Cluster whenAlone(WhenAlone what) {
        requireNonNull(what, "what");
        Talk known = talk("whenAlone");
        return new Cluster(l4, l7, false, new Talk(known.node, known.transport, known.interval, what));
    }

    private Talk talk(String setting) {
        if (talk == null) {
            throw new IllegalStateException(
                    setting + " on a " + this + " (expected: Cluster.of(...), whose nodes talk to each other)");
        }
        return talk;
    }

    /**
     * Returns N for TCP and UDP listeners; of nodes that talk to each other, how many are expected.
     *
     * @return the number of nodes
     */
    public int l4() {
        return l4;
    }

    /**
     * Returns N for HTTP listeners; of nodes that talk to each other, how many are expected.
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

    /**
     * Returns how nodes reach each other.
     *
     * @return null unless they talk to each other
     */
    public @Nullable ClusterTransportFactory transport() {
        return talk == null ? null : talk.transport;
    }

    /**
     * Returns how this node takes part in a cluster whose nodes talk to each other.
     *
     * @return its name, what it expects, how often it reports, and what it does alone
     * @throws IllegalStateException if the nodes do not talk to each other
     */
    public ClusterSettings settings() {
        Talk known = talk("settings");
        return new ClusterSettings(known.node, l4, known.interval, known.whenAlone);
    }

    /**
     * Returns how often this node reports to others.
     *
     * @return the interval; the default one where nodes do not talk to each other
     */
    public Duration reportInterval() {
        return talk == null ? Options.REPORT_INTERVAL.defaultValue() : talk.interval;
    }

    void check(Mistakes mistakes) {
        if (talk == null) {
            Options.L4_NODES.check("cluster", l4, mistakes);
            Options.L7_NODES.check("cluster", l7, mistakes);
            return;
        }
        if (!NAME.matcher(talk.node).matches()) {
            mistakes.add("cluster", "node", talk.node, "1 to 60 letters, digits, dots, hyphens and underscores");
        }
        if (l4 < 1 || l4 > MAX_NODES) {
            mistakes.add(
                    "cluster", "expectedNodes", l4 == 0 ? "not set" : l4, "1 to 10,000: how many nodes are started");
        }
        Options.REPORT_INTERVAL.check("cluster", talk.interval, mistakes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cluster that
                && l4 == that.l4
                && l7 == that.l7
                && isDefault == that.isDefault
                && Objects.equals(talk, that.talk);
    }

    @Override
    public int hashCode() {
        return Objects.hash(l4, l7, isDefault, talk);
    }

    @Override
    public String toString() {
        return talk == null
                ? "cluster of " + l4 + " nodes on L4 and " + l7 + " on L7" + (isDefault ? ", by default" : "")
                : "cluster of " + l4 + " nodes and more, this one " + talk.node + ", over " + talk.transport.name();
    }
}
