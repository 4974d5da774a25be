package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.schedule.Schedulers;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A server group, as configured: servers, the scheduler that picks among them, and the check that tells which are fit. Immutable. */
public final class ServerGroupConfig {

    private final String name;
    private final List<ServerConfig> servers;
    private final SchedulerFactory scheduler;

    // what the builder was told, so that a builder made of this knows what it was not told
    private final @Nullable SchedulerFactory ownScheduler;
    private final HealthCheck healthCheck;
    private final Ejection ejection;
    private final Settings settings;
    private final @Nullable ServerDiscovery discovery;
    private final Map<HostPort, ServerConfig.Admin> discoveredAdmin;

    private ServerGroupConfig(String name, List<ServerConfig> servers, Builder builder) {
        this.name = name;
        this.servers = List.copyOf(servers);
        this.ownScheduler = builder.scheduler;
        this.scheduler = Pair.scheduler(this.servers, builder.scheduler);
        this.healthCheck = builder.healthCheck;
        this.ejection = builder.ejection;
        this.settings = builder.settings;
        this.discovery = builder.discovery;
        this.discoveredAdmin = Collections.unmodifiableMap(builder.discoveredAdmin());
    }

    /** The same group with other servers, which are sound. */
    ServerGroupConfig withServers(List<ServerConfig> all) {
        return new ServerGroupConfig(name, all, new Builder(this));
    }

    /**
     * Returns the name.
     *
     * @return the name, unique in the balancer
     */
    public String name() {
        return name;
    }

    /**
     * Returns the servers that it names itself. Those that a discovery finds are in the snapshot.
     *
     * @return an unmodifiable list, in the order of adding
     */
    public List<ServerConfig> servers() {
        return servers;
    }

    /**
     * Returns what finds servers besides.
     *
     * @return the discovery, or null for none
     */
    public @Nullable ServerDiscovery discovery() {
        return discovery;
    }

    /**
     * Returns the operator's word on servers that this group does not name itself, which holds whenever its discovery finds them.
     *
     * @return an unmodifiable map by address, in the order of setting: draining or maintenance
     */
    public Map<HostPort, ServerConfig.Admin> discoveredAdmin() {
        return discoveredAdmin;
    }

    /**
     * Returns the scheduler.
     *
     * @return the factory
     */
    public SchedulerFactory scheduler() {
        return scheduler;
    }

    /**
     * Returns the health check.
     *
     * @return the check
     */
    public HealthCheck healthCheck() {
        return healthCheck;
    }

    /**
     * Returns what ejects a server that fails its flows.
     *
     * @return the ejection; {@link Ejection#none()} unless set
     */
    public Ejection ejection() {
        return ejection;
    }

    /**
     * Returns how long a server that joins or recovers takes to its full weight.
     *
     * @return 30 s to 900 s, or {@link Duration#ZERO} if it has its full weight at once
     */
    public Duration slowStart() {
        return settings.get(Options.SLOW_START);
    }

    /**
     * Returns how long what runs may go on, on a server that is drained, removed or down.
     *
     * @return 10 s to 900 s, or {@link Duration#ZERO} if until it ends by itself
     */
    public Duration draining() {
        return settings.get(Options.DRAINING);
    }

