package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.AccessPolicy;
import io.clb.spi.FlowKind;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A listener, as configured: where it listens, what it lets in, and which server group it forwards to. Immutable. */
public final class ListenerConfig {

    /** What a listener speaks. */
    public enum Protocol {
        /** Bytes both ways, as they come. */
        TCP(FlowKind.CONNECTION),
        /** Datagrams both ways, each by itself. */
        UDP(FlowKind.ASSOCIATION),
        /** HTTP/1.x, with TLS or without: see {@link ListenerConfig#tls}. */
        HTTP(FlowKind.REQUEST);

        private final FlowKind flowKind;

        Protocol(FlowKind flowKind) {
            this.flowKind = flowKind;
        }

        /**
         * Returns what is put on a server as one whole.
         *
         * @return the kind of the listener's flows
         */
        public FlowKind flowKind() {
            return flowKind;
        }
    }

    private final String name;
    private final Protocol protocol;
    private final @Nullable PortRange portRange;
    private final @Nullable TlsConfig tls;
    private final List<String> bindAddresses;
    private final List<String> upstreamSources;
    private final List<String> trustedProxies;
    private final @Nullable String serverGroup;
    private final Map<String, RuleConfig> rules;
    private final Settings settings;
    private final @Nullable SchedulerFactory scheduler;
    private final @Nullable SessionStickerFactory sticker;
    private final @Nullable AccessPolicy access;
    private final @Nullable ProxyProtocol proxyProtocolIn;
    private final ProxyProtocol.@Nullable Version proxyProtocolOut;
    private final @Nullable AccessLog accessLog;
    private final boolean logged;
    private final @Nullable RequestFilters requestFilters;
    private final boolean filtered;
    private final @Nullable Gzip gzip;
    private final Map<Limit.Kind, Limit> limits;

    private ListenerConfig(
            Builder builder, Map<String, RuleConfig> rules, Map<Limit.Kind, Limit> limits, Settings settings) {
        this.name = builder.name;
        this.protocol = builder.protocol;
        this.portRange = builder.portRange;
        this.tls = builder.tls;
        this.bindAddresses = builder.bindAddresses;
        this.upstreamSources = builder.upstreamSources;
        this.trustedProxies = builder.trustedProxies;
        this.serverGroup = builder.serverGroup;
        this.rules = rules;
        this.settings = settings;
        this.scheduler = builder.scheduler;
        this.sticker = builder.sticker;
        this.access = builder.access;
        this.proxyProtocolIn = builder.proxyProtocolIn;
        this.proxyProtocolOut = builder.proxyProtocolOut;
        this.accessLog = builder.accessLog;
        this.logged = builder.logged;
        this.requestFilters = builder.requestFilters;
        this.filtered = builder.filtered;
        this.gzip = builder.gzip;
        this.limits = limits;
    }

    /** {@return the name, unique in the balancer} */
    public String name() {
        return name;
    }

    /** {@return what the listener speaks} */
    public Protocol protocol() {
        return protocol;
    }

    /** {@return the port as configured, 0 to 65535, of a range the first; for 0 see {@link LoadBalancer#address(String)}} */
    public int port() {
        return settings.get(Options.LISTENER_PORT);
    }

    /** {@return the range of ports; null for a listener of one port} */
    public @Nullable PortRange portRange() {
        return portRange;
    }

    /** {@return how clients speak TLS to the listener; null where they do not} */
    public @Nullable TlsConfig tls() {
        return tls;
    }

    /** The last port; the first, unless there is a range. */
    int lastPort() {
        return portRange == null ? port() : portRange.last();
    }

    /** {@return the addresses to bind, literals without brackets; empty means every address of the host} */
    public List<String> bindAddresses() {
        return bindAddresses;
    }

    /** {@return the addresses that servers see, literals without brackets; empty for what the system chooses} */
    public List<String> upstreamSources() {
        return upstreamSources;
    }

    /** {@return the addresses of the proxies that are believed in what they say of their clients, in fields of HTTP, or blocks of addresses; empty for nobody} */
    public List<String> trustedProxies() {
        return trustedProxies;
    }

