package io.clb.engine;

import io.clb.Config;
import io.clb.ListenerConfig;
import io.clb.RuleConfig;
import io.clb.ServerConfig;
import io.clb.Snapshot;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The live state, read by the thread that asks. */
record SnapshotView(
        String name,
        Instant taken,
        String transport,
        int loops,
        long configurations,
        long observerFailures,
        Snapshot.AccessLog accessLog,
        long bufferedBytes,
        long maxBufferedBytes,
        List<Snapshot.Listener> listeners,
        List<Snapshot.ServerGroup> serverGroups,
        List<Snapshot.EnforcedLimit> limits)
        implements Snapshot {

    static Snapshot of(
            String name,
            String transport,
            int loops,
            Plan plan,
            Discoveries discoveries,
            long observerFailures,
            AccessLogs accessLogs,
            ByteBudget budget,
            long nowNanos) {
        LimitViews limitViews = new LimitViews(nowNanos, Instant.now());
        List<Snapshot.Listener> listeners = new ArrayList<>();
        Config config = plan.config();
        plan.bindings().forEach((listener, bindings) -> {
            ListenerPlan running = plan.listener(bindings.get(0));
            if (running != null && config != null) {
                listeners.add(listener(running, bindings, config.listeners().get(listener), limitViews));
            }
        });
        return new SnapshotView(
                name,
                limitViews.now(),
                transport,
                loops,
                plan.number(),
                observerFailures,
                accessLogs.view(),
                budget.held(),
                budget.limit(),
                List.copyOf(listeners),
                plan.groups().stream()
                        .map(group -> group(group, discoveries.state(group.name())))
                        .toList(),
                limitViews.of(plan.limits()));
    }

    private static Snapshot.Listener listener(
            ListenerPlan plan, List<Binding> bindings, @Nullable ListenerConfig config, LimitViews limitViews) {
        RunListener listener = plan.listener();
        return new ListenerView(
                listener.name(),
                bindings.stream().map(Binding::address).toList(),
                plan.group(),
                listener.active(),
                listener.webSockets(),
                TallyView.of(listener.tally(), limitViews.nowNanos(), limitViews.now()),
                limitViews.of(plan.limits()),
                limitViews.ofRules(plan.rules()),
                mirrors(plan.mirrors(), config == null ? Map.of() : config.rules()));
    }

    private static Map<String, Snapshot.Mirror> mirrors(
            Map<String, RunMirror> running, Map<String, RuleConfig> configured) {
        Map<String, Snapshot.Mirror> views = new LinkedHashMap<>();
        running.forEach((name, mirror) -> {
            RuleConfig rule = configured.get(name);
            String group = rule == null ? null : rule.mirrorGroup();
            if (group != null) {
                views.put(name, new MirrorView(group, mirror.active(), mirror.mirrored(), mirror.givenUp()));
            }
        });
        return views;
    }

    private static Snapshot.ServerGroup group(RunGroup group, Snapshot.@Nullable Discovery discovery) {
        RunGroup.Members members = group.members();
        return new GroupView(
                group.name(),
                members.config().scheduler().name(),
                members.isFailingOpen(),
                group.spared(),
                group.drainsCutShort(),
                group.forgotten(),
                group.waiting(),
                discovery,
                members.sorted().stream()
                        .map(member -> server(member, members.weight(member)))
                        .toList());
    }

    private static Snapshot.Server server(RunGroup.Member member, int weightInForce) {
        RunServer server = member.server();
        RunServer.Status status = server.status();
        return new ServerView(
                server.id(),
                member.config().role(),
                status.state(),
                status.why(),
                status.since(),
                server.drainDeadline(),
                status.lastProbeNanos() < 0 ? null : Duration.ofNanos(status.lastProbeNanos()),
                member.config().weight(),
                weightInForce,
                server.active(),
                server.waiting(),
                server.count(RunServer.CONNECTIONS),
                server.count(RunServer.CONNECT_FAILURES),
                server.count(RunServer.RESETS),
                server.ejections(),
                server.count(RunServer.BYTES_TO_SERVER),
                server.count(RunServer.BYTES_FROM_SERVER));
    }

    private record ListenerView(
            String name,
            List<InetSocketAddress> addresses,
            String serverGroup,
            long active,
            long webSockets,
            TallyView counted,
            List<Snapshot.EnforcedLimit> limits,
            Map<String, List<Snapshot.EnforcedLimit>> ruleLimits,
            Map<String, Snapshot.Mirror> mirrors)
            implements Snapshot.Listener {

        @Override
        public long count(Snapshot.Metric metric) {
            return counted.count(metric);
        }

        @Override
        public long accepted() {
            return count(Snapshot.Metric.CONNECTIONS);
        }

        @Override
        public long requests() {
            return count(Snapshot.Metric.REQUESTS);
        }

        @Override
        public long bytesFromClients() {
            return count(Snapshot.Metric.BYTES_FROM_CLIENTS);
        }

        @Override
        public long bytesFromServers() {
            return count(Snapshot.Metric.BYTES_FROM_SERVERS);
        }

        @Override
        public Map<Reason, Long> dropped() {
            return counted.dropped();
        }

        @Override
        public Map<Reason, Long> ended() {
            return counted.ended();
        }

        @Override
        public Snapshot.History history() {
            return counted.history();
        }

        @Override
        public Snapshot.Latency latency() {
            return counted.latency();
        }
    }

    private record MirrorView(String serverGroup, long active, long mirrored, Map<Reason, Long> givenUp)
            implements Snapshot.Mirror {}

    private record GroupView(
            String name,
            String scheduler,
            boolean failingOpen,
            long ejectionsSpared,
            long drainsCutShort,
            long forgotten,
            int waiting,
            Snapshot.@Nullable Discovery discovery,
            List<Snapshot.Server> servers)
            implements Snapshot.ServerGroup {}

    private record ServerView(
            String id,
            ServerConfig.Role role,
            ServerState state,
            String why,
            Instant since,
            @Nullable Instant drainDeadline,
            @Nullable Duration lastProbe,
            int weight,
            int weightInForce,
            int active,
            int waiting,
            long connections,
            long connectFailures,
            long resets,
            long ejections,
            long bytesToServer,
            long bytesFromServer)
            implements Snapshot.Server {}
}
