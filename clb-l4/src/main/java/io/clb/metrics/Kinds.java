package io.clb.metrics;

import io.clb.Snapshot;
import io.clb.Snapshot.Metric;
import io.clb.spi.ServerState;
import io.micrometer.core.instrument.Tags;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All that has meters. */
final class Kinds {

    private static final String NONE = "-";

    private static final Kind<Snapshot> BALANCER = new Measures<Snapshot>()
            .bytes("buffered", "What was read and is not yet written", Snapshot::bufferedBytes)
            .bytes("buffered.max", "How much that may be", Snapshot::maxBufferedBytes)
            .counter("configurations", "Configurations put in force", Snapshot::configurations)
            .counter("observer.failures", "How often an observer threw", Snapshot::observerFailures)
            .counter(
                    "access.log.lines",
                    "Lines written",
                    snapshot -> snapshot.accessLog().lines())
            .counter(
                    "access.log.dropped",
                    "Lines dropped",
                    snapshot -> snapshot.accessLog().droppedLines())
            .counter(
                    "access.log.failures",
                    "How often a file or sink failed",
                    snapshot -> snapshot.accessLog().failures())
            .of("clb.", false, snapshot -> Map.of(balancer(snapshot), snapshot));

    private static final Kind<Snapshot.Listener> LISTENERS = Measures.<Snapshot.Listener>ofPart("from_clients")
            .gauge("active", "Open connections, on UDP associations", Snapshot.Listener::active)
            .gauge("websockets", "WebSockets", Snapshot.Listener::webSockets)
            .counter("connections", "Connections that came in", listener -> listener.count(Metric.CONNECTIONS))
            .byReason("dropped", "Datagrams dropped, by reason", Snapshot.Listener::dropped)
            .of("clb.listener.", false, Kinds::listeners);

    private static final Kind<Snapshot.Rule> RULES = Measures.<Snapshot.Rule>ofPart("from_clients")
            .gauge("active", "Requests under way", Snapshot.Rule::active)
            .of("clb.rule.", true, Kinds::rules);

    private static final Kind<Snapshot.ServerGroup> GROUPS = groupMeasures()
            .gauge("active", "Connections, associations and requests under way", Snapshot.ServerGroup::active)
            .gauge("waiting", "Those of them that wait for room", Snapshot.ServerGroup::waiting)
            .counter("connections", "Connections that its servers accepted", group -> group.count(Metric.CONNECTIONS))
            .counter(
                    "ejections.spared",
                    "Ejections that would have been too many",
                    Snapshot.ServerGroup::ejectionsSpared)
            .of("clb.group.", false, Kinds::groups);

    private static final Kind<Snapshot.Server> SERVERS = Measures.<Snapshot.Server>ofPart("to_servers")
            .gauge("up", "1 if it is up, else 0", server -> server.state() == ServerState.UP ? 1 : 0)
            .gauge("weight", "The weight in force", Snapshot.Server::weightInForce)
            .gauge("active", "Connections, associations and requests on it", Snapshot.Server::active)
            .gauge("waiting", "Those that wait for it", Snapshot.Server::waiting)
            .counter("connections", "Connections that it accepted", Snapshot.Server::connections)
            .counter("resets", "Connections that it reset", Snapshot.Server::resets)
            .counter("ejections", "How often it was ejected", Snapshot.Server::ejections)
            .of("clb.server.", true, Kinds::servers);

    private static final Kind<Snapshot.EnforcedLimit> LIMITS = new Measures<Snapshot.EnforcedLimit>()
            .gauge("used", "Let through in the last full second", Snapshot.EnforcedLimit::used)
            .counter("dropped", "Refused, on UDP dropped", Snapshot.EnforcedLimit::dropped)
            .counter("put.off", "Reads that waited for bandwidth", Snapshot.EnforcedLimit::putOff)
            .of("clb.limit.", true, Kinds::limits);

    private static final Kind<Snapshot.Mirror> MIRRORS = new Measures<Snapshot.Mirror>()
            .gauge("active", "Copies under way", Snapshot.Mirror::active)
            .counter("mirrored", "Copies that were answered to the end", Snapshot.Mirror::mirrored)
            .byReason("given.up", "Copies that were not, by reason", Snapshot.Mirror::givenUp)
            .of("clb.mirror.", true, Kinds::mirrors);

    static final List<Kind<?>> ALL = List.of(BALANCER, LISTENERS, RULES, GROUPS, SERVERS, LIMITS, MIRRORS);

    private Kinds() {}

    private static Measures<Snapshot.ServerGroup> groupMeasures() {
        Measures<Snapshot.ServerGroup> measures = Measures.ofPart("to_servers");
        for (ServerState state : ServerState.values()) {
            measures.gauge(
                    "servers",
                    Tags.of("state", state.name().toLowerCase(Locale.ROOT)),
                    "Servers by state",
                    group -> group.servers().stream()
                            .filter(server -> server.state() == state)
                            .count());
        }
        return measures;
    }

    private static Tags balancer(Snapshot snapshot) {
        return Tags.of("balancer", snapshot.name());
    }

    private static Map<Tags, Snapshot.Listener> listeners(Snapshot snapshot) {
        Map<Tags, Snapshot.Listener> parts = new LinkedHashMap<>();
        snapshot.listeners()
                .forEach(listener -> parts.put(balancer(snapshot).and("listener", listener.name()), listener));
        return parts;
    }

    private static Map<Tags, Snapshot.Rule> rules(Snapshot snapshot) {
        Map<Tags, Snapshot.Rule> parts = new LinkedHashMap<>();
        listeners(snapshot)
                .forEach((tags, listener) ->
                        listener.rules().forEach(rule -> parts.put(tags.and("rule", rule.name()), rule)));
        return parts;
    }

    private static Map<Tags, Snapshot.ServerGroup> groups(Snapshot snapshot) {
        Map<Tags, Snapshot.ServerGroup> parts = new LinkedHashMap<>();
        snapshot.serverGroups().forEach(group -> parts.put(balancer(snapshot).and("group", group.name()), group));
        return parts;
    }

    private static Map<Tags, Snapshot.Server> servers(Snapshot snapshot) {
        Map<Tags, Snapshot.Server> parts = new LinkedHashMap<>();
        groups(snapshot)
                .forEach((tags, group) ->
                        group.servers().forEach(server -> parts.put(tags.and("server", server.id()), server)));
        return parts;
    }

    private static Map<Tags, Snapshot.Mirror> mirrors(Snapshot snapshot) {
        Map<Tags, Snapshot.Mirror> parts = new LinkedHashMap<>();
        listeners(snapshot)
                .forEach((tags, listener) ->
                        listener.mirrors().forEach((rule, mirror) -> parts.put(tags.and("rule", rule), mirror)));
        return parts;
    }

    private static Map<Tags, Snapshot.EnforcedLimit> limits(Snapshot snapshot) {
        Map<Tags, Snapshot.EnforcedLimit> parts = new LinkedHashMap<>();
        limits(balancer(snapshot).and("listener", NONE, "rule", NONE), snapshot.limits(), parts);
        listeners(snapshot).forEach((tags, listener) -> {
            limits(tags.and("rule", NONE), listener.limits(), parts);
            listener.ruleLimits().forEach((rule, limits) -> limits(tags.and("rule", rule), limits, parts));
        });
        return parts;
    }

    private static void limits(
            Tags around, List<Snapshot.EnforcedLimit> limits, Map<Tags, Snapshot.EnforcedLimit> parts) {
        limits.forEach(limit -> parts.put(around.and("limit", limit.name()), limit));
    }
}
