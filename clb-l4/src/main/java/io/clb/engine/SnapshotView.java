package io.clb.engine;

import io.clb.Config;
import io.clb.ListenerConfig;
import io.clb.RuleConfig;
import io.clb.ServerConfig;
import io.clb.Snapshot;
import io.clb.TlsState;
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
        List<Snapshot.EnforcedLimit> limits,
        Snapshot.@Nullable ClusterState cluster)
        implements Snapshot {

    static Snapshot of(
            String name,
            String transport,
            int loops,
            Plan plan,
            @Nullable RunCluster cluster,
            Discoveries discoveries,
            long observerFailures,
            AccessLogs accessLogs,
            ByteBudget budget,
            long nowNanos) {
        LimitViews limitViews = new LimitViews(nowNanos, Instant.now(), cluster);
        TallyView.Reading tallies = new TallyView.Reading(nowNanos, limitViews.now());
        List<Snapshot.Listener> listeners = new ArrayList<>();
        Config config = plan.config();
        plan.bindings().forEach((listener, bindings) -> {
            ListenerPlan running = plan.listener(bindings.get(0));
            if (running != null && config != null) {
                listeners.add(listener(running, bindings, config.listeners().get(listener), limitViews, tallies));
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
                        .map(group -> group(group, discoveries.state(group.name()), tallies))
                        .toList(),
                limitViews.of(plan.limits()),
                cluster == null ? null : cluster.view(nowNanos, limitViews.now()));
    }

    private static Snapshot.Listener listener(
            ListenerPlan plan,
            List<Binding> bindings,
            @Nullable ListenerConfig config,
            LimitViews limitViews,
            TallyView.Reading tallies) {
        RunListener listener = plan.listener();
        return new ListenerView(
                listener.name(),
                bindings.stream().map(Binding::address).toList(),
                plan.group(),
                tls(plan.tls()),
                listener.active(),
                listener.webSockets(),
                tallies.of(listener.tally()),
                listener.rules().values().stream()
                        .<Snapshot.Rule>map(
                                rule -> new RuleView(rule.name(), rule.tally().active(), tallies.of(rule.tally())))
                        .toList(),
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

    private static Snapshot.ServerGroup group(
            RunGroup group, Snapshot.@Nullable Discovery discovery, TallyView.Reading tallies) {
        RunGroup.Members members = group.members();
        return new GroupView(
                group.name(),
                members.config().scheduler().name(),
                group.tally().active(),
                tallies.of(group.tally()),
                members.isFailingOpen(),
                group.spared(),
                group.drainsCutShort(),
                group.forgotten(),
                group.waiting(),
                discovery,
                members.sorted().stream()
                        .map(member -> server(member, members.weight(member), tallies))
                        .toList());
    }

    private static Snapshot.Server server(RunGroup.Member member, int weightInForce, TallyView.Reading tallies) {
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
                server.ejections(),
                tallies.of(server.tally()));
    }

    /** What is counted of a part, as that of its tally. */
    private interface CountedView extends Snapshot.Part {

        TallyView counted();

        @Override
        default long count(Snapshot.Metric metric) {
            return counted().count(metric);
        }

        @Override
        default Map<Reason, Long> ended() {
            return counted().ended();
        }

        @Override
        default Snapshot.History history() {
            return counted().history();
        }

        @Override
        default Snapshot.Latency latency() {
            return counted().latency();
        }
    }

    private static @Nullable TlsState tls(@Nullable ListenerTls spoken) {
        return spoken == null ? null : spoken.state();
    }

    private record ListenerView(
            String name,
            List<InetSocketAddress> addresses,
            String serverGroup,
            @Nullable TlsState tls,
            long active,
            long webSockets,
            TallyView counted,
            List<Snapshot.Rule> rules,
            List<Snapshot.EnforcedLimit> limits,
            Map<String, List<Snapshot.EnforcedLimit>> ruleLimits,
            Map<String, Snapshot.Mirror> mirrors)
            implements Snapshot.Listener, CountedView {

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
    }

    private record MirrorView(String serverGroup, long active, long mirrored, Map<Reason, Long> givenUp)
            implements Snapshot.Mirror {}

    private record RuleView(String name, long active, TallyView counted) implements Snapshot.Rule, CountedView {}

    private record GroupView(
            String name,
            String scheduler,
            long active,
            TallyView counted,
            boolean failingOpen,
            long ejectionsSpared,
            long drainsCutShort,
            long forgotten,
            int waiting,
            Snapshot.@Nullable Discovery discovery,
            List<Snapshot.Server> servers)
            implements Snapshot.ServerGroup, CountedView {}

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
            long ejections,
            TallyView counted)
            implements Snapshot.Server, CountedView {

        @Override
        public long connections() {
            return count(Snapshot.Metric.CONNECTIONS);
        }

        @Override
        public long connectFailures() {
            return count(Snapshot.Metric.CONNECT_FAILURES);
        }

        @Override
        public long resets() {
            return counted.resets();
        }

        @Override
        public long bytesToServer() {
            return count(Snapshot.Metric.BYTES_FROM_CLIENTS);
        }

        @Override
        public long bytesFromServer() {
            return count(Snapshot.Metric.BYTES_FROM_SERVERS);
        }
    }
}
