package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.ListenerConfig.Protocol;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is set on HTTP listeners only: timeouts, sizes and leniency, what servers are told of clients, redirects to HTTPS, retries, WebSockets and compression.
 *
 * @param <B> what is set up
 */
abstract class HttpSettings<B> extends ListenerSettings<B> {

    List<String> trustedProxies = List.of();

    @Nullable
    Gzip gzip;

    HttpSettings() {}

    HttpSettings(ListenerConfig from, Settings set) {
        super(from, set);
        trustedProxies = from.trustedProxies();
        gzip = from.gzip();
    }

    /**
     * Sets how long a server may be silent after it was sent a request, before the client gets 504: 1 s to 180 s, 60 s unless set. A response
     * that has begun and stalls for so long is broken off. HTTP only.
     *
     * @param timeout the time
     * @return this
     */
    public B requestTimeout(Duration timeout) {
        return set(Options.REQUEST_TIMEOUT, timeout);
    }

    /**
     * Sets how long a client may take from the first byte of a request to the end of its head, and from one read of its body to the next, before
     * it gets 408: 1 s to 60 s, 10 s unless set. HTTP only.
     *
     * @param timeout the time
     * @return this
     */
    public B headTimeout(Duration timeout) {
        return set(Options.HEAD_TIMEOUT, timeout);
    }

    /**
     * Sets how fast clients must be: 0 to 1,048,576 bytes a second, 500 unless set, 0 for any speed. Who sends a body more slowly for about 10 s gets 408. Who reads a response more slowly, of which some
     * waits for it here, is reset; what it took before counts for it, up to {@link #requestTimeout(Duration) requestTimeout}. The time when the client waits for a server or for bandwidth does not count.
     * HTTP only.
     *
     * @param bytesPerSecond the least rate
     * @return this
     */
    public B minDataRate(int bytesPerSecond) {
        return set(Options.MIN_DATA_RATE, bytesPerSecond);
    }

    /**
     * Sets how long a client may take from the first byte of a request to the last of its body, before it gets 408: 1 s to 3,600 s; off, with zero, unless set. The time
     * when it waits for a server or for bandwidth counts too. HTTP only.
     *
     * @param deadline the time
     * @return this
     */
    public B requestDeadline(Duration deadline) {
        return set(Options.REQUEST_DEADLINE, deadline);
    }

    /**
     * Sets how many requests a client may send over one connection: 1 to 1,000,000, 100 unless set. The response to the last says {@code
     * Connection: close}. HTTP only.
     *
     * @param requests the number
     * @return this
     */
    public B maxRequestsPerConnection(int requests) {
        return set(Options.MAX_REQUESTS_PER_CONNECTION, requests);
    }

    /**
     * Sets whether connections to servers are kept and used again; on unless set. HTTP only.
     *
     * @param on false for a new connection for each request
     * @return this
     */
    public B persistentUpstream(boolean on) {
        return set(Options.PERSISTENT_UPSTREAM, on);
    }

    /**
     * Sets how many idle connections are kept for each server and event loop: 1 to 10,000, 1,000 unless set. HTTP only.
     *
     * @param connections the number
     * @return this
     */
    public B maxIdleUpstreams(int connections) {
        return set(Options.MAX_IDLE_UPSTREAMS, connections);
    }

    /**
     * Sets how long an idle connection to a server is kept: 1 s to 600 s, 50 s unless set. HTTP only.
     *
     * @param timeout the time
     * @return this
     */
    public B upstreamIdleTimeout(Duration timeout) {
        return set(Options.UPSTREAM_IDLE_TIMEOUT, timeout);
    }

    /**
     * Sets the longest request line: 256 to 32,768 bytes, 8,192 unless set. A longer one is answered with 414. HTTP only.
     *
     * @param bytes the size, CRLF included
     * @return this
     */
    public B maxRequestLine(int bytes) {
        return set(Options.MAX_REQUEST_LINE, bytes);
    }

    /**
     * Sets the largest head: 1,024 to 65,535 bytes, 16,384 unless set. A request with a larger one is answered with 431, a response with a larger
     * one becomes 502. HTTP only.
     *
     * @param bytes the size, from the first line to the empty one
     * @return this
     */
    public B maxHeadSize(int bytes) {
        return set(Options.MAX_HEAD_SIZE, bytes);
    }

    /**
     * Sets the most fields in a head: 10 to 1,000, 100 unless set. A request with more is answered with 431, a response with more becomes 502. HTTP
     * only.
     *
     * @param fields the number
     * @return this
     */
    public B maxFields(int fields) {
        return set(Options.MAX_FIELDS, fields);
    }

