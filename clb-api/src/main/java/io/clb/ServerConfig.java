package io.clb;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A server of a group, as configured. Immutable. */
public final class ServerConfig {

    /** What the operator says of a server, whatever its checks find. */
    public enum Admin {
        /** It takes part. */
        IN_SERVICE,
        /** It is leaving: nothing new, what runs goes on. */
        DRAINING,
        /** It is out: nothing new, until it is put back. */
        MAINTENANCE
    }

    /** What a server is to the others of its group. */
    public enum Role {
        /** One of several that share the flows. */
        EQUAL,
        /** All flows go to it while it may take any. */
        PRIMARY,
        /** Flows go to it while the primary may take none. */
        SECONDARY
    }

    private final HostPort address;
    private final Settings settings;
    private final Admin admin;
    private final Role role;
    private final Map<String, String> tags;

    private ServerConfig(HostPort address, Builder builder) {
        this.address = address;
        this.settings = builder.settings;
        this.admin = builder.admin;
        this.role = builder.role;
        this.tags = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(builder.tags));
    }

    /**
     * Returns the address, which is also the identity in its group.
     *
     * @return host and port
     */
    public HostPort address() {
        return address;
    }

    /**
     * Returns the weight.
     *
     * @return 0 to 100
     */
    public int weight() {
        return settings.get(Options.WEIGHT);
    }

    /**
     * Returns how many flows it may have at a time.
     *
     * @return 0 to 10,000,000; 0 for no cap
     */
    public int maxConnections() {
        return settings.get(Options.SERVER_MAX_CONNECTIONS);
    }

    /**
     * Returns how many flows may wait when it has as many as it may.
     *
     * @return 0 to 10,000
     */
    public int queue() {
        return settings.get(Options.QUEUE);
    }

    /**
     * Returns how long a flow may wait.
     *
     * @return up to 60 s; {@link Duration#ZERO} if none waits
     */
    public Duration queueTimeout() {
        return settings.get(Options.QUEUE_TIMEOUT);
    }

    /**
     * Returns the operator's word.
     *
     * @return in service, draining or maintenance
     */
    public Admin admin() {
        return admin;
    }

    /**
     * Returns what it is to the others of its group.
     *
     * @return {@link Role#EQUAL}, unless the group has a primary and a secondary
     */
    public Role role() {
        return role;
    }

    /**
     * Returns the tags.
     *
     * @return an unmodifiable map in the order of setting
     */
    public Map<String, String> tags() {
        return tags;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerConfig that
                && address.equals(that.address)
                && settings.equals(that.settings)
                && admin == that.admin
                && role == that.role
                && tags.equals(that.tags);
    }

    @Override
    public int hashCode() {
        return Objects.hash(address, settings, admin, role, tags);
    }

    @Override
    public String toString() {
        return address + " weight " + weight() + (admin == Admin.IN_SERVICE ? "" : " " + admin);
    }

    /** Sets up a server. Not for use by several threads. */
    public static final class Builder {

        private final String text;
        private Settings settings;
        private Admin admin;
        private Role role;
        private final Map<String, String> tags;

        Builder(String text) {
            this.text = text;
            this.settings = Settings.DEFAULTS;
            this.admin = Admin.IN_SERVICE;
            this.role = Role.EQUAL;
            this.tags = new LinkedHashMap<>();
        }

        Builder(ServerConfig from) {
            this.text = from.address.toString();
            this.settings = from.settings;
            this.admin = from.admin;
            this.role = from.role;
            this.tags = new LinkedHashMap<>(from.tags);
        }

        /**
         * Sets the weight: 0 to 100, 100 unless set. 0 takes nothing new.
         *
         * @param weight the weight
         * @return this
         */
        public Builder weight(int weight) {
            settings = settings.with(Options.WEIGHT, weight);
            return this;
        }

        /**
         * Sets how many flows this balancer may have on the server at a time: TCP connections, UDP associations, HTTP requests. 0, which holds unless set,
         * for no cap; at most 10,000,000. Connections that are kept open between requests do not count.
         *
         * <p>Flows for which every server that may take them is full wait, see {@link #queue}, and get the first room there is, about in the order of
         * their coming. One that its scheduler or stickiness {@linkplain io.clb.spi.Scheduler#keepsAffinity() binds} to a server waits for that server,
         * and goes to another only if it cannot wait. On UDP none waits: the datagram is dropped.
         *
         * @param connections how many
         * @return this
         */
        public Builder maxConnections(int connections) {
            settings = settings.with(Options.SERVER_MAX_CONNECTIONS, connections);
            return this;
        }

        /**
         * Sets how many flows may wait when the server has {@link #maxConnections}: 0 to 10,000, 1,000 unless set. One more ends with
         * {@link io.clb.spi.Reason#SERVER_QUEUE_FULL}. In a group, all that wait for no server in particular share the queues of all.
         *
         * @param flows how many
         * @return this
         */
        public Builder queue(int flows) {
            settings = settings.with(Options.QUEUE, flows);
            return this;
        }

        /**
         * Sets how long a flow may wait: up to 60 s, 5 s unless set; {@link Duration#ZERO} if none is to. Then it ends with
         * {@link io.clb.spi.Reason#SERVER_QUEUE_TIMEOUT}. Of one that waits for no server in particular, the first server that it found full decides.
         *
         * @param time how long
         * @return this
         */
        public Builder queueTimeout(Duration time) {
            settings = settings.with(Options.QUEUE_TIMEOUT, time);
            return this;
        }

        /**
         * Sets a tag, a word of the application's own that schedulers and the snapshot can see.
         *
         * @param name the tag's name
         * @param value its value
         * @return this
         */
        public Builder tag(String name, String value) {
            tags.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        void admin(Admin word) {
            admin = word;
        }

        void role(Role changed) {
            role = changed;
        }

        /** Returns the server, or null, with a mistake, if its address is none. */
        @Nullable
        ServerConfig build(String group, Mistakes mistakes) {
            HostPort address = HostPort.parse(text);
            if (address == null) {
                mistakes.add(group, "server", text, HostPort.EXPECTATION);
                return null;
            }
            settings.check(group + ": server " + address, mistakes);
            return new ServerConfig(address, this);
        }
    }
}
