package io.clb;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The rules for ports: one listener to each, and servers without one only where it is clear which port is meant. */
final class PortRules {

    private PortRules() {}

    /** A probe must know where to go, though clients choose the port. */
    static void check(String where, List<ServerConfig> servers, HealthCheck check, Mistakes mistakes) {
        boolean needsPort = switch (check.kind()) {
            case NONE, CUSTOM -> false;
            case TCP, UDP, HTTP -> check.get(Options.CHECK_PORT) == 0;
        };
        for (ServerConfig server : servers) {
            if (needsPort && !server.address().hasPort()) {
                mistakes.add(
                        where,
                        "healthCheck port",
                        "not set",
                        "a port, or HealthCheck.none(): server " + server.address() + " has none of its own");
            }
        }
    }

    static void check(Collection<ListenerConfig> listeners, Map<String, ServerGroupConfig> groups, Mistakes mistakes) {
        Map<String, String> owners = new HashMap<>();
        for (ListenerConfig listener : listeners) {
            checkOwner(listener, owners, mistakes);
            if (listener.protocol() == ListenerConfig.Protocol.HTTP) {
                checkServers(listener, groups, mistakes);
            }
        }
    }

    private static void checkOwner(ListenerConfig listener, Map<String, String> owners, Mistakes mistakes) {
        if (listener.port() == 0) {
            return;
        }
        String ports = listener.protocol() == ListenerConfig.Protocol.UDP ? "udp" : "tcp";
        List<String> addresses = listener.bindAddresses().isEmpty() ? List.of("*") : listener.bindAddresses();
        for (String address : addresses) {
            checkOwner(listener, ports + " " + address + " ", owners, mistakes);
        }
    }

    /** One mistake for a listener and an address, however many of its ports others have. */
    private static void checkOwner(
            ListenerConfig listener, String where, Map<String, String> owners, Mistakes mistakes) {
        boolean free = true;
        // What is out of range is a mistake already.
        int last = Math.min(listener.lastPort(), PortRange.MAX_PORT);
        for (int port = Math.max(1, listener.port()); port <= last; port++) {
            String owner = owners.putIfAbsent(where + port, listener.name());
            if (owner != null && free) {
                free = false;
                mistakes.add(
                        "listener " + listener.name(),
                        "port",
                        port,
                        "a port that listener " + owner + " does not use on the same address");
            }
        }
    }

    /** Connections to a server are kept for any client, so it has one port for all. */
    private static void checkServers(
            ListenerConfig listener, Map<String, ServerGroupConfig> groups, Mistakes mistakes) {
        Stream<String> targets = Stream.concat(
                Stream.ofNullable(listener.serverGroup()),
                listener.rules().values().stream().map(RuleConfig::serverGroup));
        targets.distinct()
                .map(groups::get)
                .filter(group -> group != null)
                .forEach(
                        group -> group.servers().stream()
                                .filter(server -> !server.address().hasPort())
                                .forEach(
                                        server -> mistakes.add(
                                                "listener " + listener.name() + ": serverGroup " + group.name(),
                                                "server",
                                                server.address(),
                                                "a server with a port: only TCP and UDP listeners go to the port that the client reached")));
    }
}
