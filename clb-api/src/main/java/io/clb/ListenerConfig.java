package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.AccessPolicy;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import io.clb.stick.SourceIp;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A listener, as configured: where it listens, what it lets in, and which server group it forwards to. Immutable. */
public final class ListenerConfig {

    /** What a listener speaks. */
    public enum Protocol {
        /** Bytes both ways, as they come. */
        TCP
    }

    private final String name;
    private final Protocol protocol;
    private final List<String> bindAddresses;
    private final String serverGroup;
    private final Settings settings;
    private final @Nullable SchedulerFactory scheduler;
    private final @Nullable SessionStickerFactory sticker;
    private final @Nullable AccessPolicy access;

    private ListenerConfig(Builder builder, String serverGroup) {
        this.name = builder.name;
        this.protocol = Protocol.TCP;
        this.bindAddresses = builder.bindAddresses;
        this.serverGroup = serverGroup;
        this.settings = builder.settings;
        this.scheduler = builder.scheduler;
        this.sticker = builder.sticker;
        this.access = builder.access;
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
     * Returns the protocol.
     *
     * @return what the listener speaks
     */
    public Protocol protocol() {
        return protocol;
    }

    /**
     * Returns the port as configured.
     *
     * @return 0 to 65535; for 0 see {@link LoadBalancer#address(String)}
     */
    public int port() {
        return settings.get(Options.LISTENER_PORT);
    }

    /**
     * Returns the addresses to bind.
     *
     * @return literals without brackets; empty means every address of the host
     */
    public List<String> bindAddresses() {
        return bindAddresses;
    }

    /**
     * Returns the name of the server group that new flows go to.
     *
     * @return the group
     */
    public String serverGroup() {
        return serverGroup;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#LISTENER}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    /**
     * Returns the scheduler that overrides the group's.
     *
     * @return the factory, or null for the group's
     */
    public @Nullable SchedulerFactory scheduler() {
        return scheduler;
    }

    /**
     * Returns the stickiness.
     *
     * @return the factory, or null for none
     */
    public @Nullable SessionStickerFactory sticker() {
        return sticker;
    }

    /**
     * Returns who may come in.
     *
     * @return the policy, or null for everybody
     */
    public @Nullable AccessPolicy access() {
        return access;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ListenerConfig that
                && name.equals(that.name)
                && protocol == that.protocol
                && bindAddresses.equals(that.bindAddresses)
                && serverGroup.equals(that.serverGroup)
                && settings.equals(that.settings)
                && Objects.equals(scheduler, that.scheduler)
                && Objects.equals(sticker, that.sticker)
                && Objects.equals(access, that.access);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, protocol, bindAddresses, serverGroup, settings, scheduler, sticker, access);
    }

    @Override
    public String toString() {
        return "listener " + name + " " + protocol + " " + port() + " -> " + serverGroup;
    }

    /** Sets up a listener. Not for use by several threads. */
    public static final class Builder {

        private final String name;
        private List<String> bindAddresses = List.of();
        private @Nullable String serverGroup;
        private Settings settings = Settings.DEFAULTS;
        private @Nullable SchedulerFactory scheduler;
        private @Nullable SessionStickerFactory sticker;
        private @Nullable AccessPolicy access;

        Builder(String name) {
            this.name = name;
        }

        Builder(ListenerConfig from) {
            this(from.name);
            bindAddresses = from.bindAddresses;
            serverGroup = from.serverGroup;
            settings = from.settings;
            scheduler = from.scheduler;
            sticker = from.sticker;
            access = from.access;
        }

        /**
         * Listens for TCP connections.
         *
         * @param port 1 to 65535, or 0 for one that the system chooses
         * @return this
         */
        public Builder tcp(int port) {
            return set(Options.LISTENER_PORT, port);
        }

        /**
         * Sets the addresses to listen on; every address of the host unless set, IPv6 and IPv4 where there is IPv6.
         *
         * @param literals IPv4 or IPv6 literals, each once; none for every address
         * @return this
         */
        public Builder bind(String... literals) {
            bindAddresses = Arrays.stream(requireNonNull(literals, "literals"))
                    .map(literal -> IpLiteral.isLiteral(literal) ? IpLiteral.canonical(literal) : literal)
                    .toList();
            return this;
        }

        /**
         * Sets the server group that new flows go to. Required.
         *
         * @param group the name of a group of this balancer
         * @return this
         */
        public Builder forwardTo(String group) {
            serverGroup = requireNonNull(group, "group");
            return this;
        }

        /**
         * Sets for how long no byte may come from either side before both are reset: 10 s to 900 s, 900 s unless set. Holds for connections
         * accepted from now on.
         *
         * @param timeout the time
         * @return this
         */
        public Builder idleTimeout(Duration timeout) {
            return set(Options.IDLE_TIMEOUT, timeout);
        }

        /**
         * Sets how long one server may take to accept a connection before the next is tried: 1 s to 30 s, 5 s unless set.
         *
         * @param timeout the time for each try
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            return set(Options.CONNECT_TIMEOUT, timeout);
        }

        /**
         * Sets how many different servers a flow tries at most: 1 to 10, 3 unless set.
         *
         * @param servers the number
         * @return this
         */
        public Builder connectTries(int servers) {
            return set(Options.CONNECT_TRIES, servers);
        }

        /**
         * Sets how many connections may be open at a time: 1 to 10,000,000, 1,000,000 unless set. One more is reset and counted.
         *
         * @param connections the number
         * @return this
         */
        public Builder maxConnections(int connections) {
            return set(Options.MAX_CONNECTIONS, connections);
        }

        /**
         * Sets the length of the system's accept queue: 1 to 1,000,000, 4,096 unless set; the system caps it. A change takes effect when the listener
         * is bound anew.
         *
         * @param connections the number
         * @return this
         */
        public Builder backlog(int connections) {
            return set(Options.BACKLOG, connections);
        }

        /**
         * Sets TCP_NODELAY on both sides of new connections; on unless set.
         *
         * @param on false to let the system gather small writes
         * @return this
         */
        public Builder noDelay(boolean on) {
            return set(Options.NO_DELAY, on);
        }

        /**
         * Sets SO_KEEPALIVE on both sides of new connections; off unless set.
         *
         * @param on true to have the system probe silent connections
         * @return this
         */
        public Builder keepAlive(boolean on) {
            return set(Options.KEEP_ALIVE, on);
        }

        /**
         * Sets a scheduler for flows of this listener, in place of the group's.
         *
         * @param factory the scheduler; null for the group's
         * @return this
         */
        public Builder scheduler(@Nullable SchedulerFactory factory) {
            scheduler = factory;
            return this;
        }

        /**
         * Keeps clients on the server that they were given first.
         *
         * @param factory one of {@link io.clb.stick.Stickiness}, or one of the application's own; null for none
         * @return this
         */
        public Builder sticky(@Nullable SessionStickerFactory factory) {
            sticker = factory;
            return this;
        }

        /**
         * Sets who may come in.
         *
         * @param policy the policy; null for everybody
         * @return this
         */
        public Builder access(@Nullable AccessPolicy policy) {
            access = policy;
            return this;
        }

        private <T extends Comparable<T>> Builder set(Option<T> option, T value) {
            settings = settings.with(option, value);
            return this;
        }

        ListenerConfig build(Set<String> groups, Mistakes mistakes) {
            String where = "listener " + name;
            Names.check("listener", name, mistakes);
            if (!settings.has(Options.LISTENER_PORT)) {
                mistakes.add(
                        where, "port", "not set", "tcp(port) with a port of " + Options.LISTENER_PORT.expectation());
            }
            settings.check(where, mistakes);
            checkBindAddresses(where, mistakes);
            String group = serverGroup == null ? "" : serverGroup;
            if (serverGroup == null) {
                mistakes.add(where, "forwardTo", "not set", "one of the server groups " + groups);
            } else if (!groups.contains(serverGroup)) {
                mistakes.add(where, "forwardTo", serverGroup, "one of the server groups " + groups);
            }
            if (sticker instanceof SourceIp sourceIp) {
                Options.STICKY_IDLE.check(where + ": sticky", sourceIp.idle(), mistakes);
                Options.STICKY_CAPACITY.check(where + ": sticky", sourceIp.capacity(), mistakes);
                if (!sourceIp.idle().equals(sourceIp.idle().truncatedTo(ChronoUnit.SECONDS))) {
                    mistakes.add(where + ": sticky", Options.STICKY_IDLE.name(), sourceIp.idle(), "whole seconds");
                }
            }
            return new ListenerConfig(this, group);
        }

        private void checkBindAddresses(String where, Mistakes mistakes) {
            for (int i = 0; i < bindAddresses.size(); i++) {
                String literal = bindAddresses.get(i);
                if (!IpLiteral.isLiteral(literal)) {
                    mistakes.add(where, "bind", literal, "an IPv4 or IPv6 literal without brackets");
                } else if (bindAddresses.indexOf(literal) < i) {
                    mistakes.add(where, "bind", literal, "each address once");
                }
            }
        }
    }
}