    /**
     * Sets the largest body of a request: 0 to 2,000,000,000 bytes, 0 for no limit, which it is unless set. A request whose {@code Content-Length} says more
     * is answered with 413 and reaches no server; one in chunks is broken off where it exceeds this, with 413 if the response has not begun. HTTP only.
     *
     * @param bytes the size, of chunks without what frames them
     * @return this
     */
    public B maxBodySize(int bytes) {
        return set(Options.MAX_BODY_SIZE, bytes);
    }

    /**
     * Sets whether TRACE goes to servers; unless set it does not, and is answered with 400: a response to it shows scripts of a page what they must not see, such as cookies
     * (RFC 9110 9.3.8). HTTP only.
     *
     * @param on true to pass it on
     * @return this
     */
    public B allowTrace(boolean on) {
        return set(Options.ALLOW_TRACE, on);
    }

    /**
     * Sets whether names of a request's header fields and trailers may have underscores; unless set such a request is answered with 400, as servers that make variables of fields, after
     * CGI (RFC 3875 4.1.18), take {@code X_User} for {@code X-User}. {@code Content_Length} and {@code Transfer_Encoding} are refused in any case. HTTP only.
     *
     * @param on true to pass them on
     * @return this
     */
    public B allowUnderscores(boolean on) {
        return set(Options.ALLOW_UNDERSCORES, on);
    }

    /**
     * Sets whether paths may have escaped slashes and backslashes, {@code %2F} and {@code %5C}; unless set such a request is answered with 400, as servers differ in whether these
     * part segments. Rules compare them as they stand. HTTP only.
     *
     * @param on true to pass them on
     * @return this
     */
    public B allowEscapedSlashes(boolean on) {
        return set(Options.ALLOW_ESCAPED_SLASHES, on);
    }

    /**
     * Sets whether rules take several slashes in a row for one, as many servers do; off unless set. What is passed on stays as it is. HTTP only.
     *
     * @param on true if {@code //a} is {@code /a}
     * @return this
     */
    public B mergeSlashes(boolean on) {
        return set(Options.MERGE_SLASHES, on);
    }

    /**
     * Sets whether requests for a host that no rule names, nor a rule's wildcard covers, are answered with 421 (RFC 9110 15.5.20), even where a rule without a host would take
     * them, or the listener's own group; off unless set. Wants a rule with a host. HTTP only.
     *
     * @param on true to refuse them
     * @return this
     */
    public B knownHostsOnly(boolean on) {
        return set(Options.KNOWN_HOSTS_ONLY, on);
    }

    /**
     * Sets which proxies before this one are believed in what they say of their clients; nobody unless set. HTTP only. The test is on the peer: who the
     * connection comes from or, behind a {@linkplain #proxyProtocolIn(ProxyProtocol) PROXY protocol} header, whom that names.
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
    public B trustedProxies(String... blocks) {
        trustedProxies = List.of(requireNonNull(blocks, "blocks"));
        return self();
    }

    /**
     * Sets what becomes of {@code X-Forwarded-For}, in which servers are told who the client is; {@link XForwardedFor#APPEND} unless set. HTTP only.
     *
     * @param mode what to do
     * @return this
     */
    public B xForwardedFor(XForwardedFor mode) {
        return set(Options.X_FORWARDED_FOR, mode);
    }

    /**
     * Sets whether servers are told in {@code X-Forwarded-Proto} that the client came by {@code http}; on unless set. What a {@linkplain #trustedProxies(String...) trusted}
     * peer says is kept and takes its place, whether this is on or off, as with the other fields below. HTTP only.
     *
     * @param on false to add nothing
     * @return this
     */
    public B xForwardedProto(boolean on) {
        return set(Options.X_FORWARDED_PROTO, on);
    }

    /**
     * Sets whether servers are told in {@code X-Forwarded-Port} which port the client reached; off unless set. HTTP only.
     *
     * @param on true to add it
     * @return this
     */
    public B xForwardedPort(boolean on) {
        return set(Options.X_FORWARDED_PORT, on);
    }

    /**
     * Sets whether servers are told in {@code X-Forwarded-Host} which host the request was for, with the port that the client named, if any; off unless
     * set. {@code Host} itself is passed on as it is. HTTP only.
     *
     * @param on true to add it to requests that name a host
     * @return this
     */
    public B xForwardedHost(boolean on) {
        return set(Options.X_FORWARDED_HOST, on);
    }

    /**
     * Sets whether servers are told in {@code X-Forwarded-Client-srcport} the port of the client that {@code X-Forwarded-For} tells the address of; off unless
     * set. Where a trusted peer tells an address without a port, it is not known, and nothing is added. HTTP only.
     *
     * @param on true to add it
     * @return this
     */
    public B xForwardedClientSrcport(boolean on) {
        return set(Options.X_FORWARDED_CLIENT_SRCPORT, on);
    }

