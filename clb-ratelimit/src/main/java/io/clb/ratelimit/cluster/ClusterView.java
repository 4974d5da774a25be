package io.clb.ratelimit.cluster;

import java.util.List;
import java.util.Map;

/**
 * How a node sees its cluster. Immutable.
 *
 * @param node its own name
 * @param nodes N: all that belong to the cluster, silent ones too
 * @param present how many of them are there, this one included
 * @param others all but this one
 * @param leftOut how often a node was not taken in, as there were 10,000 already
 * @param shares by limit
 */
public record ClusterView(
        String node, int nodes, int present, List<Node> others, long leftOut, Map<String, Share> shares) {

    /** Takes copies. */
    public ClusterView {
        others = List.copyOf(others);
        shares = Map.copyOf(shares);
    }

    /**
     * Another node.
     *
     * @param name its name
     * @param present whether it reports
     * @param heardAgoNanos how long ago it was heard; negative if never
     */
    public record Node(String name, boolean present, long heardAgoNanos) {}

    /**
     * What this node has of a limit, in {@link io.clb.ratelimit.Parts parts}.
     *
     * @param own its own, less what it has lent
     * @param borrowed what others lend it
     * @param lent what it lends others, or has not got back yet
     * @param demand what is wanted here
     */
    public record Share(long own, long borrowed, long lent, long demand) {}
}
