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
import java.util.Objects;
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
        /** HTTP/1.x, without TLS. */
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
     * @return 0 to 65535, of a range the first; for 0 see {@link LoadBalancer#address(String)}
     */
    public int port() {
        return settings.get(Options.LISTENER_PORT);
    }

    /**
     * Returns the range of ports.
     *
     * @return the range; null for a listener of one port
     */
    public @Nullable PortRange portRange() {
        return portRange;
    }

    /** The last port; the first, unless there is a range. */
    int lastPort() {
        return portRange == null ? port() : portRange.last();
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
     * Returns the addresses that servers see.
     *
     * @return literals without brackets; empty for what the system chooses
     */
    public List<String> upstreamSources() {
        return upstreamSources;
    }

    /**
     * Returns the addresses of the proxies that are believed in what they say of their clients, in fields of HTTP.
     *
     * @return addresses, or blocks of them; empty for nobody
     */
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

    /**
     * Returns the forwarding rules by name.
     *
     * @return an unmodifiable map, in the order of adding, which does not matter otherwise
     */
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

    /**
     * Returns the idle timeout, whose range and default go with the protocol.
     *
     * @return what is set, else the protocol's default
     */
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

    /**
     * Returns what is made of the PROXY protocol's header of clients.
     *
     * @return the setting, or null for none: such a header is payload then
     */
    public @Nullable ProxyProtocol proxyProtocolIn() {
        return proxyProtocolIn;
    }

    /**
     * Returns the header that servers are sent.
     *
     * @return the version, or null for none
     */
    public ProxyProtocol.@Nullable Version proxyProtocolOut() {
        return proxyProtocolOut;
    }

    /**
     * Returns the access log that the listener has of its own.
     *
     * @return the log; null for that of the balancer, if there is one and {@link #isLogged}
     */
    public @Nullable AccessLog accessLog() {
        return accessLog;
    }

    /**
     * Tells whether what ends on this listener may be in an access log.
     *
     * @return true unless it was turned off
     */
    public boolean isLogged() {
        return logged;
    }

    /**
     * Returns the filters that the listener has of its own.
     *
     * @return the filters; null for those of the balancer, if there are any and {@link #isFiltered}
     */
    public @Nullable RequestFilters requestFilters() {
        return requestFilters;
    }

    /**
     * Tells whether what comes through this listener may be judged by filters.
     *
     * @return true unless it was turned off
     */
    public boolean isFiltered() {
        return filtered;
    }

    /**
     * Returns which responses are compressed.
     *
     * @return what is set, or null for none
     */
    public @Nullable Gzip gzip() {
        return gzip;
    }

    /**
     * Returns the limits.
     *
     * @return an unmodifiable map, in the order of the kinds; empty for none
     */
    public Map<Limit.Kind, Limit> limits() {
        return limits;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ListenerConfig that
                && name.equals(that.name)
                && protocol == that.protocol
                && Objects.equals(portRange, that.portRange)
                && bindAddresses.equals(that.bindAddresses)
                && upstreamSources.equals(that.upstreamSources)
                && trustedProxies.equals(that.trustedProxies)
                && Objects.equals(serverGroup, that.serverGroup)
                && rules.equals(that.rules)
                && settings.equals(that.settings)
                && Objects.equals(scheduler, that.scheduler)
                && Objects.equals(sticker, that.sticker)
                && Objects.equals(access, that.access)
                && Objects.equals(proxyProtocolIn, that.proxyProtocolIn)
                && proxyProtocolOut == that.proxyProtocolOut
                && Objects.equals(accessLog, that.accessLog)
                && logged == that.logged
                && Objects.equals(requestFilters, that.requestFilters)
                && filtered == that.filtered
                && Objects.equals(gzip, that.gzip)
                && limits.equals(that.limits);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                name,
                protocol,
                portRange,
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
        return "listener " + name + " " + protocol + " " + ports + " -> " + target();
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
    public static final class Builder {

        private final String name;
        private Protocol protocol = Protocol.TCP;
        private @Nullable PortRange portRange;
        private List<String> bindAddresses = List.of();
        private List<String> upstreamSources = List.of();
        private List<String> trustedProxies = List.of();
        private @Nullable String serverGroup;
        private final Rules rules;
        private Settings settings = Settings.DEFAULTS;
        private @Nullable Duration idleTimeout;
        private @Nullable Integer maxConnections;
        private @Nullable SchedulerFactory scheduler;
        private @Nullable SessionStickerFactory sticker;
        private @Nullable AccessPolicy access;
        private @Nullable ProxyProtocol proxyProtocolIn;
        private ProxyProtocol.@Nullable Version proxyProtocolOut;
        private @Nullable AccessLog accessLog;
        private boolean logged = true;
        private @Nullable RequestFilters requestFilters;
        private boolean filtered = true;
        private @Nullable Gzip gzip;
        private final Limits limits;

        Builder(String name) {
            this.name = name;
            this.rules = new Rules(Map.of());
            this.limits = new Limits(Map.of());
        }

        Builder(ListenerConfig from) {
            name = from.name;
            rules = new Rules(from.rules);
            protocol = from.protocol;
            portRange = from.portRange;
            bindAddresses = from.bindAddresses;
            upstreamSources = from.upstreamSources;
            trustedProxies = from.trustedProxies;
            serverGroup = from.serverGroup;
            Option<Duration> idle = Options.idleTimeout(protocol);
            Option<Integer> most = Options.maxConnections(protocol);
            settings = from.settings.without(idle).without(most);
            idleTimeout = from.settings.has(idle) ? from.get(idle) : null;
            maxConnections = from.settings.has(most) ? from.get(most) : null;
            scheduler = from.scheduler;
            sticker = from.sticker;
            access = from.access;
            proxyProtocolIn = from.proxyProtocolIn;
            proxyProtocolOut = from.proxyProtocolOut;
            accessLog = from.accessLog;
            logged = from.logged;
            requestFilters = from.requestFilters;
            filtered = from.filtered;
            gzip = from.gzip;
            limits = new Limits(from.limits);
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

        /**
         * Sets the idle timeout. On TCP, for how long no byte may come from either side before both are reset: 10 s to 900 s, 900 s unless set. On
         * UDP, the session timeout: after how long without a datagram either way an association is forgotten: 10 s to 900 s, 20 s unless set. On
         * HTTP, how long a connection of a client may be without a request before it is closed: 1 s to 60 s, 15 s unless set. Holds for connections
         * and associations from now on.
         *
         * @param timeout the time
         * @return this
         */
        public Builder idleTimeout(Duration timeout) {
            idleTimeout = requireNonNull(timeout, "timeout");
            return this;
        }

        /**
         * Sets how long a server may be silent after it was sent a request, before the client gets 504: 1 s to 180 s, 60 s unless set. A response
         * that has begun and stalls for so long is broken off. HTTP only.
         *
         * @param timeout the time
         * @return this
         */
        public Builder requestTimeout(Duration timeout) {
            return set(Options.REQUEST_TIMEOUT, timeout);
        }

        /**
         * Sets how long a client may take from the first byte of a request to the end of its head, and from one read of its body to the next, before
         * it gets 408: 1 s to 60 s, 10 s unless set. HTTP only.
         *
         * @param timeout the time
         * @return this
         */
        public Builder headTimeout(Duration timeout) {
            return set(Options.HEAD_TIMEOUT, timeout);
        }

        /**
         * Sets how fast clients must be: 0 to 1,048,576 bytes a second, 500 unless set, 0 for any speed. Who sends a body more slowly for about 10 s gets 408. Who reads a response more slowly, of which some
         * waits for it here, is reset; what it took before counts for it, up to {@link #requestTimeout}. The time when the client waits for a server or for bandwidth does not count.
         * HTTP only.
         *
         * @param bytesPerSecond the least rate
         * @return this
         */
        public Builder minDataRate(int bytesPerSecond) {
            return set(Options.MIN_DATA_RATE, bytesPerSecond);
        }

        /**
         * Sets how long a client may take from the first byte of a request to the last of its body, before it gets 408: 1 s to 3,600 s; off, with zero, unless set. The time
         * when it waits for a server or for bandwidth counts too. HTTP only.
         *
         * @param deadline the time
         * @return this
         */
        public Builder requestDeadline(Duration deadline) {
            return set(Options.REQUEST_DEADLINE, deadline);
        }

        /**
         * Sets how many requests a client may send over one connection: 1 to 1,000,000, 100 unless set. The response to the last says {@code
         * Connection: close}. HTTP only.
         *
         * @param requests the number
         * @return this
         */
        public Builder maxRequestsPerConnection(int requests) {
            return set(Options.MAX_REQUESTS_PER_CONNECTION, requests);
        }

        /**
         * Sets whether connections to servers are kept and used again; on unless set. HTTP only.
         *
         * @param on false for a new connection for each request
         * @return this
         */
        public Builder persistentUpstream(boolean on) {
            return set(Options.PERSISTENT_UPSTREAM, on);
        }

        /**
         * Sets how many idle connections are kept for each server and event loop: 1 to 10,000, 1,000 unless set. HTTP only.
         *
         * @param connections the number
         * @return this
         */
        public Builder maxIdleUpstreams(int connections) {
            return set(Options.MAX_IDLE_UPSTREAMS, connections);
        }

        /**
         * Sets how long an idle connection to a server is kept: 1 s to 600 s, 50 s unless set. HTTP only.
         *
         * @param timeout the time
         * @return this
         */
        public Builder upstreamIdleTimeout(Duration timeout) {
            return set(Options.UPSTREAM_IDLE_TIMEOUT, timeout);
        }

        /**
         * Sets the longest request line: 256 to 32,768 bytes, 8,192 unless set. A longer one is answered with 414. HTTP only.
         *
         * @param bytes the size, CRLF included
         * @return this
         */
        public Builder maxRequestLine(int bytes) {
            return set(Options.MAX_REQUEST_LINE, bytes);
        }

        /**
         * Sets the largest head: 1,024 to 65,535 bytes, 16,384 unless set. A request with a larger one is answered with 431, a response with a larger
         * one becomes 502. HTTP only.
         *
         * @param bytes the size, from the first line to the empty one
         * @return this
         */
        public Builder maxHeadSize(int bytes) {
            return set(Options.MAX_HEAD_SIZE, bytes);
        }

        /**
         * Sets the most fields in a head: 10 to 1,000, 100 unless set. A request with more is answered with 431, a response with more becomes 502. HTTP
         * only.
         *
         * @param fields the number
         * @return this
         */
        public Builder maxFields(int fields) {
            return set(Options.MAX_FIELDS, fields);
        }

        /**
         * Sets the largest body of a request: 0 to 2,000,000,000 bytes, 0 for no limit, which it is unless set. A request whose {@code Content-Length} says more
         * is answered with 413 and reaches no server; one in chunks is broken off where it exceeds this, with 413 if the response has not begun. HTTP only.
         *
         * @param bytes the size, of chunks without what frames them
         * @return this
         */
        public Builder maxBodySize(int bytes) {
            return set(Options.MAX_BODY_SIZE, bytes);
        }

        /**
         * Sets whether TRACE goes to servers; unless set it does not, and is answered with 400: a response to it shows scripts of a page what they must not see, such as cookies
         * (RFC 9110 9.3.8). HTTP only.
         *
         * @param on true to pass it on
         * @return this
         */
        public Builder allowTrace(boolean on) {
            return set(Options.ALLOW_TRACE, on);
        }

        /**
         * Sets whether names of a request's header fields and trailers may have underscores; unless set such a request is answered with 400, as servers that make variables of fields, after
         * CGI (RFC 3875 4.1.18), take {@code X_User} for {@code X-User}. {@code Content_Length} and {@code Transfer_Encoding} are refused in any case. HTTP only.
         *
         * @param on true to pass them on
         * @return this
         */
        public Builder allowUnderscores(boolean on) {
            return set(Options.ALLOW_UNDERSCORES, on);
        }

        /**
         * Sets whether paths may have escaped slashes and backslashes, {@code %2F} and {@code %5C}; unless set such a request is answered with 400, as servers differ in whether these
         * part segments. Rules compare them as they stand. HTTP only.
         *
         * @param on true to pass them on
         * @return this
         */
        public Builder allowEscapedSlashes(boolean on) {
            return set(Options.ALLOW_ESCAPED_SLASHES, on);
        }

        /**
         * Sets whether rules take several slashes in a row for one, as many servers do; off unless set. What is passed on stays as it is. HTTP only.
         *
         * @param on true if {@code //a} is {@code /a}
         * @return this
         */
        public Builder mergeSlashes(boolean on) {
            return set(Options.MERGE_SLASHES, on);
        }

        /**
         * Sets whether requests for a host that no rule names, nor a rule's wildcard covers, are answered with 421 (RFC 9110 15.5.20), even where a rule without a host would take
         * them, or the listener's own group; off unless set. Wants a rule with a host. HTTP only.
         *
         * @param on true to refuse them
         * @return this
         */
        public Builder knownHostsOnly(boolean on) {
            return set(Options.KNOWN_HOSTS_ONLY, on);
        }

        /**
         * Sets which proxies before this one are believed in what they say of their clients; nobody unless set. HTTP only. The test is on the peer: who the
         * connection comes from or, behind a {@linkplain #proxyProtocolIn PROXY protocol} header, whom that names.
         *
         * <p>Of a trusted peer, {@code X-Forwarded-*}, {@code SLB-ID}, {@code SLB-IP} and {@code Forwarded} (RFC 7239) are kept, and the client of a request is the
         * last address in {@code X-Forwarded-For} that is not trusted itself; if all are, the first. An entry that is no address, with a port or without one, ends the
         * search: the one behind it is the client. That client then counts for limits per client on requests, schedulers, stickiness, rules and observers. Access
         * lists, and limits and caps on connections, go by the peer.
         *
         * <p>Of all others, these fields are dropped. So are those spelt with {@code _} for {@code -}, whoever sends them, where {@link #allowUnderscores} lets them in at all.
         *
         * @param blocks addresses of proxies, or blocks of them, see {@link CidrSet#of}; none for nobody
         * @return this
         */
        public Builder trustedProxies(String... blocks) {
            trustedProxies = List.of(requireNonNull(blocks, "blocks"));
            return this;
        }

        /**
         * Sets what becomes of {@code X-Forwarded-For}, in which servers are told who the client is; {@link XForwardedFor#APPEND} unless set. HTTP only.
         *
         * @param mode what to do
         * @return this
         */
        public Builder xForwardedFor(XForwardedFor mode) {
            return set(Options.X_FORWARDED_FOR, mode);
        }

        /**
         * Sets whether servers are told in {@code X-Forwarded-Proto} that the client came by {@code http}; on unless set. What a {@linkplain #trustedProxies trusted}
         * peer says is kept and takes its place, whether this is on or off, as with the other fields below. HTTP only.
         *
         * @param on false to add nothing
         * @return this
         */
        public Builder xForwardedProto(boolean on) {
            return set(Options.X_FORWARDED_PROTO, on);
        }

        /**
         * Sets whether servers are told in {@code X-Forwarded-Port} which port the client reached; off unless set. HTTP only.
         *
         * @param on true to add it
         * @return this
         */
        public Builder xForwardedPort(boolean on) {
            return set(Options.X_FORWARDED_PORT, on);
        }

        /**
         * Sets whether servers are told in {@code X-Forwarded-Host} which host the request was for, with the port that the client named, if any; off unless
         * set. {@code Host} itself is passed on as it is. HTTP only.
         *
         * @param on true to add it to requests that name a host
         * @return this
         */
        public Builder xForwardedHost(boolean on) {
            return set(Options.X_FORWARDED_HOST, on);
        }

        /**
         * Sets whether servers are told in {@code X-Forwarded-Client-srcport} the port of the client that {@code X-Forwarded-For} tells the address of; off unless
         * set. Where a trusted peer tells an address without a port, it is not known, and nothing is added. HTTP only.
         *
         * @param on true to add it
         * @return this
         */
        public Builder xForwardedClientSrcport(boolean on) {
            return set(Options.X_FORWARDED_CLIENT_SRCPORT, on);
        }

        /**
         * Sets whether servers are told in {@code SLB-ID} the name of this balancer, in UTF-8; off unless set. HTTP only.
         *
         * @param on true to add it
         * @return this
         */
        public Builder slbId(boolean on) {
            return set(Options.SLB_ID, on);
        }

        /**
         * Sets whether servers are told in {@code SLB-IP} the address that the client reached; off unless set. HTTP only.
         *
         * @param on true to add it
         * @return this
         */
        public Builder slbIp(boolean on) {
            return set(Options.SLB_IP, on);
        }

        /**
         * Sets whether servers are told in {@code Via} (RFC 9110 7.6.3) which version of HTTP the client speaks, such as {@code 1.1 clb}; on unless set. What
         * came before is kept in any case. HTTP only.
         *
         * @param on false to add nothing, which the RFC does not allow a proxy
         * @return this
         */
        public Builder via(boolean on) {
            return set(Options.VIA, on);
        }

        /**
         * Answers every request with a redirect to HTTPS on port 443, see {@link #redirectToHttps(int)}.
         *
         * @return this
         */
        public Builder redirectToHttps() {
            return redirectToHttps(443);
        }

        /**
         * Answers every request with a redirect to HTTPS: the host that the client asked for, this port, its path and its query. Access lists and limits of the
         * listener come first; rules and the server group, which need not be set, get no request. A request that names no host gets 400. HTTP only.
         *
         * @param port 1 to 65,535, where 443 is not written out; 0, which it is unless set, for no redirect
         * @return this
         */
        public Builder redirectToHttps(int port) {
            return set(Options.REDIRECT_TO_HTTPS, port);
        }

        /**
         * Sets the status of {@link #redirectToHttps(int)}: 301, 302, 303, 307 or 308, 302 unless set. HTTP only.
         *
         * @param status the status (RFC 9110 15.4); of these the last two keep the method
         * @return this
         */
        public Builder redirectStatus(int status) {
            return set(Options.REDIRECT_STATUS, status);
        }

        /**
         * Sets whether a server's 504 and 444 reach the client as 502; on unless set. So 504 is the balancer's own word, and tells of its {@link
         * #requestTimeout}. Body and fields stay as they are; observers are told what the server sent. HTTP only.
         *
         * @param on false to pass them on
         * @return this
         */
        public Builder serverTimeoutsAs502(boolean on) {
            return set(Options.SERVER_TIMEOUTS_AS_502, on);
        }

        /**
         * Sets whether answers of the balancer's own say why, in a field such as {@code Proxy-Status: clb; error=connection_refused; details="connect-refused"} (RFC 9209): the nearest registered
         * error, and the code of the {@link io.clb.spi.Reason}. Off unless set, as it tells strangers how things are behind the balancer. HTTP only.
         *
         * @param on whether they do
         * @return this
         */
        public Builder proxyStatus(boolean on) {
            return set(Options.PROXY_STATUS, on);
        }

        /**
         * Sets what becomes of a request that a server has whole when its client goes away. Unless set, the server may answer, within {@code requestTimeout}: what it did is recorded, and its
         * connection is used again if all of the answer comes with its head. With true the connection is closed at once. Either way it ends with 499, and requests that no server has whole, or whose response has
         * begun, end at once. HTTP only.
         *
         * @param on whether to close it at once
         * @return this
         */
        public Builder cancelOnDisconnect(boolean on) {
            return set(Options.CANCEL_ON_DISCONNECT, on);
        }

        /**
         * Sets how many retries there may be for each hundred requests: tries of another server after the first could not be reached, and requests sent again as their idle connection was closed. Counted
         * for each event loop; what is not used is kept for up to a hundred retries, and ten a second there may always be. Where it is used up, a request ends with {@link
         * io.clb.spi.Reason#RETRY_BUDGET_EMPTY}, so that servers that come back are not met by a multiple of the load. HTTP only.
         *
         * @param percent 0 to 1,000; 100 unless set
         * @return this
         */
        public Builder retryBudget(int percent) {
            return set(Options.RETRY_BUDGET, percent);
        }

        /**
         * Sets how long no byte may come from either side of a WebSocket (RFC 6455) before both are reset: 1 s to 24 h, 1 h unless set. It counts from the
         * server's 101 on; up to there {@link #requestTimeout} does. HTTP only.
         *
         * @param timeout the time
         * @return this
         */
        public Builder webSocketIdleTimeout(Duration timeout) {
            return set(Options.WEB_SOCKET_IDLE_TIMEOUT, timeout);
        }

        /**
         * Sets how many WebSockets there may be at a time, handshakes under way included: 1 to 10,000,000, 1,000,000 unless set. One more is answered with
         * 503. Each is a connection of {@link #maxConnections} too. HTTP only.
         *
         * @param webSockets the number
         * @return this
         */
        public Builder maxWebSockets(int webSockets) {
            return set(Options.MAX_WEB_SOCKETS, webSockets);
        }

        /**
         * Sets how long one server may take to accept a connection before the next is tried: 1 s to 30 s, 5 s unless set. TCP
         * and HTTP only.
         *
         * @param timeout the time for each try
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            return set(Options.CONNECT_TIMEOUT, timeout);
        }

        /**
         * Sets how many different servers a flow tries at most: 1 to 10, 3 unless set. TCP and HTTP only.
         *
         * @param servers the number
         * @return this
         */
        public Builder connectTries(int servers) {
            return set(Options.CONNECT_TRIES, servers);
        }

        /**
         * Sets how many connections may be open at a time: 1 to 10,000,000, 1,000,000 unless set. One more is counted, and reset; on HTTP
         * it is answered with 503. On UDP, how many associations: each takes a file descriptor, so 8,192 unless set, or a quarter of the
         * process's limit of descriptors if that is less and known; the datagram that would begin one more is dropped and counted.
         *
         * @param connections the number
         * @return this
         */
        public Builder maxConnections(int connections) {
            maxConnections = connections;
            return this;
        }

        /**
         * Sets how many connections one client address may have open at a time, on UDP how many associations: 0 to 1,000,000, 0 for no cap, which it is unless
         * set. One more ends as one beyond {@link #maxConnections}. Connections that were open before there was a cap do not count. Takes 16 to 32 bytes for each
         * of {@code maxConnections}, up to twice that after an update that raised it.
         *
         * @param connections the number
         * @return this
         */
        public Builder maxConnectionsPerClient(int connections) {
            return set(Options.MAX_CONNECTIONS_PER_CLIENT, connections);
        }

        /**
         * Sets how long the prefix of IPv6 addresses is that counts as one client, for {@link #maxConnectionsPerClient} and limits per client: 48 to 128
         * bits, 64 unless set, as a network of that size is what one subscriber has (RFC 6177, RFC 4291 2.5.1). When an update changes it, IPv6 connections that are open no
         * longer count for {@link #maxConnectionsPerClient}, so a client may have as many again until they have ended.
         *
         * @param bits the length; 128 for each address by itself
         * @return this
         */
        public Builder ipv6ClientBits(int bits) {
            return set(Options.IPV6_CLIENT_BITS, bits);
        }

        /**
         * Sets the length of the system's accept queue: 1 to 1,000,000, 4,096 unless set; the system caps it. A change takes effect when the listener
         * is bound anew. TCP and HTTP only.
         *
         * @param connections the number
         * @return this
         */
        public Builder backlog(int connections) {
            return set(Options.BACKLOG, connections);
        }

        /**
         * Lets clients send data with their SYN (TCP Fast Open, RFC 7413): 0 to 1,000,000 of them that are not yet connected, for each listening socket; 0,
         * which it is unless set, for none. It saves a client that was here before a round trip. What came so may come twice, so it is for protocols whose first
         * bytes do no harm then (RFC 7413 6.1). Connections to servers are opened as ever.
         *
         * <p>Works on epoll and io_uring, where the system lets it ({@code net.ipv4.tcp_fastopen} has 2); elsewhere a WARN says that it has no effect. A
         * change takes effect when the listener is bound anew. TCP and HTTP only.
         *
         * @param clients the number; the system caps it as it does {@link #backlog}
         * @return this
         */
        public Builder fastOpen(int clients) {
            return set(Options.FAST_OPEN, clients);
        }

        /**
         * Sets TCP_NODELAY on both sides of new connections; on unless set. TCP and HTTP only.
         *
         * @param on false to let the system gather small writes
         * @return this
         */
        public Builder noDelay(boolean on) {
            return set(Options.NO_DELAY, on);
        }

        /**
         * Sets SO_KEEPALIVE on both sides of new connections; off unless set. TCP and HTTP only.
         *
         * @param on true to have the system probe silent connections
         * @return this
         */
        public Builder keepAlive(boolean on) {
            return set(Options.KEEP_ALIVE, on);
        }

        /**
         * Sets how long the system goes on with a connection that was closed in order and whose other end acknowledges nothing of what is still on its way: 1 s
         * to 65,535 s, or 0 s, which it is unless set, for as long as the system likes, on Linux minutes. Then what is left is lost, and the other end finds
         * a reset. Whoever takes some of it now and then is not cut off. Holds on both sides of new connections.
         *
         * <p>Unlike SO_LINGER, on which Linux has whoever closes wait and cuts nothing off (docs/decisions/0017), nobody waits: it is TCP_USER_TIMEOUT
         * (RFC 5482), set when a connection is closed. What ends with a reset is not affected. Works on epoll and io_uring; elsewhere a WARN says that it has no
         * effect. TCP and HTTP only.
         *
         * @param time the time, kept by the system
         * @return this
         */
        public Builder linger(Duration time) {
            return set(Options.LINGER, time);
        }

        /**
         * Sets SO_RCVBUF on both sides of new connections: 0 to 67,108,864 bytes; 0, which it is unless set, for a size that the system adapts. Smaller ones
         * bound what the kernel holds for clients and servers that are not read; for listening sockets a change takes effect when they are bound anew. TCP and HTTP
         * only.
         *
         * @param bytes the size; the system has a least and a most of its own
         * @return this
         */
        public Builder receiveBuffer(int bytes) {
            return set(Options.RECEIVE_BUFFER, bytes);
        }

        /**
         * Sets SO_SNDBUF on both sides of new connections: 0 to 67,108,864 bytes; 0, which it is unless set, for a size that the system adapts. TCP and HTTP
         * only.
         *
         * @param bytes the size; the system has a least and a most of its own
         * @return this
         */
        public Builder sendBuffer(int bytes) {
            return set(Options.SEND_BUFFER, bytes);
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
         * @param policy lists of addresses, see {@link AccessControl}, or a policy of the application's own; null for everybody. A flow that came in stays
         *     in, whatever the next one says
         * @return this
         */
        public Builder access(@Nullable AccessPolicy policy) {
            access = policy;
            return this;
        }

        /**
         * Sets what is made of the PROXY protocol's header, in which a proxy before this one says who the client is. Holds for connections and
         * associations from now on.
         *
         * @param setting {@link ProxyProtocol#required} or {@link ProxyProtocol#optional}; null, which it is unless set, for none: such a header is payload then
         * @return this
         */
        public Builder proxyProtocolIn(@Nullable ProxyProtocol setting) {
            proxyProtocolIn = setting;
            return this;
        }

        /**
         * Sets whether servers are told in a header of the PROXY protocol who the client is, and which address it reached, before anything else of a connection
         * and, on UDP, before each datagram. All servers of the listener must expect it; health checks send none. On HTTP each request then has a connection of its
         * own, as a header is about one client. Version 2 passes on what {@linkplain #proxyProtocolIn a header that came in} said beside the addresses.
         *
         * @param version the form, on UDP {@link ProxyProtocol.Version#V2}; null, which it is unless set, for no header
         * @return this
         */
        public Builder proxyProtocolOut(ProxyProtocol.@Nullable Version version) {
            proxyProtocolOut = version;
            return this;
        }

        /**
         * Gives a TCP or HTTP listener filters of its own, in place of the balancer's: they judge its requests, and its connections by their first bytes, before servers get to see them. In
         * force for what begins from now on; what runs keeps the filters that it began with.
         *
         * @param filters the filters; null for those of the balancer
         * @return this
         */
        public Builder requestFilters(@Nullable RequestFilters filters) {
            requestFilters = filters;
            filtered = true;
            return this;
        }

        /**
         * Has nothing that comes through this listener judged by filters, not by the balancer's either. In force for what begins from now on.
         *
         * @return this
         */
        public Builder noRequestFilters() {
            requestFilters = null;
            filtered = false;
            return this;
        }

        /**
         * Has an HTTP listener compress responses for clients that take it. In force for requests that begin from now on.
         *
         * @param compressed which responses; null, which it is unless set, for none
         * @return this
         */
        public Builder gzip(@Nullable Gzip compressed) {
            gzip = compressed;
            return this;
        }

        /**
         * Gives the listener an access log of its own, in place of the balancer's. In force for what ends from now on.
         *
         * @param log the log; null for that of the balancer
         * @return this
         */
        public Builder accessLog(@Nullable AccessLog log) {
            accessLog = log;
            logged = true;
            return this;
        }

        /**
         * Keeps what ends on this listener out of any access log.
         *
         * @return this
         */
        public Builder noAccessLog() {
            accessLog = null;
            logged = false;
            return this;
        }

        /**
         * Limits what the listener takes, or changes the limit of that kind. A change is in force at once, and gives no free burst. Needs
         * io.clb:clb-ratelimit.
         *
         * @param limit a total for the whole cluster, such as {@code Limit.cps(3_000)}; there are requests on HTTP listeners only
         * @return this
         */
        public Builder limit(Limit limit) {
            limits.set(limit);
            return this;
        }

        /**
         * Removes a limit.
         *
         * @param kind the kind of one that is set
         * @return this
         */
        public Builder removeLimit(Limit.Kind kind) {
            limits.remove(kind);
            return this;
        }

        private Builder listen(Protocol spoken, int port, @Nullable PortRange range) {
            protocol = spoken;
            portRange = range;
            return set(Options.LISTENER_PORT, port);
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
                        where,
                        "port",
                        "not set",
                        "tcp(port), udp(port) or http(port) with a port of " + Options.LISTENER_PORT.expectation());
            }
            if (portRange != null) {
                portRange.check(where, mistakes);
            }
            Settings complete = complete();
            complete.check(where, mistakes);
            complete.checkFits(where, protocol, mistakes);
            checkAddresses(where, "bind", bindAddresses, mistakes);
            checkAddresses(where, "upstreamSources", upstreamSources, mistakes);
            Map<String, RuleConfig> builtRules = rules.build(where, protocol, groups, mistakes);
            checkTrusted(where, mistakes);
            builtRules.values().forEach(rule -> RulePaths.check(where, rule, complete, mistakes));
            if (complete.get(Options.KNOWN_HOSTS_ONLY)
                    && builtRules.values().stream().allMatch(rule -> rule.host() == null)) {
                mistakes.add(where, "knownHostsOnly", true, "false, or a rule with a host: without, no host is known");
            }
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
            if (sticker != null) {
                StickyRules.check(where, protocol, sticker, mistakes);
            }
            if (access instanceof AccessControl lists) {
                lists.check(where, mistakes);
            }
            if (proxyProtocolIn != null) {
                proxyProtocolIn.check(where, mistakes);
            }
            if (proxyProtocolOut == ProxyProtocol.Version.V1 && protocol == Protocol.UDP) {
                mistakes.add(where, "proxyProtocolOut", proxyProtocolOut, "V2, as V1 is for TCP only");
            }
            if (accessLog != null) {
                accessLog.check(where, mistakes);
            }
            if (gzip != null) {
                gzip.check(where, protocol, mistakes);
            }
            if (requestFilters != null) {
                requestFilters.check(where, mistakes);
                if (protocol == Protocol.UDP) {
                    mistakes.add(
                            where,
                            "requestFilters",
                            requestFilters,
                            "not set: filters are for [TCP, HTTP] listeners, this one is UDP");
                }
            }
            Map<Limit.Kind, Limit> builtLimits = limits.build(where, Limit.Scope.LISTENER, protocol, mistakes);
            return new ListenerConfig(this, builtRules, builtLimits, complete);
        }

        private void checkTrusted(String where, Mistakes mistakes) {
            CidrSet.parse(trustedProxies, (block, expected) -> mistakes.add(where, "trustedProxies", block, expected));
            if (!trustedProxies.isEmpty() && protocol != Protocol.HTTP) {
                mistakes.add(
                        where,
                        "trustedProxies",
                        trustedProxies,
                        "not set: it is an option of [HTTP] listeners, this one is " + protocol);
            }
        }

        /** One name, several ranges or defaults: only now the protocol is certain. */
        private Settings complete() {
            Settings complete = settings;
            if (idleTimeout != null) {
                complete = complete.with(Options.idleTimeout(protocol), idleTimeout);
            }
            if (maxConnections != null) {
                complete = complete.with(Options.maxConnections(protocol), maxConnections);
            }
            return complete;
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
