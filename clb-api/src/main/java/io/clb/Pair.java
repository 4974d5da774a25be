package io.clb;

import io.clb.schedule.PrimaryFirst;
import io.clb.schedule.Schedulers;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules for groups of a primary and a secondary, and for the listeners that forward to one. */
final class Pair {

    private static final String NOT_ON_HTTP =
            "a group without primary and secondary: those are for TCP and UDP listeners";

    private Pair() {}

    private static boolean isPair(List<ServerConfig> servers) {
        return servers.stream().anyMatch(server -> server.role() != ServerConfig.Role.EQUAL);
    }

    /** Who picks in a group of these servers. */
    static SchedulerFactory scheduler(List<ServerConfig> servers, @Nullable SchedulerFactory own) {
        return servers.stream()
                .filter(server -> server.role() == ServerConfig.Role.PRIMARY)
                .findFirst()
                .<SchedulerFactory>map(
                        server -> new PrimaryFirst(server.address().toString()))
                .orElse(own == null ? Schedulers.weightedRoundRobin() : own);
    }

    /** A group has exactly one of each, and nobody else, or none of both. */
    static void check(
            String where,
            List<ServerConfig> servers,
            @Nullable SchedulerFactory own,
            @Nullable ServerDiscovery discovery,
            Mistakes mistakes) {
        if (!isPair(servers)) {
            return;
        }
        if (discovery != null) {
            mistakes.add(
                    where,
                    "discovery",
                    discovery.name(),
                    "not set: a group of a primary and a secondary has no other servers");
        }
        checkOne(where, "primary", servers, ServerConfig.Role.PRIMARY, mistakes);
        checkOne(where, "secondary", servers, ServerConfig.Role.SECONDARY, mistakes);
        servers.stream()
                .filter(server -> server.role() == ServerConfig.Role.EQUAL)
                .forEach(server -> mistakes.add(
                        where,
                        "server",
                        server.address(),
                        "primary(...) or secondary(...): a group that has them has no other servers"));
        if (own != null) {
            mistakes.add(
                    where,
                    "scheduler",
                    own.name(),
                    "not set: a group of a primary and a secondary sends all flows to the one or the other");
        }
    }

    private static void checkOne(
            String where, String field, List<ServerConfig> servers, ServerConfig.Role role, Mistakes mistakes) {
        List<HostPort> those = servers.stream()
                .filter(server -> server.role() == role)
                .map(ServerConfig::address)
                .toList();
        if (those.size() != 1) {
            mistakes.add(where, field, those.isEmpty() ? "not set" : those, "exactly one server of the group");
        }
    }

    /** A listener has nothing of its own that would send flows elsewhere, and no requests, which go to servers one by one. */
    static void check(ListenerConfig listener, Map<String, ServerGroupConfig> groups, Mistakes mistakes) {
        String where = "listener " + listener.name();
        checkTarget(where, listener, listener.serverGroup(), groups, mistakes);
        listener.rules().values().forEach(rule -> {
            String place = where + ": rule " + rule.name();
            rule.serverGroups().keySet().forEach(group -> checkTarget(place, listener, group, groups, mistakes));
            ServerGroupConfig mirror = rule.mirrorGroup() == null ? null : groups.get(rule.mirrorGroup());
            if (mirror != null && isPair(mirror.servers())) {
                mistakes.add(place, "mirrorTo", mirror.name(), NOT_ON_HTTP);
            }
        });
    }

    private static void checkTarget(
            String where,
            ListenerConfig listener,
            @Nullable String target,
            Map<String, ServerGroupConfig> groups,
            Mistakes mistakes) {
        ServerGroupConfig group = target == null ? null : groups.get(target);
        if (group == null || !isPair(group.servers())) {
            return;
        }
        String why = "not set: server group " + target + " has a primary, which gets all flows while it may take any";
        if (listener.protocol() == ListenerConfig.Protocol.HTTP) {
            mistakes.add(where, "forwardTo", group.name(), NOT_ON_HTTP);
        }
        SchedulerFactory own = listener.scheduler();
        if (own != null) {
            mistakes.add(where, "scheduler", own.name(), why);
        }
        if (listener.sticker() != null) {
            mistakes.add(where, "sticky", listener.sticker(), why);
        }
    }
}
