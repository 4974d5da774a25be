package io.clb.ratelimit;

/**
 * Parts of a total, by which a cluster tells what each of its nodes may let through of it: 2^40 of them are the whole.
 *
 * <p>They are whole numbers, so that what one node gives away is exactly what another one gets.
 */
public final class Parts {

    /** The parts of a whole total: 2^40. */
    public static final long WHOLE = 1L << 40;

    /** The most that a node may have: 16 wholes. A node has more than one where each of two may let the whole through. */
    static final long MAX = WHOLE << 4;

    private Parts() {}

    /**
     * Returns what each node has if all have the same and one may be lost: one of N - 1 equal parts, as {@link Share#of(long, int)}.
     *
     * @param nodes how many nodes the cluster has, 1 to 10,000
     * @return parts, rounded down
     * @throws IllegalArgumentException if nodes is out of range
     */
    public static long even(int nodes) {
        Share.checkNodes(nodes);
        return WHOLE / Math.max(1, nodes - 1);
    }

    /**
     * Returns what each node has if the total is divided among all: one of N equal parts.
     *
     * @param nodes how many nodes the cluster has, 1 to 10,000
     * @return parts, rounded down
     * @throws IllegalArgumentException if nodes is out of range
     */
    public static long home(int nodes) {
        Share.checkNodes(nodes);
        return WHOLE / nodes;
    }
}
