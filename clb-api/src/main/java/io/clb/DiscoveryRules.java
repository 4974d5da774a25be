package io.clb;

import io.clb.spi.DiscoveredServer;
import io.clb.spi.ServerDiscovery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The rules for groups whose servers are found, and for what is found. */
final class DiscoveryRules {

    private DiscoveryRules() {}

    /** What to expect of who removes a server that the group does not name. */
    static String expectedServer(Collection<String> servers, @Nullable ServerDiscovery discovery) {
        return "one of " + servers
                + (discovery == null
                        ? ""
                        : "; what discovery " + discovery.name()
                                + " finds cannot be removed: drain(...) or maintenance(...) keeps new flows from it");
    }

    /** Adds what was found to groups, as far as it is sound and the balancer has room for it. What a group names itself stays as it is. */
    static Map<String, ServerGroupConfig> merge(
            Config config,
            Map<String, List<DiscoveredServer>> found,
            BiConsumer<String, ConfigException.Mistake> refused) {
        int room = Config.MAX_SERVERS
                - config.serverGroups().values().stream()
                        .mapToInt(group -> group.servers().size())
                        .sum();
        Map<String, ServerGroupConfig> merged = new LinkedHashMap<>();
        for (ServerGroupConfig group : config.serverGroups().values()) {
            List<DiscoveredServer> ofGroup = group.discovery() == null ? null : found.get(group.name());
            ServerGroupConfig whole = ofGroup == null
                    ? group
                    : merge(config, group, ofGroup, room, mistake -> refused.accept(group.name(), mistake));
            room -= whole.servers().size() - group.servers().size();
            merged.put(group.name(), whole);
        }
        return merged;
    }

    private static ServerGroupConfig merge(
            Config config,
            ServerGroupConfig group,
            List<DiscoveredServer> found,
            int room,
            Consumer<ConfigException.Mistake> refused) {
        String where = "serverGroup " + group.name();
        String portless = PortRules.whyNotPortless(group, config.listeners().values());
        List<ServerConfig> all = new ArrayList<>(group.servers());
        Set<HostPort> own = new HashSet<>();
        group.servers().forEach(server -> own.add(server.address()));
        Set<HostPort> added = new HashSet<>();
        for (DiscoveredServer server : found) {
            Mistakes mistakes = new Mistakes();
            ServerConfig built = build(where, server, group.discoveredAdmin(), mistakes);
            if (built != null && mistakes.found().isEmpty() && !own.contains(built.address())) {
                if (portless != null && !built.address().hasPort()) {
                    mistakes.add(where, "server", server, portless);
                } else if (added.contains(built.address())) {
                    mistakes.add(where, "server", server, "each server once");
                } else if (added.size() >= room) {
                    mistakes.add(where, "server", server, "at most 65,535 over all server groups");
                } else {
                    added.add(built.address());
                    all.add(built);
                }
            }
            mistakes.found().stream().findFirst().ifPresent(refused);
        }
        return group.withServers(all);
    }

    private static @Nullable ServerConfig build(
            String where,
            @Nullable DiscoveredServer server,
            Map<HostPort, ServerConfig.Admin> words,
            Mistakes mistakes) {
        if (server == null) {
            mistakes.add(where, "server", "null", "a server");
            return null;
        }
        ServerConfig.Builder builder = new ServerConfig.Builder(server.toString()).weight(server.weight());
        server.tags().forEach(builder::tag);
        HostPort address = HostPort.parse(server.toString());
        if (address != null) {
            builder.admin(words.getOrDefault(address, ServerConfig.Admin.IN_SERVICE));
        }
        return builder.build(where, mistakes);
    }
}
