package io.clb;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rules for ports: one listener to each, and servers without one only where it is clear which port is meant. */
final class PortRules {

    /** Ports that are listened on, over all listeners and their addresses: as many as a protocol has on one address. */
    private static final int MAX_PORTS = 1 << 16;

    private static final String PORTS_ON_HTTP =
            "a server with a port: only TCP and UDP listeners go to the port that the client reached";

    private PortRules() {}

    /** A probe must know where to go, though clients choose the port. */
    static void check(String where, List<ServerConfig> servers, HealthCheck check, Mistakes mistakes) {
        boolean needsPort = needsPort(check);
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

    private static boolean needsPort(HealthCheck check) {
        return switch (check.kind()) {
            case NONE, CUSTOM -> false;
            case TCP, UDP, HTTP -> check.get(Options.CHECK_PORT) == 0;
        };
    }

    /** Says what a server of a group needs a port for; null if it may do without. */
    static @Nullable String whyNotPortless(ServerGroupConfig group, Collection<ListenerConfig> listeners) {
        if (needsPort(group.healthCheck())) {
            return "a server with a port: the health check of its group has none";
        }
        boolean onHttp = listeners.stream()
                .anyMatch(listener -> listener.protocol() == ListenerConfig.Protocol.HTTP
                        && targets(listener).anyMatch(group.name()::equals));
        return onHttp ? PORTS_ON_HTTP : null;
    }

    static void check(Collection<ListenerConfig> listeners, Map<String, ServerGroupConfig> groups, Mistakes mistakes) {
        Map<String, String> owners = new HashMap<>();
        checkCount(listeners, mistakes);
        for (ListenerConfig listener : listeners) {
            checkOwner(listener, owners, mistakes);
            if (listener.protocol() == ListenerConfig.Protocol.HTTP) {
                checkServers(listener, groups, mistakes);
            }
        }
    }

    private static void checkCount(Collection<ListenerConfig> listeners, Mistakes mistakes) {
        long ports = listeners.stream().mapToLong(PortRules::count).sum();
        if (ports > MAX_PORTS) {
            mistakes.add("balancer", "ports", ports, "at most 65,536 over all listeners and their addresses");
        }
    }

    private static long count(ListenerConfig listener) {
        List<String> addresses = listener.bindAddresses();
        // Beside it 0.0.0.0 adds nothing.
        boolean everywhere = addresses.contains("::");
        long sockets = addresses.stream()
                .filter(address -> !everywhere || !address.equals("0.0.0.0"))
                .count();
        long ports = Math.min(listener.lastPort(), PortRange.MAX_PORT) - listener.port() + 1L;
        return Math.max(1, sockets) * Math.max(1, ports);
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
        targets(listener)
                .distinct()
                .map(groups::get)
                .filter(group -> group != null)
                .forEach(group -> group.servers().stream()
                        .filter(server -> !server.address().hasPort())
                        .forEach(server -> mistakes.add(
                                "listener " + listener.name() + ": serverGroup " + group.name(),
                                "server",
                                server.address(),
                                PORTS_ON_HTTP)));
    }

    /** The groups that a listener and its rules forward to, and that rules mirror to. */
    private static Stream<String> targets(ListenerConfig listener) {
        return Stream.concat(
                Stream.ofNullable(listener.serverGroup()),
                listener.rules().values().stream().flatMap(PortRules::targets));
    }

    private static Stream<String> targets(RuleConfig rule) {
        return Stream.concat(rule.serverGroups().keySet().stream(), Stream.ofNullable(rule.mirrorGroup()));
    }
}