    /**
     * Returns whether servers that are down or ejected are used when no other is left.
     *
     * @return false unless set
     */
    public boolean failOpen() {
        return settings.get(Options.FAIL_OPEN);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerGroupConfig that
                && name.equals(that.name)
                && servers.equals(that.servers)
                && scheduler.equals(that.scheduler)
                && healthCheck.equals(that.healthCheck)
                && ejection.equals(that.ejection)
                && settings.equals(that.settings)
                && Objects.equals(discovery, that.discovery)
                && discoveredAdmin.equals(that.discoveredAdmin);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, servers, scheduler, healthCheck, ejection, settings, discovery, discoveredAdmin);
    }

    @Override
    public String toString() {
        return "serverGroup " + name + " " + servers + (discovery == null ? "" : " and what " + discovery + " finds");
    }

    /** Sets up a server group; servers are added or changed by address. Not for use by several threads. */
    public static final class Builder {

        private final String name;
        private final Map<String, ServerConfig.Builder> servers = new LinkedHashMap<>();
        private final Map<String, ServerConfig.Admin> words = new LinkedHashMap<>();
        private final List<String> missing = new ArrayList<>();
        private @Nullable ServerDiscovery discovery;
        private @Nullable SchedulerFactory scheduler;
        private HealthCheck healthCheck = HealthCheck.tcp();
        private Ejection ejection = Ejection.none();
        private Settings settings = Settings.DEFAULTS;

        Builder(String name) {
            this.name = name;
        }

        Builder(ServerGroupConfig from) {
            this(from.name);
            from.servers.forEach(server -> servers.put(server.address().toString(), new ServerConfig.Builder(server)));
            scheduler = from.ownScheduler;
            healthCheck = from.healthCheck;
            ejection = from.ejection;
            settings = from.settings;
            discovery = from.discovery;
            from.discoveredAdmin.forEach((address, word) -> words.put(address.toString(), word));
        }

        private Map<HostPort, ServerConfig.Admin> discoveredAdmin() {
            Map<HostPort, ServerConfig.Admin> sound = new LinkedHashMap<>();
            words.forEach((text, word) -> {
                HostPort address = HostPort.parse(text);
                if (address != null) {
                    sound.put(address, word);
                }
            });
            return sound;
        }

        /**
         * Adds a server, or leaves one that is there as it is.
         *
         * @param address {@code host:port}, an IPv6 literal in brackets
         * @return this
         */
        public Builder server(String address) {
            return server(address, s -> {});
        }

        /**
         * Adds a server or changes one that is there. One that a discovery has found becomes the group's own by this: what is set here holds in place of what is
         * found, the operator's word stays, and it remains when it is not found any more.
         *
         * @param address {@code host:port}, an IPv6 literal in brackets
         * @param settings what to set on it
         * @return this
         */
        public Builder server(String address, Consumer<ServerConfig.Builder> settings) {
            requireNonNull(settings, "settings");
            settings.accept(servers.computeIfAbsent(key(address), this::newServer));
            return this;
        }

        private ServerConfig.Builder newServer(String key) {
            ServerConfig.Builder server = new ServerConfig.Builder(key);
            ServerConfig.Admin word = words.remove(key);
            if (word != null) {
                server.admin(word);
            }
            return server;
        }

        /**
         * Makes a server the primary of its group, which gets all flows while it may take any: its check finds it up, and it is not drained or in maintenance.
         * Adds it if it is not there. Such a group has exactly two servers, this one and the {@linkplain #secondary(String) secondary}, and is for TCP and UDP
         * listeners, without a scheduler or stickiness of their own.
         *
         * <p>While the primary may take none, flows go to the secondary; when it is back, new ones go to the primary again, and those that run stay. A
         * connect that the primary does not take is tried on the secondary, too.
         *
         * @param address {@code host:port}, an IPv6 literal in brackets
         * @return this
         */
        public Builder primary(String address) {
            return primary(address, s -> {});
        }

        /**
         * Makes a server the {@linkplain #primary(String) primary} of its group, and changes it.
         *
         * @param address {@code host:port}, an IPv6 literal in brackets
         * @param settings what to set on it
         * @return this
         */
        public Builder primary(String address, Consumer<ServerConfig.Builder> settings) {
            return server(address, settings, ServerConfig.Role.PRIMARY);
        }

        /**
         * Makes a server the secondary of its group, which gets flows while the {@linkplain #primary(String) primary} may take none. Adds it if it is not
         * there.
         *
         * @param address {@code host:port}, an IPv6 literal in brackets
         * @return this
         */
        public Builder secondary(String address) {
            return secondary(address, s -> {});
        }

        /**
         * Makes a server the {@linkplain #secondary(String) secondary} of its group, and changes it.
         *
         * @param address {@code host:port}, an IPv6 literal in brackets
         * @param settings what to set on it
         * @return this
         */
        public Builder secondary(String address, Consumer<ServerConfig.Builder> settings) {
            return server(address, settings, ServerConfig.Role.SECONDARY);
        }

        private Builder server(String address, Consumer<ServerConfig.Builder> settings, ServerConfig.Role role) {
            return server(address, s -> {
                requireNonNull(settings, "settings").accept(s);
                s.role(role);
            });
        }

        /**
         * Removes a server: nothing new goes there, what runs goes on, as long as {@link #draining} says. One that a discovery finds cannot be removed, and one that
         * it finds as well goes on as found.
         *
         * @param address a server that this group names itself
         * @return this
         */
        public Builder removeServer(String address) {
            if (servers.remove(key(address)) == null) {
                missing.add(address);
            }
            return this;
        }

        /**
         * Sets what finds servers, besides those that the group names itself; none unless set. It is started when the configuration is in force, and goes on through
         * updates that bring an equal one. A balancer that starts waits for its first list, 2 s at most. Lists that are empty, and failures, leave
         * the servers that were found before; so does another discovery that is put in its place, until its first list.
         *
         * <p>Not for a group of a primary and a secondary, nor where a scheduler must know a number of each server.
         *
         * @param finder such as {@code DnsDiscovery.addresses("app.example.com", 8080)} of clb-l4, one made by {@link Extensions#discovery}, or one of the application's own
         * @return this
         */
        public Builder discovery(ServerDiscovery finder) {
            discovery = requireNonNull(finder, "finder");
            return this;
        }

        /**
         * Removes the discovery, and with it the servers that it found and the operator's word on them.
         *
         * @return this
         */
        public Builder removeDiscovery() {
            discovery = null;
            words.clear();
            return this;
        }

        /**
         * Sends nothing new to a server; what runs goes on, as long as {@link #draining} says. In a group with a {@linkplain #discovery discovery} it may be any address:
         * the word holds whenever that is found, until it is taken back.
         *
         * @param address a server of this group
         * @return this
         */
        public Builder drain(String address) {
            return admin(address, ServerConfig.Admin.DRAINING);
        }

        /**
         * Takes {@link #drain} back.
         *
         * @param address a server of this group
         * @return this
         */
        public Builder undrain(String address) {
            return admin(address, ServerConfig.Admin.IN_SERVICE);
        }

        /**
         * Takes a server out of service, or puts it back, which also ends its draining. While it is out, it takes nothing new, whatever else is
         * configured or fails; what runs on it goes on, and so do its checks. Holds through all other updates until it is taken back.
         *
         * @param address a server of this group
         * @param on true to take it out
         * @return this
         */
        public Builder maintenance(String address, boolean on) {
            return admin(address, on ? ServerConfig.Admin.MAINTENANCE : ServerConfig.Admin.IN_SERVICE);
        }

        private Builder admin(String address, ServerConfig.Admin word) {
            ServerConfig.Builder server = servers.get(key(address));
            if (server != null) {
                server.admin(word);
            } else if (discovery == null) {
                missing.add(address);
            } else if (word == ServerConfig.Admin.IN_SERVICE) {
                words.remove(key(address));
            } else {
                words.put(key(address), word);
            }
            return this;
        }

        /**
         * Sets who picks among the servers; {@link Schedulers#weightedRoundRobin()} unless set.
         *
         * @param factory one of {@link Schedulers}, one found by {@link Extensions#scheduler(String)}, or one of the application's own
         * @return this
         */
        public Builder scheduler(SchedulerFactory factory) {
            scheduler = requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Sets how servers are probed; {@link HealthCheck#tcp()} unless set.
         *
         * @param check the check, {@link HealthCheck#none()} for none
         * @return this
         */
        public Builder healthCheck(HealthCheck check) {
            healthCheck = requireNonNull(check, "check");
            return this;
        }

        /**
         * Sets what ejects a server that fails its flows, whatever its checks say; {@link Ejection#none()} unless set.
         *
         * @param rule such as {@code Ejection.after(5)}
         * @return this
         */
        public Builder ejection(Ejection rule) {
            ejection = requireNonNull(rule, "rule");
            return this;
        }

        /**
         * Sets how long a server that joins or recovers takes to its full weight: {@link Duration#ZERO}, which holds unless set, for none, or 30 s to
         * 900 s. It starts with a tenth of its weight, and gains a tenth at a time, in whole numbers, never below 1.
         *
         * <p>A server joins when it may take flows and could not before: an update added it and its check found it up, it recovered, it came back from
         * draining or maintenance, its weight was 0. The servers that a balancer starts with have their full weight at once. One that fails on the way
         * starts anew. A time that is changed holds for those on the way too, counted from their start.
         *
         * <p>Schedulers that ignore weights know no slow start, nor do those that must pick alike on every node.
         *
         * @param time how long
         * @return this
         */
        public Builder slowStart(Duration time) {
            settings = settings.with(Options.SLOW_START, time);
            return this;
        }

        /**
         * Sets how long what runs may go on, on a server that takes nothing new for good: one that is drained, was removed, or fails its checks. {@link
         * Duration#ZERO}, which holds unless set, means until it ends by itself; else 10 s to 900 s.
         *
         * <p>What still runs at the deadline is ended with {@link io.clb.spi.Reason#SERVER_DRAINED}: TCP connections are reset on both sides, associations of
         * UDP are forgotten, so that the client's next datagram goes to another server, and requests are answered with 503, or reset if their response
         * has begun. A server that is back before keeps what runs on it, but for WebSockets, whose ends are asked to close when the time begins.
         *
         * <p>The time counts from when the server ceased to take flows. One that is changed holds for servers on the way too, but for those that were removed
         * before. One in {@link #maintenance} has no deadline, and none that fails while the group {@linkplain #failOpen fails open} to it.
         *
         * @param time how long
         * @return this
         */
        public Builder draining(Duration time) {
            settings = settings.with(Options.DRAINING, time);
            return this;
        }

        /**
         * Sets whether servers that are down or ejected are used when no other is left; false unless set. Checks may be wrong, or ask too much: a server
         * that is down may still serve better than none. What fails there is tried elsewhere as usual.
         *
         * <p>Servers that drain, are in maintenance or have weight 0 never get flows by this, nor do those that were added and have no verdict yet.
         *
         * @param on true to use them
         * @return this
         */
        public Builder failOpen(boolean on) {
            settings = settings.with(Options.FAIL_OPEN, on);
            return this;
        }

        /** One spelling for one address; what is no address stays as it is until it is reported. */
        private static String key(String address) {
            HostPort parsed = HostPort.parse(requireNonNull(address, "address"));
            return parsed == null ? address : parsed.toString();
        }

        ServerGroupConfig build(Mistakes mistakes) {
            String where = "serverGroup " + name;
            Names.check("serverGroup", name, mistakes);
            missing.forEach(address ->
                    mistakes.add(where, "server", address, DiscoveryRules.expectedServer(servers.keySet(), discovery)));
            words.keySet().stream()
                    .filter(address -> HostPort.parse(address) == null)
                    .forEach(address -> mistakes.add(where, "server", address, HostPort.EXPECTATION));
            List<ServerConfig> built = new ArrayList<>();
            for (ServerConfig.Builder server : servers.values()) {
                ServerConfig config = server.build(where, mistakes);
                if (config != null) {
                    built.add(config);
                }
            }
            if (scheduler != null) {
                SchedulerRules.check(where, scheduler, mistakes);
                SchedulerRules.check(where, scheduler, built, discovery, mistakes);
            }
            Pair.check(where, built, scheduler, discovery, mistakes);
            settings.check(where, mistakes);
            healthCheck.check(where, mistakes);
            PortRules.check(where, built, healthCheck, mistakes);
            ejection.check(where, mistakes);
            return new ServerGroupConfig(name, built, this);
        }
    }
}
