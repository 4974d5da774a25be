package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.DiscoveredServer;
import io.clb.spi.TrafficObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The configuration of a balancer: its listeners and server groups. Immutable; made by {@link LoadBalancer#builder()}. */
public final class Config {

    /** Over all server groups, and with those that discoveries find. */
    static final int MAX_SERVERS = 65_535;

    private final String name;
    private final Settings settings;
    private final Map<String, ServerGroupConfig> serverGroups;
    private final Map<String, ListenerConfig> listeners;
    private final List<TrafficObserver> observers;
    private final Cluster cluster;
    private final @Nullable AccessLog accessLog;
    private final @Nullable RequestFilters requestFilters;
    private final Map<Limit.Kind, Limit> limits;
    private final @Nullable EngineProvider engine;

    private Config(
            Builder builder,
            Map<String, ServerGroupConfig> serverGroups,
            Map<String, ListenerConfig> listeners,
            Map<Limit.Kind, Limit> limits) {
        this.name = builder.name;
        this.settings = builder.settings;
        this.serverGroups = java.util.Collections.unmodifiableMap(serverGroups);
        this.listeners = java.util.Collections.unmodifiableMap(listeners);
        this.observers = List.copyOf(builder.observers);
        this.cluster = builder.cluster;
        this.accessLog = builder.accessLog;
        this.requestFilters = builder.requestFilters;
        this.limits = limits;
        this.engine = builder.engine;
    }

    /**
     * Returns the balancer's name, which its log lines and threads begin with.
     *
     * @return the name, {@code "clb"} unless set
     */
    public String name() {
        return name;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#BALANCER}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    /**
     * Returns the server groups by name.
     *
     * @return an unmodifiable map, in the order of adding
     */
    public Map<String, ServerGroupConfig> serverGroups() {
        return serverGroups;
    }

    /**
     * Returns the server groups with what their discoveries found: for engines. An entry that is not sound is left out and told of: a host that is none, a port or
     * weight out of range, no port where a port is needed, null, what is there twice, and what is one too many for the balancer. A server that its
     * group names itself stays as it is configured there. This configuration does not change.
     *
     * @param found what was found, by the name of the group; of groups without a discovery it is ignored
     * @param refused told the group and what is wrong with an entry, one by one
     * @return the groups by name, in the order of adding
     */
    public Map<String, ServerGroupConfig> serverGroups(
            Map<String, List<DiscoveredServer>> found, BiConsumer<String, ConfigException.Mistake> refused) {
        return DiscoveryRules.merge(this, requireNonNull(found, "found"), requireNonNull(refused, "refused"));
    }

    /**
     * Returns the listeners by name.
     *
     * @return an unmodifiable map, in the order of adding
     */
    public Map<String, ListenerConfig> listeners() {
        return listeners;
    }

    /**
     * Returns who watches.
     *
     * @return an unmodifiable list, in the order of adding
     */
    public List<TrafficObserver> observers() {
        return observers;
    }

    /**
     * Returns the nodes that share the limits.
     *
     * @return the cluster; the product's 4 and 8 nodes unless set
     */
    public Cluster cluster() {
        return cluster;
    }

    /**
     * Returns the limits of the balancer as a whole.
     *
     * @return an unmodifiable map, in the order of the kinds; empty for none
     */
    public Map<Limit.Kind, Limit> limits() {
        return limits;
    }

    /**
     * Returns the access log of all listeners that have none of their own.
     *
     * @return the log, or null for none
     */
    public @Nullable AccessLog accessLog() {
        return accessLog;
    }

    /**
     * Returns where a listener's lines go.
     *
     * @param listener one of the listeners
     * @return its own access log, or else that of the balancer; null for none
     */
    public @Nullable AccessLog accessLog(ListenerConfig listener) {
        if (!requireNonNull(listener, "listener").isLogged()) {
            return null;
        }
        return listener.accessLog() == null ? accessLog : listener.accessLog();
    }

    /**
     * Returns the filters of all TCP and HTTP listeners that have none of their own.
     *
     * @return the filters, or null for none
     */
    public @Nullable RequestFilters requestFilters() {
        return requestFilters;
    }

    /**
     * Returns who judges what comes through a listener.
     *
     * @param listener one of the listeners
     * @return its own filters, or else those of the balancer; null for none, as on UDP
     */
    public @Nullable RequestFilters requestFilters(ListenerConfig listener) {
        if (!requireNonNull(listener, "listener").isFiltered() || listener.protocol() == ListenerConfig.Protocol.UDP) {
            return null;
        }
        return listener.requestFilters() == null ? requestFilters : listener.requestFilters();
    }

    /**
     * Returns the engine to run on.
     *
     * @return the engine, or null for the one on the class path
     */
    public @Nullable EngineProvider engine() {
        return engine;
    }

    /**
     * Returns a builder that starts from this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    @Override
    public String toString() {
        return "balancer " + name + " " + listeners.values();
    }

    /** Sets up a balancer: parts are added or changed by name, and removed by name. Not for use by several threads. */
    public static final class Builder {

        private String name = "clb";
        private Settings settings = Settings.DEFAULTS;
        private final Map<String, ServerGroupConfig.Builder> serverGroups = new LinkedHashMap<>();
        private final Map<String, ListenerConfig.Builder> listeners = new LinkedHashMap<>();
        private final List<TrafficObserver> observers = new ArrayList<>();
        private final Mistakes early = new Mistakes();
        private final Limits limits;
        private Cluster cluster = Cluster.DEFAULT;
        private @Nullable AccessLog accessLog;
        private @Nullable RequestFilters requestFilters;
        private @Nullable EngineProvider engine;

        Builder() {
            limits = new Limits(Map.of());
        }

        private Builder(Config from) {
            name = from.name;
            settings = from.settings;
            from.serverGroups.forEach((key, group) -> serverGroups.put(key, new ServerGroupConfig.Builder(group)));
            from.listeners.forEach((key, listener) -> listeners.put(key, new ListenerConfig.Builder(listener)));
            observers.addAll(from.observers);
            cluster = from.cluster;
            accessLog = from.accessLog;
            requestFilters = from.requestFilters;
            limits = new Limits(from.limits);
            engine = from.engine;
        }

        /**
         * Sets the balancer's name; {@code "clb"} unless set. Fixed once the balancer runs.
         *
         * @param value 1 to 80 characters
         * @return this
         */
        public Builder name(String value) {
            name = requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets whether the balancer's threads are daemon threads; they are not unless set. Fixed once the balancer runs.
         *
         * @param on true to let the JVM end while the balancer runs
         * @return this
         */
        public Builder daemonThreads(boolean on) {
            settings = settings.with(Options.DAEMON_THREADS, on);
            return this;
        }

        /**
         * Sets how much memory all flows together may take for what was read and is not yet written, as its reader is slow: 0 to 1,048,576 MiB; 0, which it is
         * unless set, for a quarter of the direct-memory limit of the JVM. Past it those flows are reset that hold most, past 90 % nothing new is let in, with
         * {@link io.clb.spi.Reason#MEMORY}.
         *
         * @param mebibytes the limit
         * @return this
         */
        public Builder maxBufferedMiB(int mebibytes) {
            settings = settings.with(Options.MAX_BUFFERED_MIB, mebibytes);
            return this;
        }

        /**
         * Sets the engine; the one on the class path unless set. Fixed once the balancer runs.
         *
         * @param provider such as {@code NettyEngine.on(eventLoopGroup)} of clb-l4
         * @return this
         */
        public Builder engine(EngineProvider provider) {
            engine = requireNonNull(provider, "provider");
            return this;
        }

        /**
         * Sets how many nodes share the limits, which are totals for all of them. Unless set, it is the product's: 4 for TCP and UDP listeners, so that this
         * node enforces a third of each total, and 8 for HTTP listeners, a seventh; a line in the log says so.
         *
         * @param nodes the cluster; {@link Cluster#single()} if this balancer is the only one
         * @return this
         */
        public Builder cluster(Cluster nodes) {
            cluster = requireNonNull(nodes, "nodes");
            return this;
        }

        /**
         * Limits what all listeners take together, or changes the limit of that kind. N is that of TCP listeners for connections and bandwidth, and that of
         * HTTP listeners for requests. A change is in force at once, and gives no free burst. Needs io.clb:clb-ratelimit.
         *
         * @param limit a total for the whole cluster, such as {@code Limit.bandwidthMbps(2_000)}
         * @return this
         */
        public Builder limit(Limit limit) {
            limits.set(limit);
            return this;
        }

        /**
         * Removes a limit of the balancer as a whole.
         *
         * @param kind the kind of one that is set
         * @return this
         */
        public Builder removeLimit(Limit.Kind kind) {
            limits.remove(kind);
            return this;
        }

        /**
         * Has a line written about every request, connection and association that ends, on all listeners that have no access log of their own. In force for what ends from
         * now on.
         *
         * @param log where to, and what; null, which it is unless set, for none
         * @return this
         */
        public Builder accessLog(@Nullable AccessLog log) {
            accessLog = log;
            return this;
        }

        /**
         * Has requests, and connections by their first bytes, judged before servers get to see them, on all TCP and HTTP listeners that have no filters of their own. In force
         * for what begins from now on; what runs keeps the filters that it began with.
         *
         * @param filters the filters; null, which it is unless set, for none
         * @return this
         */
        public Builder requestFilters(@Nullable RequestFilters filters) {
            requestFilters = filters;
            return this;
        }

        /**
         * Adds a watcher.
         *
         * @param observer the watcher
         * @return this
         */
        public Builder observer(TrafficObserver observer) {
            observers.add(requireNonNull(observer, "observer"));
            return this;
        }

        /**
         * Removes a watcher.
         *
         * @param observer one that was added
         * @return this
         */
        public Builder removeObserver(TrafficObserver observer) {
            if (!observers.remove(requireNonNull(observer, "observer"))) {
                early.add("balancer", "removeObserver", observer, "an observer that was added");
            }
            return this;
        }

        /**
         * Adds a server group, or changes the one of that name.
         *
         * @param group its name
         * @param settings what to set on it
         * @return this
         */
        public Builder serverGroup(String group, Consumer<ServerGroupConfig.Builder> settings) {
            requireNonNull(settings, "settings");
            settings.accept(
                    serverGroups.computeIfAbsent(requireNonNull(group, "group"), ServerGroupConfig.Builder::new));
            return this;
        }

        /**
         * Removes a server group that no listener and no rule forwards to any more, and no rule mirrors to.
         *
         * @param group its name
         * @return this
         */
        public Builder removeServerGroup(String group) {
            if (serverGroups.remove(requireNonNull(group, "group")) == null) {
                early.add("balancer", "removeServerGroup", group, "one of " + serverGroups.keySet());
            }
            return this;
        }

        /**
         * Adds a listener, or changes the one of that name.
         *
         * @param listener its name
         * @param settings what to set on it
         * @return this
         */
        public Builder listener(String listener, Consumer<ListenerConfig.Builder> settings) {
            requireNonNull(settings, "settings");
            settings.accept(
                    listeners.computeIfAbsent(requireNonNull(listener, "listener"), ListenerConfig.Builder::new));
            return this;
        }

        /**
         * Removes a listener: its sockets are closed, its open connections go on. Associations of UDP end, as their answers leave through those sockets.
         *
         * @param listener its name
         * @return this
         */
        public Builder removeListener(String listener) {
            if (listeners.remove(requireNonNull(listener, "listener")) == null) {
                early.add("balancer", "removeListener", listener, "one of " + listeners.keySet());
            }
            return this;
        }

        /**
         * Checks everything and makes the configuration.
         *
         * @return the configuration
         * @throws ConfigException with every mistake there is
         */
        public Config build() {
            Mistakes mistakes = new Mistakes(early);
            Names.check("balancer", name, mistakes);
            settings.check("balancer", mistakes);
            cluster.check(mistakes);
            Map<String, ServerGroupConfig> groups = new LinkedHashMap<>();
            serverGroups.forEach((key, group) -> groups.put(key, group.build(mistakes)));
            Map<String, ListenerConfig> built = new LinkedHashMap<>();
            listeners.forEach((key, listener) -> built.put(key, listener.build(groups.keySet(), mistakes)));
            checkServerCount(groups, mistakes);
            PortRules.check(built.values(), groups, mistakes);
            StickyRules.checkCluster(cluster, built.values(), mistakes);
            built.values().forEach(listener -> SchedulerRules.check(listener, groups, mistakes));
            built.values().forEach(listener -> Pair.check(listener, groups, mistakes));
            Map<Limit.Kind, Limit> whole = limits.build("balancer", Limit.Scope.BALANCER, null, mistakes);
            Divided.check(cluster, whole, built.values(), mistakes);
            if (accessLog != null) {
                accessLog.check("balancer", mistakes);
            }
            if (requestFilters != null) {
                requestFilters.check("balancer", mistakes);
            }
            checkLogFiles(built.values(), mistakes);
            mistakes.throwIfAny();
            return new Config(this, groups, built, whole);
        }

        /** What a line is made of may differ in one file, but not when that is rotated. */
        private void checkLogFiles(Collection<ListenerConfig> built, Mistakes mistakes) {
            Map<Path, AccessLog.Destination> files = new HashMap<>();
            if (accessLog != null && accessLog.destination().path() != null) {
                files.put(accessLog.destination().path(), accessLog.destination());
            }
            for (ListenerConfig listener : built) {
                AccessLog own = listener.accessLog();
                Path path = own == null ? null : own.destination().path();
                if (own != null && path != null) {
                    AccessLog.Destination other = files.putIfAbsent(path, own.destination());
                    if (other != null && !other.equals(own.destination())) {
                        mistakes.add(
                                "listener " + listener.name(),
                                "accessLog",
                                path,
                                "the same rotateAt, keep, maxBuffered and flushEvery in all access logs of a file");
                    }
                }
            }
        }

        private static void checkServerCount(Map<String, ServerGroupConfig> groups, Mistakes mistakes) {
            int servers = groups.values().stream()
                    .mapToInt(g -> g.servers().size() + g.discoveredAdmin().size())
                    .sum();
            if (servers > MAX_SERVERS) {
                mistakes.add("balancer", "servers", servers, "at most 65,535 over all server groups");
            }
        }

        /**
         * Makes the configuration and starts a balancer with it: {@code LoadBalancer.start(build())}.
         *
         * @return the running balancer
         * @throws ConfigException with every mistake there is
         * @throws BindException if a listener cannot listen; then none does
         */
        public LoadBalancer start() {
            return LoadBalancer.start(build());
        }
    }
}
