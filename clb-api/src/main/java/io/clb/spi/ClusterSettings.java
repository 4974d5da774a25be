package io.clb.spi;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Locale;

/**
 * How a node takes part in a cluster whose nodes talk to each other.
 *
 * @param node its name, 1 to 64 characters; another for each node, and the same after a restart
 * @param expectedNodes how many nodes are started, 1 to 10,000; until so many were there at once, that many count
 * @param interval between two reports, 50 ms to 10 s; 100 ms is enough for 50 nodes, more nodes need 2 ms each
 * @param whenAlone what holds while no other node is heard
 */
public record ClusterSettings(String node, int expectedNodes, Duration interval, WhenAlone whenAlone) {

    /** The usual interval. */
    public static final Duration INTERVAL = Duration.ofMillis(100);

    private static final int MAX_NODES = 10_000;
    private static final int MAX_NAME = 64;
    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /**
     * Checks the ranges.
     *
     * @param node its name
     * @param expectedNodes how many nodes are started
     * @param interval between two reports
     * @param whenAlone what holds while no other node is heard
     * @throws IllegalArgumentException if one is out of its range
     */
    public ClusterSettings {
        requireNonNull(whenAlone, "whenAlone");
        if (requireNonNull(node, "node").isEmpty() || node.length() > MAX_NAME) {
            throw new IllegalArgumentException("node: \"" + node + "\" (expected: 1 to 64 characters)");
        }
        if (expectedNodes < 1 || expectedNodes > MAX_NODES) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "expectedNodes: %d (expected: 1 to %,d)", expectedNodes, MAX_NODES));
        }
        if (requireNonNull(interval, "interval").compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("interval: " + interval + " (expected: 50 ms to 10 s)");
        }
    }
}
