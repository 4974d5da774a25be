package io.clb.ratelimit;

import java.util.Locale;

/** What a node has of a total, as parts of it: 2^40 are the whole. Parts that are added up lose nothing, whatever the total is, and though it changes. */
public final class Parts {

    /** The whole total. */
    public static final long WHOLE = 1L << 40;

    private static final int MAX_NODES = 10_000;

    private Parts() {}

    /**
     * Returns the product's share of a node, that of {@link Share}: what any N - 1 nodes make the total of.
     *
     * @param nodes N, 1 to 10,000
     * @return {@code WHOLE / (N - 1)}, rounded down, less than 1 ppm below it; all of it where N is 1
     */
    public static long even(int nodes) {
        return WHOLE / Math.max(1, check(nodes) - 1);
    }

    /**
     * Returns what is a node's own where all nodes are there.
     *
     * @param nodes N, 1 to 10,000
     * @return {@code WHOLE / N}, rounded down
     */
    public static long home(int nodes) {
        return WHOLE / check(nodes);
    }

    private static int check(int nodes) {
        if (nodes < 1 || nodes > MAX_NODES) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "nodes: %d (expected: 1 to %,d)", nodes, MAX_NODES));
        }
        return nodes;
    }
}
