package io.clb.ratelimit.cluster;

import java.util.Map;

/**
 * What a node tells all others. Each report says everything anew, so that one may be lost.
 *
 * @param node the name of the sender
 * @param life tells one run of a node from another of the same name; a later one is higher
 * @param number counts the reports of a life, from 1
 * @param leaving whether the node ends, and gives up what it has
 * @param roster a sum over the names of all nodes that the sender counts, itself too: equal where these are the same
 * @param heard all nodes that the sender counts, itself left out, and the number of the last report that it has heard of each; 0 for none
 * @param departed the nodes that have left or been forgotten lately, and their last life
 * @param claims by limit
 */
public record Report(
        String node,
        long life,
        long number,
        boolean leaving,
        long roster,
        Map<String, Heard> heard,
        Map<String, Long> departed,
        Map<String, Claim> claims) {

    /**
     * What was heard last of a node.
     *
     * @param life its life, 0 if it is known by name only
     * @param number of its report
     */
    public record Heard(long life, long number) {
        static final Heard NOTHING = new Heard(0, 0);
    }

    /**
     * What a node has to do with a limit.
     *
     * @param demand in parts, 0 to {@link io.clb.ratelimit.Parts#WHOLE}
     * @param loans what it lends, in parts, by the name of the borrower; nothing to those that are not there
     */
    public record Claim(long demand, Map<String, Long> loans) {}
}