    /**
     * Sets whether servers are told in {@code SLB-ID} the name of this balancer, in UTF-8; off unless set. HTTP only.
     *
     * @param on true to add it
     * @return this
     */
    public B slbId(boolean on) {
        return set(Options.SLB_ID, on);
    }

    /**
     * Sets whether servers are told in {@code SLB-IP} the address that the client reached; off unless set. HTTP only.
     *
     * @param on true to add it
     * @return this
     */
    public B slbIp(boolean on) {
        return set(Options.SLB_IP, on);
    }

    /**
     * Sets whether servers are told in {@code Via} (RFC 9110 7.6.3) which version of HTTP the client speaks, such as {@code 1.1 clb}; on unless set. What
     * came before is kept in any case. HTTP only.
     *
     * @param on false to add nothing, which the RFC does not allow a proxy
     * @return this
     */
    public B via(boolean on) {
        return set(Options.VIA, on);
    }

    /**
     * Answers every request with a redirect to HTTPS on port 443, see {@link #redirectToHttps(int)}.
     *
     * @return this
     */
    public B redirectToHttps() {
        return redirectToHttps(443);
    }

    /**
     * Answers every request with a redirect to HTTPS: the host that the client asked for, this port, its path and its query. Access lists and limits of the
     * listener come first; rules and the server group, which need not be set, get no request. A request that names no host gets 400. HTTP only.
     *
     * @param port 1 to 65,535, where 443 is not written out; 0, which it is unless set, for no redirect
     * @return this
     */
    public B redirectToHttps(int port) {
        return set(Options.REDIRECT_TO_HTTPS, port);
    }

    /**
     * Sets the status of {@link #redirectToHttps(int)}: 301, 302, 303, 307 or 308, 302 unless set. HTTP only.
     *
     * @param status the status (RFC 9110 15.4); of these the last two keep the method
     * @return this
     */
    public B redirectStatus(int status) {
        return set(Options.REDIRECT_STATUS, status);
    }

    /**
     * Sets whether a server's 504 and 444 reach the client as 502; on unless set. So 504 is the balancer's own word, and tells of its {@link
     * #requestTimeout}. Body and fields stay as they are; observers are told what the server sent. HTTP only.
     *
     * @param on false to pass them on
     * @return this
     */
    public B serverTimeoutsAs502(boolean on) {
        return set(Options.SERVER_TIMEOUTS_AS_502, on);
    }

    /**
     * Sets whether answers of the balancer's own say why, in a field such as {@code Proxy-Status: clb; error=connection_refused; details="connect-refused"} (RFC 9209): the nearest registered
     * error, and the code of the {@link io.clb.spi.Reason}. Off unless set, as it tells strangers how things are behind the balancer. HTTP only.
     *
     * @param on whether they do
     * @return this
     */
    public B proxyStatus(boolean on) {
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
    public B cancelOnDisconnect(boolean on) {
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
    public B retryBudget(int percent) {
        return set(Options.RETRY_BUDGET, percent);
    }

    /**
     * Sets how long no byte may come from either side of a WebSocket (RFC 6455) before both are reset: 1 s to 24 h, 1 h unless set. It counts from the
     * server's 101 on; up to there {@link #requestTimeout(Duration) requestTimeout} does. HTTP only.
     *
     * @param timeout the time
     * @return this
     */
    public B webSocketIdleTimeout(Duration timeout) {
        return set(Options.WEB_SOCKET_IDLE_TIMEOUT, timeout);
    }

    /**
     * Sets how many WebSockets there may be at a time, handshakes under way included: 1 to 10,000,000, 1,000,000 unless set. One more is answered with
     * 503. Each is a connection of {@link #maxConnections(int) maxConnections} too. HTTP only.
     *
     * @param webSockets the number
     * @return this
     */
    public B maxWebSockets(int webSockets) {
        return set(Options.MAX_WEB_SOCKETS, webSockets);
    }

    /**
     * Has an HTTP listener compress responses for clients that take it. In force for requests that begin from now on.
     *
     * @param compressed which responses; null, which it is unless set, for none
     * @return this
     */
    public B gzip(@Nullable Gzip compressed) {
        gzip = compressed;
        return self();
    }

    final void checkTrusted(String where, Protocol protocol, Mistakes mistakes) {
        CidrSet.parse(trustedProxies, (block, expected) -> mistakes.add(where, "trustedProxies", block, expected));
        if (!trustedProxies.isEmpty() && protocol != Protocol.HTTP) {
            mistakes.add(
                    where,
                    "trustedProxies",
                    trustedProxies,
                    "not set: it is an option of [HTTP] listeners, this one is " + protocol);
        }
    }

    final void checkGzip(String where, Protocol protocol, Mistakes mistakes) {
        if (gzip != null) {
            gzip.check(where, protocol, mistakes);
        }
    }
}
