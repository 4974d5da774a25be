package io.clb.spi;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * A server that a {@link ServerDiscovery} found. Nothing is checked here: what is out of range is left out by the balancer, which says so.
 *
 * @param host an address literal, without brackets, or a name, which the balancer looks up when it takes the server up: until then it takes no flows
 * @param port 1 to 65535; 0 for the port that the client reached
 * @param weight 0 to 100; 0 takes nothing new
 * @param tags words that schedulers and the snapshot can see; copied
 */
public record DiscoveredServer(String host, int port, int weight, Map<String, String> tags) {

    /** The weight of a server of which nothing else is known. */
    public static final int DEFAULT_WEIGHT = 100;

    /**
     * A server.
     *
     * @param host a name or an address literal, without brackets
     * @param port 1 to 65535; 0 for the port that the client reached
     * @param weight 0 to 100; 0 takes nothing new
     * @param tags words that schedulers and the snapshot can see; copied
     */
    public DiscoveredServer {
        requireNonNull(host, "host");
        tags = Map.copyOf(requireNonNull(tags, "tags"));
    }

    /**
     * A server without tags, of weight 100.
     *
     * @param host a name or an address literal, without brackets
     * @param port 1 to 65535; 0 for the port that the client reached
     * @return the server
     */
    public static DiscoveredServer of(String host, int port) {
        return new DiscoveredServer(host, port, DEFAULT_WEIGHT, Map.of());
    }

    /**
     * The same server with another weight.
     *
     * @param changed 0 to 100
     * @return a changed copy
     */
    public DiscoveredServer withWeight(int changed) {
        return new DiscoveredServer(host, port, changed, tags);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + (port == 0 ? "" : ":" + port);
    }
}
