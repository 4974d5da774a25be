package io.clb.engine;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;

import io.clb.AccessLog;
import io.clb.BindException;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.HealthCheck;
import io.clb.HostPort;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.RuleConfig;
import io.clb.ServerConfig;
import io.clb.ServerGroupConfig;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import io.clb.spi.Verdict;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Brings what runs in line with the configuration and with the verdicts of the health checks. Control only.
 *
 * <p>A change is prepared first, which may fail: sockets are bound, pickers built (code of the application's runs there). Then it is committed, which
 * cannot fail: servers, pools and at last the {@link Plan} are stored.
 */
final class Topology {

    /** For limits of the whole balancer: none of them is per client. */
    private static final int NO_CLIENTS = 0;

    /** Those of two configurations, of 65,536 ports each: the next one's are bound before those that it is without are closed. */
    private static final int MAX_BINDINGS = 2 << 16;

    private final Control control;
    private final Gate gate;
    private final Observers observers;
    private final AccessLogs accessLogs;
    private final Health health;
    private final Transport transport;
    private final Loop[] loops;
    private final long seed;
    private final Map<ListenerConfig.Protocol, Protocol> protocols;
    private final Map<HealthCheck.Kind, ProbeProtocol> probes;
    private final Prober prober;
    private final Resolver resolver;
    private final Discoveries discoveries;
    private final Limits limits;
    private final Drains drains;
    private final Rebuilds rebuilds;
    private final Ejections ejections;
    private final Advice advice;
    private final Slots serverSlots = new Slots(1 << 16);
    private final Slots bindingSlots = new Slots(MAX_BINDINGS);
    // set by control before the first configuration; read by any
    private volatile @Nullable RunCluster cluster;

    private Map<String, RunGroup> groups = Map.of();
    private Map<Pool.Key, Pool> pools = Map.of();
    private Map<String, RunListener> listeners = Map.of();

    Topology(
            String name,
            Control control,
            Gate gate,
            Observers observers,
            AccessLogs accessLogs,
            Transport transport,
            Loop[] loops,
            ExecutorService blocking,
            Extensions extensions,
            long seed) {
        this.control = control;
        this.gate = gate;
        this.observers = observers;
        this.accessLogs = accessLogs;
        this.health = new Health(name, observers);
        this.transport = transport;
        this.loops = loops;
        this.seed = seed;
        this.protocols = extensions.protocols();
        protocols.values().forEach(protocol -> protocol.start(loops.length, name));
        this.probes = extensions.probes();
        this.prober = new Prober(control, loops, transport, blocking, probes, seed, this::verdict);
        this.resolver = new Resolver(name, control, blocking);
        this.discoveries = new Discoveries(name, control, blocking, observers, this::reapply);
        this.limits = new Limits(name, extensions.rateLimiters(), loops.length, observers);
        this.drains = new Drains(name, control, this::dismissOn, this::endOn);
        this.rebuilds = new Rebuilds(name, control, loops.length, seed, this::rebuilt);
        this.ejections = new Ejections(name, control, health, rebuilds);
        this.advice = new Advice(name);
    }

    /** A listener without its limits. */
    private record Compiled(
            RunListener listener,
            Protocol protocol,
            @Nullable Pool pool,
            Object compiled) {}

    private static List<RunLimit> concat(List<RunLimit> narrow, List<RunLimit> wide) {
        List<RunLimit> both = new ArrayList<>(narrow);
        both.addAll(wide);
        return both;
    }

    /** What is prepared for a configuration and not in force yet. */
    private final class Draft {

        final Config config;
        final Map<String, ServerGroupConfig> wholeGroups;
        final Map<HostPort, InetSocketAddress> names;
        final Map<String, ListenerTls> tls;
        final Map<String, RunGroup> groups = new LinkedHashMap<>();
        final Map<String, RunGroup.Members> members = new LinkedHashMap<>();
        final Map<Pool.Key, Pool> pools = new LinkedHashMap<>();
        final Map<Pool, Picker> pickers = new LinkedHashMap<>();
        final Map<String, RunListener> listeners = new LinkedHashMap<>();
        final Map<String, ListenerPlan> plans = new LinkedHashMap<>();
        final Map<String, List<Binding>> bindings = new LinkedHashMap<>();
        final List<Binding> opened = new ArrayList<>();
        final List<RunServer> added = new ArrayList<>();
        final Map<Binding.Key, Binding> bound =
                gate.plan().allBindings().stream().collect(toMap(Binding::key, binding -> binding));
        final boolean first = gate.plan().number() == 0;
        final Map<String, Compiled> compiled = new LinkedHashMap<>();
        final Map<RunListener, Map<String, RunRule>> rules = new LinkedHashMap<>();
        final List<Runnable> ruleLimits = new ArrayList<>();
        Map<AccessLog.Destination, LogTarget> logTargets = Map.of();
        Plan plan = Plan.EMPTY;
        Set<String> advice = Set.of();

        Draft(
                Config config,
                Map<String, ServerGroupConfig> wholeGroups,
                Map<HostPort, InetSocketAddress> names,
                Map<String, ListenerTls> tls) {
            this.config = config;
            this.wholeGroups = wholeGroups;
            this.names = names;
            this.tls = tls;
        }

        void prepare() {
            check();
            wholeGroups.values().forEach(this::prepareGroup);
            config.listeners().values().forEach(this::prepareListener);
            logTargets = accessLogs.prepare(config);
            // After all that takes time: limiters go on from where those in force stand now.
            List<RunLimit> whole = limits.prepare(
                    "balancer",
                    config.limits(),
                    config.cluster()::nodes,
                    NO_CLIENTS,
                    gate.plan().limits(),
                    control.nowNanos());
            config.listeners().values().forEach(listener -> prepareLimits(listener, whole));
            advice = Advice.of(config, pools.keySet(), transport);
            long number = gate.plan().number() + (gate.plan().config() == config ? 0 : 1);
            plan = new Plan(number, config, List.copyOf(groups.values()), bindings, plans, whole);
        }

        private void check() {
            List<ConfigException.Mistake> mistakes = new ArrayList<>();
            checkExtensions(mistakes);
            checkSlots(mistakes);
            if (!mistakes.isEmpty()) {
                throw new ConfigException(mistakes);
            }
        }

        /** Servers of before keep their slots until those of now are in force. */
        private void checkSlots(List<ConfigException.Mistake> mistakes) {
            long more = wholeGroups.values().stream()
                    .flatMap(group ->
                            group.servers().stream().filter(server -> running(server, inForce(group.name())) == null))
                    .count();
            int free = serverSlots.free();
            if (more > free) {
                mistakes.add(new ConfigException.Mistake(
                        "balancer",
                        "servers",
                        String.format(Locale.ROOT, "%,d new ones", more),
                        String.format(
                                Locale.ROOT,
                                "at most %,d, as with those that they replace there may be 65,536: remove some first, in an update of its own",
                                free)));
            }
        }

        private void checkExtensions(List<ConfigException.Mistake> mistakes) {
            for (ServerGroupConfig group : config.serverGroups().values()) {
                HealthCheck.Kind kind = group.healthCheck().kind();
                boolean builtIn = kind == HealthCheck.Kind.NONE || kind == HealthCheck.Kind.CUSTOM;
                if (!builtIn && !probes.containsKey(kind)) {
                    mistakes.add(new ConfigException.Mistake(
                            "serverGroup " + group.name(), "healthCheck", kind.toString(), "add io.clb:clb-l7 for it"));
                }
                if (kind == HealthCheck.Kind.UDP && !transport.servesDatagrams()) {
                    mistakes.add(new ConfigException.Mistake(
                            "serverGroup " + group.name(),
                            "healthCheck",
                            kind.toString(),
                            "another kind, or epoll or NIO: there is no UDP on " + transport.name() + " yet"));
                }
            }
            for (ListenerConfig listener : config.listeners().values()) {
                if (!protocols.containsKey(listener.protocol())) {
                    mistakes.add(new ConfigException.Mistake(
                            "listener " + listener.name(),
                            "protocol",
                            listener.protocol().toString(),
                            listener.protocol() == ListenerConfig.Protocol.HTTP
                                    ? "add io.clb:clb-l7 for it"
                                    : "one that a module on the class path serves: " + protocols.keySet()));
                }
            }
            limits.check(config, mistakes);
        }

        private void prepareGroup(ServerGroupConfig group) {
            RunGroup running = Topology.this.groups.get(group.name());
            RunGroup.Members before = inForce(group.name());
            long now = control.nowNanos();
            Tally tally = running == null ? new Tally(loops.length) : running.tally();
            RunGroup.Members after = new RunGroup.Members(
                    group,
                    server -> prepareServer(group.name(), server, before, tally),
                    before == null ? Ramps.none(first, now) : before.ramps(),
                    now);
            members.put(group.name(), after);
            groups.put(group.name(), running == null ? new RunGroup(after, tally, loops) : running);
        }

        private RunGroup.@Nullable Members inForce(String group) {
            RunGroup running = Topology.this.groups.get(group);
            return running == null ? null : running.members();
        }

        private static @Nullable RunServer running(ServerConfig server, RunGroup.@Nullable Members before) {
            return before == null ? null : before.find(server.address().toString());
        }

        private RunServer prepareServer(
                String group, ServerConfig server, RunGroup.@Nullable Members before, Tally tally) {
            RunServer running = running(server, before);
            if (running != null) {
                return running;
            }
            RunServer created = new RunServer(group, serverSlots.take(), server, first, tally);
            HostPort address = server.address();
            InetSocketAddress known = address.isLiteral()
                    ? new InetSocketAddress(Binding.literal(address.host()), address.port())
                    : names.get(address);
            if (known != null) {
                created.address(known);
            }
            added.add(created);
            return created;
        }

        private void prepareListener(ListenerConfig listener) {
            Protocol protocol = protocols.get(listener.protocol());
            if (protocol == null) {
                throw new IllegalStateException("a configuration that was not validated");
            }
            String group = listener.serverGroup();
            Pool pool = group == null ? null : pool(group, listener.scheduler(), listener.sticker());
            RunListener before = Topology.this.listeners.get(listener.name());
            RunListener running = before == null ? newListener(listener.name()) : before;
            listeners.put(listener.name(), running);
            Map<String, RunRule> runRules = new LinkedHashMap<>();
            for (String rule : listener.rules().keySet()) {
                RunRule known = running.rules().get(rule);
                runRules.put(rule, known == null ? new RunRule(rule, loops.length) : known);
            }
            rules.put(running, runRules);
            Object made = protocol.compile(
                    listener,
                    (rule, named) -> pool(listener, rule, named),
                    rule -> requireNonNull(runRules.get(rule.name())));
            compiled.put(listener.name(), new Compiled(running, protocol, pool, made));
            bindings.put(
                    listener.name(),
                    Binding.Key.of(listener).stream()
                            .map(binding -> prepareBinding(binding, listener))
                            .toList());
        }

        /** With a history from now on, so that nothing is missing in it. */
        private RunListener newListener(String name) {
            RunListener created = new RunListener(name, loops.length);
            created.tally().begin(control.nowNanos());
            return created;
        }

        /** Those of the listener, and of its rules, which come into force with the rest. */
        private void prepareLimits(ListenerConfig listener, List<RunLimit> whole) {
            Compiled made = requireNonNull(compiled.get(listener.name()));
            long now = control.nowNanos();
            ToIntFunction<Limit.Kind> nodes = kind -> config.cluster().nodes(listener.protocol());
            int clientBits = listener.get(Options.IPV6_CLIENT_BITS);
            String scope = "listener " + listener.name();
            List<RunLimit> own = limits.prepare(
                    scope, listener.limits(), nodes, clientBits, made.listener().limits(), now);
            List<RunLimit> around = concat(own, whole);
            LimitChain chain =
                    LimitChain.of(around, loops.length, made.listener().chain());
            Map<String, List<RunLimit>> ofRules = new LinkedHashMap<>();
            requireNonNull(rules.get(made.listener())).forEach((name, rule) -> {
                Map<Limit.Kind, Limit> wanted =
                        requireNonNull(listener.rules().get(name)).limits();
                List<RunLimit> ofRule =
                        limits.prepare(scope + " rule " + name, wanted, nodes, clientBits, rule.limits(), now);
                LimitChain ofAll =
                        ofRule.isEmpty() ? chain : LimitChain.of(concat(ofRule, around), loops.length, rule.chain());
                if (!ofRule.isEmpty()) {
                    ofRules.put(name, ofRule);
                }
                ruleLimits.add(() -> {
                    limits.announce(listener.name() + " rule " + name, config.cluster(), rule.limits(), ofRule);
                    rule.limits(ofRule, LimitChain.uploads(ofRule, loops.length, rule.uploads()), ofAll);
                });
            });
            plans.put(
                    listener.name(),
                    new ListenerPlan(
                            made.listener(),
                            listener,
                            made.protocol(),
                            made.pool(),
                            made.compiled(),
                            ClientCounts.of(listener, made.listener().clients()),
                            Sources.of(listener.upstreamSources(), loops.length),
                            Linger.of(listener, transport),
                            own,
                            chain,
                            ofRules,
                            mirrors(listener, requireNonNull(rules.get(made.listener()))),
                            accessLogs.of(config, listener, logTargets),
                            FilterPlan.of(config.requestFilters(listener)),
                            tls.get(listener.name())));
        }

        private static Map<String, RunMirror> mirrors(ListenerConfig listener, Map<String, RunRule> running) {
            Map<String, RunMirror> mirrors = new LinkedHashMap<>();
            listener.rules().forEach((name, rule) -> {
                if (rule.mirrorGroup() != null) {
                    mirrors.put(name, requireNonNull(running.get(name)).mirror());
                }
            });
            return mirrors;
        }

        private Pool pool(ListenerConfig listener, RuleConfig rule, String name) {
            if (name.equals(rule.mirrorGroup())) {
                return pool(name, null, null);
            }
            SessionStickerFactory sticker = rule.sticker() == null ? listener.sticker() : rule.sticker();
            return pool(
                    name,
                    rule.scheduler() == null ? listener.scheduler() : rule.scheduler(),
                    rule.isNotSticky() ? null : sticker);
        }

        private Pool pool(String name, @Nullable SchedulerFactory own, @Nullable SessionStickerFactory sticker) {
            ServerGroupConfig group = config.serverGroups().get(name);
            if (group == null) {
                throw new IllegalStateException("a configuration that was not validated");
            }
            SchedulerFactory scheduler = own == null ? group.scheduler() : own;
            return pools.computeIfAbsent(new Pool.Key(group.name(), scheduler, sticker), this::preparePool);
        }

        private Pool preparePool(Pool.Key key) {
            RunGroup.Members after = members.get(key.group());
            if (after == null) {
                throw new IllegalStateException("a configuration that was not validated");
            }
            Pool running = Topology.this.pools.get(key);
            Picker picker = Pool.build(key, after, running == null ? null : running.picker(), loops.length, seed);
            Pool pool = running == null
                    ? new Pool(key, requireNonNull(groups.get(key.group())).tally(), picker)
                    : running;
            pickers.put(pool, picker);
            return pool;
        }

        private Binding prepareBinding(Binding.Key key, ListenerConfig listener) {
            Binding running = bound.get(key);
            if (running != null) {
                return running;
            }
            int slot = bindingSlots.takeLowest();
            try {
                Binding created = Binding.open(key, listener, slot, gate, transport, loops);
                opened.add(created);
                return created;
            } catch (BindException e) {
                bindingSlots.give(slot);
                throw e;
            }
        }

        List<RunGroup.Member> servers(Predicate<RunServer> which) {
            return members.values().stream()
                    .flatMap(group -> group.sorted().stream())
                    .filter(member -> which.test(member.server()))
                    .toList();
        }

        /** Nothing of this came into force. */
        void discard() {
            close(opened);
            added.forEach(server -> serverSlots.give(server.slot()));
        }
    }

    /**
     * Puts a configuration in force, or throws and changes nothing.
     *
     * @param names addresses of servers that are given by name, as far as they are known already
     * @param tls what speaks TLS, by the name of the listener
     */
    void apply(Config config, Map<HostPort, InetSocketAddress> names, Map<String, ListenerTls> tls) {
        applyWhole(config, names, tls);
        discoveries.configured(config);
    }

    /** Puts what discoveries found, or how many nodes the cluster has, in force, for the configuration that is. */
    void reapply() {
        Config config = gate.plan().config();
        if (config != null) {
            applyWhole(config, Map.of(), gate.plan().tls());
        }
    }

    private void applyWhole(Config config, Map<HostPort, InetSocketAddress> names, Map<String, ListenerTls> tls) {
        Draft draft = new Draft(config, discoveries.groups(config), names, tls);
        try {
            draft.prepare();
        } catch (RuntimeException | Error e) {
            draft.discard();
            throw e;
        }
        // First, so that who sees a server that was found sees in the snapshot that it was.
        discoveries.inForce();
        commit(draft);
    }

    /** Takes part in a cluster whose nodes talk to each other. Before the first configuration. */
    void join(RunCluster joined) {
        cluster = joined;
        limits.cluster(joined);
    }

    /** Leaves the cluster, if there is one to talk to: nothing is let through any more. */
    void leave() {
        if (cluster != null) {
            cluster.leave();
        }
    }

    /** The cluster that nodes talk in; null if they do not. */
    @Nullable
    RunCluster cluster() {
        return cluster;
    }

    Discoveries discoveries() {
        return discoveries;
    }

    private void commit(Draft draft) {
        List<Binding> bindingsBefore = gate.plan().allBindings();
        Map<String, RunGroup> groupsBefore = groups;
        Set<RunServer> serversBefore = servers(groups);
        observers.set(draft.config.observers());
        accessLogs.commit(draft.logTargets);
        // Before they are seen, so that nobody sees a new server without the operator's word on it.
        draft.servers(server -> !serversBefore.contains(server)).forEach(health::administer);
        draft.groups.forEach((group, running) -> running.members(members(draft, group)));
        draft.groups.values().forEach(group -> group.members().letBack());
        draft.pickers.forEach(Pool::picker);
        groups = draft.groups;
        pools.forEach((key, pool) -> {
            if (!draft.pools.containsKey(key)) {
                pool.retire();
            }
        });
        pools = draft.pools;
        groups.values()
                .forEach(group -> group.pools(pools.values().stream()
                        .filter(pool -> pool.group().equals(group.name()))
                        .toList()));
        advice.give(draft.advice);
        limits.announce("the balancer", draft.config.cluster(), gate.plan().limits(), draft.plan.limits());
        draft.rules.forEach(RunListener::rules);
        draft.ruleLimits.forEach(Runnable::run);
        for (Loop loop : loops) {
            loop.execute(loop::limitsChanged);
        }
        draft.plans.forEach((listener, plan) -> {
            limits.announce(listener, draft.config.cluster(), plan.listener().limits(), plan.limits());
            plan.listener().plan(plan);
        });
        limits.inForce(draft.plan.allLimits(), control.nowNanos());
        Set<RunListener> listenersGone = new HashSet<>();
        listeners.forEach((listener, running) -> {
            if (!draft.listeners.containsKey(listener)) {
                running.remove();
                listenersGone.add(running);
            }
        });
        if (!listenersGone.isEmpty()) {
            for (Loop loop : loops) {
                loop.execute(() -> loop.dismissOf(listenersGone));
            }
        }
        listeners = draft.listeners;
        gate.plan(draft.plan);
        draft.bindings.forEach((listener, bindings) -> {
            ListenerConfig config = requireNonNull(draft.config.listeners().get(listener));
            bindings.forEach(binding -> binding.serve(config));
        });
        draft.opened.forEach(Binding::accept);
        Set<Binding> bindingsGone = new LinkedHashSet<>(bindingsBefore);
        draft.plan.allBindings().forEach(bindingsGone::remove);
        close(bindingsGone);
        Set<RunServer> serversAfter = servers(groups);
        Set<RunServer> serversGone = new LinkedHashSet<>(serversBefore);
        serversGone.removeAll(serversAfter);
        Map<RunServer, RunGroup> gone = new LinkedHashMap<>();
        for (RunServer server : serversGone) {
            server.remove();
            if (groups.containsKey(server.group())) {
                // Without its group there is nowhere else to go: who waits for it may still come in.
                server.takesFlows(false);
            }
            serverSlots.give(server.slot());
            gone.put(server, requireNonNull(groups.getOrDefault(server.group(), groupsBefore.get(server.group()))));
        }
        drains.remove(gone);
        draft.servers(serversBefore::contains).forEach(health::administer);
        rebuilds.built(groups, pools);
        ejections.configured(groups);
        resolver.resolve(serversAfter);
        prober.probe(checks());
    }

    private static RunGroup.Members members(Draft draft, String group) {
        RunGroup.Members members = draft.members.get(group);
        if (members == null) {
            throw new IllegalStateException("group " + group + " was not prepared");
        }
        return members;
    }

    private static Set<RunServer> servers(Map<String, RunGroup> groups) {
        Set<RunServer> servers = new HashSet<>();
        groups.values().forEach(group -> group.members().sorted().forEach(member -> servers.add(member.server())));
        return servers;
    }

    private Map<RunServer, HealthCheck> checks() {
        Map<RunServer, HealthCheck> checks = new LinkedHashMap<>();
        groups.values()
                .forEach(group -> group.members()
                        .sorted()
                        .forEach(member -> checks.put(
                                member.server(), group.members().config().healthCheck())));
        return checks;
    }

    private void close(Collection<Binding> bindings) {
        Binding.close(bindings);
        bindings.forEach(binding -> bindingSlots.give(binding.slot()));
    }

    /** Pickers of a group that know of its servers as they are now are in force. */
    private void rebuilt(RunGroup group) {
        drains.look(group);
        group.admit();
    }

    /** Has every loop ask what is on servers to end whose time to drain begins. */
    private void dismissOn(Set<RunServer> leaving) {
        for (Loop loop : loops) {
            loop.execute(() -> loop.dismissOn(leaving));
        }
    }

    /** Has every loop end what is on servers whose time to drain is over. */
    private void endOn(Set<RunServer> drained) {
        for (Loop loop : loops) {
            loop.execute(() -> {
                loop.endOn(drained);
                protocols.values().forEach(protocol -> protocol.drained(loop, drained));
            });
        }
    }

    /** Closes what the protocols keep on a loop. On the loop. */
    void end(Loop loop) {
        protocols.values().forEach(protocol -> protocol.end(loop));
    }

    /** Stops accepting and probing; what is open goes on, and so do the sockets that associations answer through: new clients are dropped at the gate. */
    void stopAccepting() {
        Binding.close(gate.plan().allBindings().stream()
                .filter(binding -> !binding.isForDatagrams())
                .toList());
        prober.stop();
        discoveries.stop();
        resolver.resolve(Set.of());
    }

    /** Closes all that listens. */
    void stopListening() {
        stopAccepting();
        Binding.close(gate.plan().allBindings());
    }

    private void verdict(RunServer server, HealthCheck check, Verdict verdict, long nanos) {
        if (!server.isRemoved() && health.verdict(server, check, verdict, nanos)) {
            rebuilds.changed(server.group());
        }
    }
}
