package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.ListenerConfig.Protocol;
import io.clb.spi.AccessPolicy;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.SessionStickerFactory;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is set on listeners of any protocol, or of TCP and HTTP: timeouts and caps, sockets, who picks servers, who is let in, what is recorded, limits.
 *
 * @param <B> what is set up
 */
abstract class ListenerSettings<B> extends SettingsBuilder<B> {

    private @Nullable Duration idleTimeout;
    private @Nullable Integer maxConnections;

    @Nullable
    SchedulerFactory scheduler;

    @Nullable
    SessionStickerFactory sticker;

    @Nullable
    AccessPolicy access;

    @Nullable
    ProxyProtocol proxyProtocolIn;

    ProxyProtocol.@Nullable Version proxyProtocolOut;

    @Nullable
    AccessLog accessLog;

    boolean logged = true;

    @Nullable
    RequestFilters requestFilters;

    boolean filtered = true;
    final Limits limits;

    ListenerSettings() {
        super(Settings.DEFAULTS);
        limits = new Limits(Map.of());
    }

    ListenerSettings(ListenerConfig from, Settings set) {
        super(set.without(Options.idleTimeout(from.protocol())).without(Options.maxConnections(from.protocol())));
        idleTimeout = set.has(Options.idleTimeout(from.protocol())) ? from.idleTimeout() : null;
        maxConnections = set.has(Options.maxConnections(from.protocol())) ? from.maxConnections() : null;
        scheduler = from.scheduler();
        sticker = from.sticker();
        access = from.access();
        proxyProtocolIn = from.proxyProtocolIn();
        proxyProtocolOut = from.proxyProtocolOut();
        accessLog = from.accessLog();
        logged = from.isLogged();
        requestFilters = from.requestFilters();
        filtered = from.isFiltered();
        limits = new Limits(from.limits());
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
    public B idleTimeout(Duration timeout) {
        idleTimeout = requireNonNull(timeout, "timeout");
        return self();
    }

    /**
     * Sets how long one server may take to accept a connection before the next is tried: 1 s to 30 s, 5 s unless set. TCP
     * and HTTP only.
     *
     * @param timeout the time for each try
     * @return this
     */
    public B connectTimeout(Duration timeout) {
        return set(Options.CONNECT_TIMEOUT, timeout);
    }

    /**
     * Sets how many different servers a flow tries at most: 1 to 10, 3 unless set. TCP and HTTP only.
     *
     * @param servers the number
     * @return this
     */
    public B connectTries(int servers) {
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
    public B maxConnections(int connections) {
        maxConnections = connections;
        return self();
    }

    /**
     * Sets how many connections one client address may have open at a time, on UDP how many associations: 0 to 1,000,000, 0 for no cap, which it is unless
     * set. One more ends as one beyond {@link #maxConnections(int) maxConnections}. Connections that were open before there was a cap do not count. Takes 16 to 32 bytes for each
     * of {@code maxConnections}, up to twice that after an update that raised it.
     *
     * @param connections the number
     * @return this
     */
    public B maxConnectionsPerClient(int connections) {
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
    public B ipv6ClientBits(int bits) {
        return set(Options.IPV6_CLIENT_BITS, bits);
    }

    /**
     * Sets the length of the system's accept queue: 1 to 1,000,000, 4,096 unless set; the system caps it. A change takes effect when the listener
     * is bound anew. TCP and HTTP only.
     *
     * @param connections the number
     * @return this
     */
    public B backlog(int connections) {
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
    public B fastOpen(int clients) {
        return set(Options.FAST_OPEN, clients);
    }

    /**
     * Sets TCP_NODELAY on both sides of new connections; on unless set. TCP and HTTP only.
     *
     * @param on false to let the system gather small writes
     * @return this
     */
    public B noDelay(boolean on) {
        return set(Options.NO_DELAY, on);
    }

    /**
     * Sets SO_KEEPALIVE on both sides of new connections; off unless set. TCP and HTTP only.
     *
     * @param on true to have the system probe silent connections
     * @return this
     */
    public B keepAlive(boolean on) {
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
    public B linger(Duration time) {
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
    public B receiveBuffer(int bytes) {
        return set(Options.RECEIVE_BUFFER, bytes);
    }

    /**
     * Sets SO_SNDBUF on both sides of new connections: 0 to 67,108,864 bytes; 0, which it is unless set, for a size that the system adapts. TCP and HTTP
     * only.
     *
     * @param bytes the size; the system has a least and a most of its own
     * @return this
     */
    public B sendBuffer(int bytes) {
        return set(Options.SEND_BUFFER, bytes);
    }

    /**
     * Sets a scheduler for flows of this listener, in place of the group's.
     *
     * @param factory the scheduler; null for the group's
     * @return this
     */
    public B scheduler(@Nullable SchedulerFactory factory) {
        scheduler = factory;
        return self();
    }

    /**
     * Keeps clients on the server that they were given first.
     *
     * @param factory one of {@link io.clb.stick.Stickiness}, or one of the application's own; null for none
     * @return this
     */
    public B sticky(@Nullable SessionStickerFactory factory) {
        sticker = factory;
        return self();
    }

    /**
     * Sets who may come in.
     *
     * @param policy lists of addresses, see {@link AccessControl}, or a policy of the application's own; null for everybody. A flow that came in stays
     *     in, whatever the next one says
     * @return this
     */
    public B access(@Nullable AccessPolicy policy) {
        access = policy;
        return self();
    }

    /**
     * Sets what is made of the PROXY protocol's header, in which a proxy before this one says who the client is. Holds for connections and
     * associations from now on.
     *
     * @param setting {@link ProxyProtocol#required} or {@link ProxyProtocol#optional}; null, which it is unless set, for none: such a header is payload then
     * @return this
     */
    public B proxyProtocolIn(@Nullable ProxyProtocol setting) {
        proxyProtocolIn = setting;
        return self();
    }

    /**
     * Sets whether servers are told in a header of the PROXY protocol who the client is, and which address it reached, before anything else of a connection
     * and, on UDP, before each datagram. All servers of the listener must expect it; health checks send none. On HTTP each request then has a connection of its
     * own, as a header is about one client. Version 2 passes on what {@linkplain #proxyProtocolIn(ProxyProtocol) a header that came in} said beside the addresses.
     *
     * @param version the form, on UDP {@link ProxyProtocol.Version#V2}; null, which it is unless set, for no header
     * @return this
     */
    public B proxyProtocolOut(ProxyProtocol.@Nullable Version version) {
        proxyProtocolOut = version;
        return self();
    }

    /**
     * Gives a TCP or HTTP listener filters of its own, in place of the balancer's: they judge its requests, and its connections by their first bytes, before servers get to see them. In
     * force for what begins from now on; what runs keeps the filters that it began with.
     *
     * @param filters the filters; null for those of the balancer
     * @return this
     */
    public B requestFilters(@Nullable RequestFilters filters) {
        requestFilters = filters;
        filtered = true;
        return self();
    }

    /**
     * Has nothing that comes through this listener judged by filters, not by the balancer's either. In force for what begins from now on.
     *
     * @return this
     */
    public B noRequestFilters() {
        requestFilters = null;
        filtered = false;
        return self();
    }

    /**
     * Gives the listener an access log of its own, in place of the balancer's. In force for what ends from now on.
     *
     * @param log the log; null for that of the balancer
     * @return this
     */
    public B accessLog(@Nullable AccessLog log) {
        accessLog = log;
        logged = true;
        return self();
    }

    /**
     * Keeps what ends on this listener out of any access log.
     *
     * @return this
     */
    public B noAccessLog() {
        accessLog = null;
        logged = false;
        return self();
    }

    /**
     * Limits what the listener takes, or changes the limit of that kind. A change is in force at once, and gives no free burst. Needs
     * io.clb:clb-ratelimit.
     *
     * @param limit a total for the whole cluster, such as {@code Limit.cps(3_000)}; there are requests on HTTP listeners only
     * @return this
     */
    public B limit(Limit limit) {
        limits.set(limit);
        return self();
    }

    /**
     * Removes a limit.
     *
     * @param kind the kind of one that is set
     * @return this
     */
    public B removeLimit(Limit.Kind kind) {
        limits.remove(kind);
        return self();
    }

    /** One name, several ranges or defaults: only now the protocol is certain. */
    final Settings complete(Protocol protocol) {
        Settings complete = settings;
        if (idleTimeout != null) {
            complete = complete.with(Options.idleTimeout(protocol), idleTimeout);
        }
        if (maxConnections != null) {
            complete = complete.with(Options.maxConnections(protocol), maxConnections);
        }
        return complete;
    }

    /** All but the options, the filters and the limits. */
    final void check(String where, Protocol protocol, Mistakes mistakes) {
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
    }

    final void checkFilters(String where, Protocol protocol, Mistakes mistakes) {
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
    }
}
