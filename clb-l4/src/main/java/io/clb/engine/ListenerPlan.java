package io.clb.engine;

import io.clb.ListenerConfig;
import io.clb.Options;
import io.clb.ProxyProtocol;
import io.clb.spi.AccessPolicy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A listener's configuration, compiled: what the data path reads when a flow comes in. Immutable. */
public final class ListenerPlan {

    private final RunListener listener;
    private final Protocol protocol;
    private final @Nullable Pool pool;
    private final Object compiled;
    private final @Nullable ClientCounts clients;
    private final int maxConnectionsPerClient;
    private final @Nullable AccessPolicy access;
    private final @Nullable ProxyProtocol proxyIn;
    private final ProxyProtocol.@Nullable Version proxyOut;
    private final List<RunLimit> limits;
    private final LimitChain chain;
    private final Map<String, List<RunLimit>> rules;
    private final Map<String, RunMirror> mirrors;
    private final @Nullable ListenerLog log;
    private final @Nullable FilterPlan filters;
    private final @Nullable ListenerTls tls;
    private final Sources sources;
    private final int maxConnections;
    private final int connectTries;
    private final long connectTimeoutNanos;
    private final long idleTimeoutNanos;
    private final boolean noDelay;
    private final boolean keepAlive;
    private final @Nullable Linger linger;
    private final int receiveBuffer;
    private final int sendBuffer;

    ListenerPlan(
            RunListener listener,
            ListenerConfig config,
            Protocol protocol,
            @Nullable Pool pool,
            Object compiled,
            @Nullable ClientCounts clients,
            Sources sources,
            @Nullable Linger linger,
            List<RunLimit> limits,
            LimitChain chain,
            Map<String, List<RunLimit>> rules,
            Map<String, RunMirror> mirrors,
            @Nullable ListenerLog log,
            @Nullable FilterPlan filters,
            @Nullable ListenerTls tls) {
        this.listener = listener;
        this.protocol = protocol;
        this.pool = pool;
        this.compiled = compiled;
        this.clients = clients;
        this.maxConnectionsPerClient = config.get(Options.MAX_CONNECTIONS_PER_CLIENT);
        this.access = config.access();
        this.proxyIn = config.proxyProtocolIn();
        this.proxyOut = config.proxyProtocolOut();
        this.limits = limits;
        this.chain = chain;
        this.rules = rules;
        this.mirrors = mirrors;
        this.log = log;
        this.filters = filters;
        this.tls = tls;
        this.sources = sources;
        this.maxConnections = config.maxConnections();
        this.connectTries = config.get(Options.CONNECT_TRIES);
        this.connectTimeoutNanos = config.get(Options.CONNECT_TIMEOUT).toNanos();
        this.idleTimeoutNanos = config.idleTimeout().toNanos();
        this.noDelay = config.get(Options.NO_DELAY);
        this.keepAlive = config.get(Options.KEEP_ALIVE);
        this.linger = linger;
        this.receiveBuffer = config.get(Options.RECEIVE_BUFFER);
        this.sendBuffer = config.get(Options.SEND_BUFFER);
    }

    /**
     * Returns the listener at run time.
     *
     * @return the listener
     */
    public RunListener listener() {
        return listener;
    }

    Protocol protocol() {
        return protocol;
    }

    /**
     * Returns where servers come from, unless a rule says otherwise.
     *
     * @return the pool; null for a listener that has rules only
     */
    public @Nullable Pool pool() {
        return pool;
    }

    /** The name of the listener's server group; empty without one. */
    String group() {
        return pool == null ? "" : pool.group();
    }

    /**
     * Returns what the protocol compiled for itself.
     *
     * @return what {@link Protocol#compile} returned
     */
    public Object compiled() {
        return compiled;
    }

    @Nullable
    AccessPolicy access() {
        return access;
    }

    /** What is made of headers of the PROXY protocol; null for nothing. */
    @Nullable
    ProxyProtocol proxyIn() {
        return proxyIn;
    }

    /**
     * Returns the header of the PROXY protocol that servers are sent.
     *
     * @return its form, or null for none
     */
    public ProxyProtocol.@Nullable Version proxyOut() {
        return proxyOut;
    }

    /** How TLS is spoken; null where it is not. */
    @Nullable
    ListenerTls tls() {
        return tls;
    }

    /** The listener's own, in the order of their kinds. */
    List<RunLimit> limits() {
        return limits;
    }

    /** Those of the rules that have any, by name. */
    Map<String, List<RunLimit>> rules() {
        return rules;
    }

    /** The copies of those rules that make any, by name. */
    Map<String, RunMirror> mirrors() {
        return mirrors;
    }

    /** Its access log; null for none. */
    @Nullable
    ListenerLog log() {
        return log;
    }

    /**
     * Returns who judges flows before servers get to see them.
     *
     * @return the filters; null for none
     */
    public @Nullable FilterPlan filters() {
        return filters;
    }

    /** What its flows must keep to, unless a rule takes them. */
    LimitChain chain() {
        return chain;
    }

    /** The addresses that servers are connected to from. */
    Sources sources() {
        return sources;
    }

    int maxConnections() {
        return maxConnections;
    }

    /** How many connections each client has; null without a cap. */
    @Nullable
    ClientCounts clients() {
        return clients;
    }

    int maxConnectionsPerClient() {
        return maxConnectionsPerClient;
    }

    /**
     * Returns how many different servers a flow may try.
     *
     * @return 1 or more
     */
    public int connectTries() {
        return connectTries;
    }

    /**
     * Returns how long one server may take to accept.
     *
     * @return nanoseconds
     */
    public long connectTimeoutNanos() {
        return connectTimeoutNanos;
    }

    /**
     * Returns how long nothing may move.
     *
     * @return nanoseconds
     */
    public long idleTimeoutNanos() {
        return idleTimeoutNanos;
    }

    /** TCP_NODELAY. */
    boolean noDelay() {
        return noDelay;
    }

    /** SO_KEEPALIVE. */
    boolean keepAlive() {
        return keepAlive;
    }

    /** What bounds the time after a close; null for as long as the system likes. */
    @Nullable
    Linger linger() {
        return linger;
    }

    /** SO_RCVBUF; 0 for what the system finds best. */
    int receiveBuffer() {
        return receiveBuffer;
    }

    /** SO_SNDBUF; 0 for what the system finds best. */
    int sendBuffer() {
        return sendBuffer;
    }
}