    /**
     * Returns the name of the server group that new flows go to, unless a rule takes them.
     *
     * @return the group; null if there is none: a request that no rule takes is answered with 404, unless all are redirected
     */
    public @Nullable String serverGroup() {
        return serverGroup;
    }

    /** {@return the forwarding rules by name: an unmodifiable map, in the order of adding, which does not matter otherwise} */
    public Map<String, RuleConfig> rules() {
        return rules;
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

    /** {@return the idle timeout, whose range and default go with the protocol: what is set, else the default} */
    public Duration idleTimeout() {
        return get(Options.idleTimeout(protocol));
    }

    /**
     * Returns how many connections may be open at a time, on UDP how many associations.
     *
     * @return what is set, else the protocol's default; on UDP that, or a quarter of the process's limit of file descriptors if it is less
     */
    public int maxConnections() {
        Option<Integer> option = Options.maxConnections(protocol);
        return protocol == Protocol.UDP && !settings.has(option)
                ? Descriptors.share(option.defaultValue())
                : get(option);
    }

    /** {@return the scheduler that overrides the group's, or null for that} */
    public @Nullable SchedulerFactory scheduler() {
        return scheduler;
    }

    /** {@return the stickiness, or null for none} */
    public @Nullable SessionStickerFactory sticker() {
        return sticker;
    }

    /** {@return who may come in, or null for everybody} */
    public @Nullable AccessPolicy access() {
        return access;
    }

    /** {@return what is made of the PROXY protocol's header of clients, or null for nothing: such a header is payload then} */
    public @Nullable ProxyProtocol proxyProtocolIn() {
        return proxyProtocolIn;
    }

    /** {@return the version of the header that servers are sent, or null for none} */
    public ProxyProtocol.@Nullable Version proxyProtocolOut() {
        return proxyProtocolOut;
    }

    /** {@return the access log that the listener has of its own; null for that of the balancer, if there is one and {@link #isLogged}} */
    public @Nullable AccessLog accessLog() {
        return accessLog;
    }

    /** {@return whether what ends on this listener may be in an access log: true unless it was turned off} */
    public boolean isLogged() {
        return logged;
    }

    /** {@return the filters that the listener has of its own; null for those of the balancer, if there are any and {@link #isFiltered}} */
    public @Nullable RequestFilters requestFilters() {
        return requestFilters;
    }

    /** {@return whether what comes through this listener may be judged by filters: true unless it was turned off} */
    public boolean isFiltered() {
        return filtered;
    }

    /** {@return which responses are compressed, or null for none} */
    public @Nullable Gzip gzip() {
        return gzip;
    }

    /** {@return the limits: an unmodifiable map, in the order of the kinds; empty for none} */
    public Map<Limit.Kind, Limit> limits() {
        return limits;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ListenerConfig that && parts().equals(that.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    private List<@Nullable Object> parts() {
        return Arrays.asList(
                name,
                protocol,
                portRange,
                tls,
                bindAddresses,
                upstreamSources,
                trustedProxies,
                serverGroup,
                rules,
                settings,
                scheduler,
                sticker,
                access,
                proxyProtocolIn,
                proxyProtocolOut,
                accessLog,
                logged,
                requestFilters,
                filtered,
                gzip,
                limits);
    }

    @Override
    public String toString() {
        Object ports = portRange == null ? port() : portRange;
        String spoken = tls == null ? protocol.toString() : protocol + " with TLS";
        return "listener " + name + " " + spoken + " " + ports + " -> " + target();
    }

    private String target() {
        int https = get(Options.REDIRECT_TO_HTTPS);
        if (https > 0) {
            return "https on port " + https;
        }
        String group = serverGroup == null ? "404" : serverGroup;
        return rules.isEmpty() ? group : "rules (" + rules.size() + ") else " + group;
    }

    /** Sets up a listener. Not for use by several threads. */
    public static final class Builder extends HttpSettings<Builder> {

        private final String name;
        private Protocol protocol = Protocol.TCP;
        private @Nullable PortRange portRange;
        private @Nullable TlsConfig tls;
        private List<String> bindAddresses = List.of();
        private List<String> upstreamSources = List.of();
        private @Nullable String serverGroup;
        private final Rules rules;

        Builder(String name) {
            this.name = name;
            rules = new Rules(Map.of());
        }

        Builder(ListenerConfig from) {
            super(from, from.settings);
            name = from.name;
            protocol = from.protocol;
            portRange = from.portRange;
            tls = from.tls;
            bindAddresses = from.bindAddresses;
            upstreamSources = from.upstreamSources;
            serverGroup = from.serverGroup;
            rules = new Rules(from.rules);
        }

        /**
         * Listens for TCP connections.
         *
         * @param port 1 to 65535, or 0 for one that the system chooses
         * @return this
         */
        public Builder tcp(int port) {
            return listen(Protocol.TCP, port, null);
        }

        /**
         * Listens for TCP connections on every port of a range. A server that is given without a port gets a connection on the port that its client reached,
         * the others on their own.
         *
         * @param ports the range
         * @return this
         */
        public Builder tcp(PortRange ports) {
            return listen(Protocol.TCP, requireNonNull(ports, "ports").first(), ports);
        }

        /**
         * Listens for UDP datagrams on every port of a range. A server that is given without a port gets datagrams on the port that their client reached, the
         * others on their own.
         *
         * @param ports the range
         * @return this
         */
        public Builder udp(PortRange ports) {
            return listen(Protocol.UDP, requireNonNull(ports, "ports").first(), ports);
        }

        /**
         * Listens for UDP datagrams. Those of one client's address and port, an association, go to one server, until none came either way for the idle
         * timeout. With every address of the host, answers leave from the address that routing picks: on hosts with several, {@link #bind} them.
         *
         * @param port 1 to 65535, or 0 for one that the system chooses; a TCP or HTTP listener may have the same
         * @return this
         */
        public Builder udp(int port) {
            return listen(Protocol.UDP, port, null);
        }

        /**
         * Listens for HTTP/1.x. Needs io.clb:clb-l7.
         *
         * @param port 1 to 65535, or 0 for one that the system chooses
         * @return this
         */
        public Builder http(int port) {
            return listen(Protocol.HTTP, port, null);
        }

        /**
         * Listens for HTTPS: HTTP/1.x in TLS. All that HTTP listeners have is the same. Needs io.clb:clb-l7.
         *
         * @param port 1 to 65535, or 0 for one that the system chooses
         * @param config certificates, and how TLS is spoken; files that it names are read with each start and update, and new connections get what is in them then
         * @return this
         */
        public Builder https(int port, TlsConfig config) {
            requireNonNull(config, "config");
            listen(Protocol.HTTP, port, null);
            tls = config;
            return this;
        }

        /**
         * Sets the addresses to listen on; every address of the host unless set, IPv6 and IPv4 where there is IPv6.
         *
         * @param literals IPv4 or IPv6 literals, each once; none for every address
         * @return this
         */
        public Builder bind(String... literals) {
            bindAddresses = canonical(literals);
            return this;
        }

        /**
         * Sets the addresses of this host to connect to servers from, in turn; the system's choice unless set. Each has some 28,000 ports for one server (on
         * Linux; fewer where connections are short, as closed ones keep theirs for a minute), so several cure {@link io.clb.spi.Reason#NO_LOCAL_PORT}. A server
         * is reached from those of its own family. Holds for new connections and associations.
         *
         * @param literals IPv4 or IPv6 literals of this host, each once; none for the system's choice
         * @return this
         */
        public Builder upstreamSources(String... literals) {
            upstreamSources = canonical(literals);
            return this;
        }

        private static List<String> canonical(String... literals) {
            return Arrays.stream(requireNonNull(literals, "literals"))
                    .map(literal -> IpLiteral.isLiteral(literal) ? IpLiteral.canonical(literal) : literal)
                    .toList();
        }

        /**
         * Sets the server group that new flows go to, unless a rule takes them. Required, but not on HTTP with rules: there a request that no rule takes is
         * answered with 404 without it. Nor where all requests are {@linkplain #redirectToHttps redirected}.
         *
         * @param group the name of a group of this balancer
         * @return this
         */
        public Builder forwardTo(String group) {
            serverGroup = requireNonNull(group, "group");
            return this;
        }

        /**
         * Adds a forwarding rule, or changes the one of that name; at most 10,000. HTTP only. See {@link RuleConfig} for which rule takes a request: the
         * order of adding does not matter.
         *
         * @param rule its name
         * @param settings what to set on it
         * @return this
         */
        public Builder rule(String rule, Consumer<RuleConfig.Builder> settings) {
            rules.set(rule, settings);
            return this;
        }

        /**
         * Removes a forwarding rule; requests that it has taken go on.
         *
         * @param rule its name
         * @return this
         */
        public Builder removeRule(String rule) {
            rules.remove(rule);
            return this;
        }

        private Builder listen(Protocol spoken, int port, @Nullable PortRange range) {
            protocol = spoken;
            tls = null;
            portRange = range;
            return set(Options.LISTENER_PORT, port);
        }

        @Override
        Builder self() {
            return this;
        }

        ListenerConfig build(Set<String> groups, Mistakes mistakes) {
            String where = "listener " + name;
            Names.check("listener", name, mistakes);
            checkPorts(where, mistakes);
            if (tls != null) {
                tls.check(where, mistakes);
            }
            Settings complete = complete(protocol);
            complete.check(where, mistakes);
            complete.checkFits(where, protocol, mistakes);
            checkAddresses(where, "bind", bindAddresses, mistakes);
            checkAddresses(where, "upstreamSources", upstreamSources, mistakes);
            Map<String, RuleConfig> builtRules = rules.build(where, protocol, groups, mistakes);
            checkTrusted(where, protocol, mistakes);
            builtRules.values().forEach(rule -> RulePaths.check(where, rule, complete, mistakes));
            if (complete.get(Options.KNOWN_HOSTS_ONLY)
                    && builtRules.values().stream().allMatch(rule -> rule.host() == null)) {
                mistakes.add(where, "knownHostsOnly", true, "false, or a rule with a host: without, no host is known");
            }
            checkTarget(where, groups, mistakes);
            check(where, protocol, mistakes);
            checkGzip(where, protocol, mistakes);
            checkFilters(where, protocol, mistakes);
            Map<Limit.Kind, Limit> builtLimits = limits.build(where, Limit.Scope.LISTENER, protocol, mistakes);
            return new ListenerConfig(this, builtRules, builtLimits, complete);
        }

        private void checkPorts(String where, Mistakes mistakes) {
            if (!settings.has(Options.LISTENER_PORT)) {
                mistakes.add(
                        where,
                        "port",
                        "not set",
                        "tcp(port), udp(port), http(port) or https(port, tls) with a port of "
                                + Options.LISTENER_PORT.expectation());
            }
            if (portRange != null) {
                portRange.check(where, mistakes);
            }
        }

        private void checkTarget(String where, Set<String> groups, Mistakes mistakes) {
            if (serverGroup == null) {
                if (protocol != Protocol.HTTP) {
                    mistakes.add(where, "forwardTo", "not set", "one of the server groups " + groups);
                } else if (rules.isEmpty() && settings.get(Options.REDIRECT_TO_HTTPS) == 0) {
                    mistakes.add(
                            where,
                            "forwardTo",
                            "not set",
                            "one of the server groups " + groups + ", or rules, or redirectToHttps");
                }
            } else if (!groups.contains(serverGroup)) {
                mistakes.add(where, "forwardTo", serverGroup, "one of the server groups " + groups);
            }
        }

        private static void checkAddresses(String where, String field, List<String> literals, Mistakes mistakes) {
            for (int i = 0; i < literals.size(); i++) {
                String literal = literals.get(i);
                if (!IpLiteral.isLiteral(literal)) {
                    mistakes.add(where, field, literal, "an IPv4 or IPv6 literal without brackets");
                } else if (literals.indexOf(literal) < i) {
                    mistakes.add(where, field, literal, "each address once");
                }
            }
        }
    }
}
