package io.clb.spi;

import java.util.Locale;

/**
 * Why a flow ended: one closed list for log, counters, events and observers. Each says who, when and why, and names the setting to look at.
 */
public enum Reason {
    /** Both sides closed in order; on UDP, no datagram came for the session timeout. */
    COMPLETED(
            0, Party.NONE, Phase.RELAY, "both sides closed in order, or the datagrams of a UDP association ceased", ""),
    /** The listener's access policy refused the client. */
    ACCESS_DENIED(
            403,
            Party.BALANCER,
            Phase.ACCEPT,
            "the access policy refused the client's address",
            "see the listener's access(...)"),
    /** A header of the PROXY protocol, or a connection to a listener that requires one, from an address that is not a trusted proxy's. */
    PROXY_UNTRUSTED(
            0,
            Party.CLIENT,
            Phase.ACCEPT,
            "the connection or datagram spoke the PROXY protocol, or had to, and did not come from a trusted proxy",
            "add the proxy's address to the listener's proxyProtocolIn(...), if it is one of yours"),
    /** A filter of the application's denied the request or connection. */
    FILTER_DENIED(
            403,
            Party.BALANCER,
            Phase.HEAD,
            "a request filter denied the request or connection",
            "ask the filter: see requestFilters(...) of the listener and of the balancer; it may have chosen another status than 403"),
    /** A filter of the application's took too long. */
    FILTER_TIMEOUT(
            503,
            Party.BALANCER,
            Phase.HEAD,
            "a request filter did not answer in time",
            "see what the filter waits for; raise timeout of requestFilters(...), or set failOpen"),
    /** A filter of the application's asked for more than may be held. */
    FILTER_HELD_TOO_MUCH(
            413,
            Party.BALANCER,
            Phase.BODY,
            "a request filter asked for more of the request or connection than may be held",
            "raise maxHeld of requestFilters(...), or have the filter judge parts by themselves"),
    /** There was no header of the PROXY protocol where one is required, or nothing at all where one may come. */
    PROXY_HEADER_MISSING(
            0,
            Party.CLIENT,
            Phase.ACCEPT,
            "no PROXY protocol header came, or not in time",
            "does the proxy send one? See proxyProtocolIn(...) of the listener and its timeout; with optional() the client has to speak first"),
    /** A header of the PROXY protocol is not one. */
    PROXY_HEADER_MALFORMED(
            0,
            Party.CLIENT,
            Phase.ACCEPT,
            "the PROXY protocol header is malformed, too large, cut off or fails its checksum",
            "see what the proxy sends; nothing of it is passed on"),
    /** A TLS handshake did not end in time. */
    TLS_HANDSHAKE_TIMEOUT(
            0,
            Party.CLIENT,
            Phase.ACCEPT,
            "the client did not complete its TLS handshake in time, or sent nothing at all",
            "does the client speak TLS? If it is honest and far away, raise handshakeTimeout of the listener's TlsConfig"),
    /** A TLS handshake failed. */
    TLS_HANDSHAKE_FAILED(
            0,
            Party.CLIENT,
            Phase.ACCEPT,
            "the TLS handshake failed: no TLS at all, no version or cipher suite in common, or the client refused the certificate",
            "compare what the client offers with the listener's TlsConfig, whose default policy wants TLS 1.2 at least; does the client trust the certificate?"),
    /** The listener is at its cap. */
    MAX_CONNECTIONS(
            503,
            Party.BALANCER,
            Phase.ACCEPT,
            "the listener has as many connections or associations as it may",
            "raise the listener's maxConnections, or lower idleTimeout"),
    /** The client has as many connections as one client may. */
    MAX_CONNECTIONS_PER_CLIENT(
            503,
            Party.CLIENT,
            Phase.ACCEPT,
            "the client's address has as many connections or associations as one may",
            "raise the listener's maxConnectionsPerClient; many clients behind one NAT are one"),
    /** The balancer holds as many bytes as it may. */
    MEMORY(
            503,
            Party.BALANCER,
            Phase.RELAY,
            "the balancer holds as many bytes as it may that clients or servers do not read, and this flow held most of them, or was one more",
            "raise the balancer's maxBufferedMiB, or see who does not read"),
    /** The system could not hand over a new connection, mostly for want of file descriptors. */
    ACCEPT_FAILED(
            0,
            Party.BALANCER,
            Phase.ACCEPT,
            "the system could not accept a connection",
            "raise the limit of open files of the process (ulimit -n)"),
    /** Every server of the group fails its checks, or is ejected. */
    ALL_SERVERS_DOWN(
            502,
            Party.SERVER,
            Phase.CONNECT,
            "all servers of the group fail their health checks, or are ejected",
            "see each server's reason in the snapshot, and the group's healthCheck"),
    /** There are servers, but none may take new flows. */
    NO_SERVER_AVAILABLE(
            503,
            Party.BALANCER,
            Phase.CONNECT,
            "no server may take new flows: weight 0, draining or maintenance, or the group is empty",
            "give a server a weight above 0, or undrain one"),
    /** Every server that may take the flow has as many as it may, and no more may wait. */
    SERVER_QUEUE_FULL(
            503,
            Party.BALANCER,
            Phase.CONNECT,
            "every server that may take it has as many connections or requests as it may, and no more may wait",
            "raise maxConnections or queue of the servers, or add servers; on UDP none waits"),
    /** No server had room for the flow in time. */
    SERVER_QUEUE_TIMEOUT(
            503,
            Party.BALANCER,
            Phase.CONNECT,
            "no server that has as many connections or requests as it may had room for one more in time",
            "raise maxConnections or queueTimeout of the servers, or add servers"),
    /** A server could not be reached, and there were too many retries to try another one. */
    RETRY_BUDGET_EMPTY(
            502,
            Party.SERVER,
            Phase.CONNECT,
            "a server could not be reached, and no other was tried as there were too many retries for the requests that came",
            "see why servers cannot be reached; raise the listener's retryBudget if retries are what you want"),
    /** The server refused the connection: nothing listens there. */
    CONNECT_REFUSED(
            502,
            Party.SERVER,
            Phase.CONNECT,
            "the server refused the connection",
            "is the server running, and is its port the configured one?"),
    /** The server did not answer the connect in time. */
    CONNECT_TIMEOUT(
            504,
            Party.SERVER,
            Phase.CONNECT,
            "the server did not accept the connection in time",
            "see connectTimeout, the server's backlog and the firewalls on the way"),
    /** The server could not be reached. */
    CONNECT_FAILED(
            502,
            Party.SERVER,
            Phase.CONNECT,
            "the server could not be reached",
            "is there a route to the server, and are there free file descriptors?"),
    /** No local port was left to connect from, or a source address is not one of this host. */
    NO_LOCAL_PORT(
            502,
            Party.BALANCER,
            Phase.CONNECT,
            "no local port is left for one more connection to this server, or the source address is not this host's",
            "give the listener several upstreamSources, widen net.ipv4.ip_local_port_range, or keep connections (persistentUpstream)"),
    /** The server's name has no address. */
    NAME_UNRESOLVED(
            502,
            Party.SERVER,
            Phase.CONNECT,
            "the server's name could not be resolved to an address",
            "check the name in the group's server(...), and the resolver of the host"),
    /** The client went away while no server had accepted yet. */
    CLIENT_GONE(499, Party.CLIENT, Phase.CONNECT, "the client went away before a server had accepted or answered", ""),
    /** The client reset the connection. */
    CLIENT_RESET(499, Party.CLIENT, Phase.RELAY, "the client reset the connection", ""),
    /** The server reset the connection. */
    SERVER_RESET(
            502,
            Party.SERVER,
            Phase.RELAY,
            "the server reset the connection",
            "look into the server's own log at this time"),
    /** A datagram of an open association could not be sent. Datagrams are counted with it; no flow ends so. */
    DATAGRAM_DROPPED(
            0,
            Party.BALANCER,
            Phase.RELAY,
            "the system did not take a datagram: its send buffer was full, or it has no way to the destination",
            "see the system's send buffers (net.core.wmem_max), routes and firewalls"),
    /** Nothing moved for the idle timeout. */
    IDLE_TIMEOUT(
            0,
            Party.BALANCER,
            Phase.RELAY,
            "no byte came from either side for the idle timeout",
            "raise the listener's idleTimeout (of a WebSocket, webSocketIdleTimeout), or send keep-alives of the protocol"),
    /** A limit of new connections was reached. */
    LIMIT_CPS(
            503,
            Party.BALANCER,
            Phase.ACCEPT,
            "more new connections or associations a second than this node may take",
            "see limit(Limit.cps(...)) of the listener and of the balancer, and in the snapshot what this node enforces and what it refused"),
    /** A limit of new connections of one client was reached. */
    LIMIT_CPS_PER_CLIENT(
            503,
            Party.CLIENT,
            Phase.ACCEPT,
            "more new connections or associations a second from one address than this node may take",
            "see limit(Limit.cpsPerClient(...)) of the listener, and in the snapshot what this node enforces and what it refused"),
    /** A limit of requests was reached. */
    LIMIT_QPS(
            503,
            Party.BALANCER,
            Phase.HEAD,
            "more requests a second than this node may take",
            "see limit(Limit.qps(...)) of the rule, the listener and the balancer, and in the snapshot what this node enforces and what it refused"),
    /** A limit of requests of one client was reached. */
    LIMIT_QPS_PER_CLIENT(
            503,
            Party.CLIENT,
            Phase.HEAD,
            "more requests a second from one address than this node may take",
            "see limit(Limit.qpsPerClient(...)) of the rule and the listener, and in the snapshot what this node enforces and what it refused"),
    /** A limit of requests with one value of a field was reached. */
    LIMIT_QPS_PER_HEADER(
            503,
            Party.CLIENT,
            Phase.HEAD,
            "more requests a second with one value of a header field than this node may take",
            "see limit(Limit.qpsPerHeader(...)) of the rule and the listener, and in the snapshot what this node enforces and what it refused"),
    /** A limit of bandwidth was reached whose excess is refused. */
    LIMIT_BANDWIDTH(
            503,
            Party.BALANCER,
            Phase.RELAY,
            "more bits a second than this node may let through, and the excess is refused or, on UDP, dropped",
            "see limit(Limit.bandwidth(...).refuse()), which without refuse() has the excess wait, and what this node enforces in the snapshot"),
    /** The first line of a request is not one. */
    BAD_REQUEST_LINE(
            400,
            Party.CLIENT,
            Phase.HEAD,
            "the request line is not: method, blank, target, blank, HTTP/1.0 or HTTP/1.1, CRLF",
            "does the client speak TLS or HTTP/2 to a plain HTTP listener?"),
    /** It is not clear which resource the path of a request stands for. */
    BAD_PATH(
            400,
            Party.CLIENT,
            Phase.HEAD,
            "the path climbs above the root, or has in it what servers read in different ways: %2F, %5C, %00, % without two hexadecimal digits, or ..;",
            "set the listener's allowEscapedSlashes, if it is %2F or %5C and servers want it"),
    /** TRACE, on a listener that does not pass it on. */
    TRACE_REFUSED(
            400,
            Party.CLIENT,
            Phase.HEAD,
            "the method is TRACE, whose response shows what the request carries",
            "set the listener's allowTrace, if servers are to be traced"),
    /** A field of a request is not one. */
    BAD_FIELD(
            400,
            Party.CLIENT,
            Phase.HEAD,
            "a header field breaks RFC 9112 section 5: name, blanks, line ends or characters; or its name has an underscore",
            "see what the client sends, nothing of it is passed on; set the listener's allowUnderscores, if servers want them"),
    /** It is not clear whom a request is for. */
    BAD_HOST(
            400,
            Party.CLIENT,
            Phase.HEAD,
            "the request has no Host, more than one, or one that is not a host",
            "see what the client sends; RFC 9112 section 3.2"),
    /** It is not clear where a request ends. */
    BAD_FRAMING(
            400,
            Party.CLIENT,
            Phase.HEAD,
            "Content-Length and Transfer-Encoding do not say in one way only where the request ends",
            "see what the client sends; RFC 9112 section 6"),
    /** The chunks of a request are malformed. */
    BAD_BODY(
            400,
            Party.CLIENT,
            Phase.BODY,
            "the chunks of the request's body are malformed",
            "see what the client sends; RFC 9112 section 7.1"),
    /** The request line is too long. */
    REQUEST_LINE_TOO_LONG(
            414,
            Party.CLIENT,
            Phase.HEAD,
            "the request line is longer than the listener takes",
            "raise the listener's maxRequestLine"),
    /** The head of a request is too large. */
    REQUEST_HEAD_TOO_LARGE(
            431,
            Party.CLIENT,
            Phase.HEAD,
            "the request's head is larger, or has more fields, than the listener takes",
            "raise the listener's maxHeadSize or maxFields"),
    /** The body of a request is too large. */
    REQUEST_BODY_TOO_LARGE(
            413,
            Party.CLIENT,
            Phase.BODY,
            "the request's body is larger than the listener takes",
            "raise the listener's maxBodySize"),
    /** The client is too slow with a head. */
    REQUEST_HEAD_TIMEOUT(
            408,
            Party.CLIENT,
            Phase.HEAD,
            "the client did not send the request's head in time",
            "raise the listener's headTimeout, if such slow clients are honest"),
    /** The client is too slow with a body. */
    REQUEST_BODY_TIMEOUT(
            408,
            Party.CLIENT,
            Phase.BODY,
            "the client stopped sending the request's body",
            "raise the listener's headTimeout, if such slow clients are honest"),
    /** The client sends a body, but too slowly. */
    REQUEST_TOO_SLOW(
            408,
            Party.CLIENT,
            Phase.BODY,
            "the client sent the request's body more slowly than it must",
            "lower the listener's minDataRate, if such slow clients are honest"),
    /** The request took too long to come. */
    REQUEST_DEADLINE(
            408,
            Party.CLIENT,
            Phase.BODY,
            "the request did not come whole in time",
            "raise the listener's requestDeadline, if such large requests are honest"),
    /** The client reads its response, but too slowly. */
    RESPONSE_READ_TOO_SLOWLY(
            499,
            Party.CLIENT,
            Phase.RESPONSE,
            "the client read the response more slowly than it must",
            "lower the listener's minDataRate, if such slow clients are honest"),
    /** The client does not read its response. */
    RESPONSE_NOT_READ(
            499,
            Party.CLIENT,
            Phase.RESPONSE,
            "the client stopped reading the response",
            "raise the listener's requestTimeout, if such slow clients are honest"),
    /** The listener has as many WebSockets as it may. */
    MAX_WEB_SOCKETS(
            503,
            Party.BALANCER,
            Phase.HEAD,
            "the listener has as many WebSockets as it may",
            "raise the listener's maxWebSockets, or lower webSocketIdleTimeout"),
    /** A rule has as many copies of requests as it may. Copies are counted with it; no request ends so. */
    MAX_MIRRORED(
            0,
            Party.BALANCER,
            Phase.HEAD,
            "the rule has as many copies of requests under way as it may",
            "raise the rule's maxMirrored, or see why the servers of its mirror group are slow"),
    /** The server of a copy is slower than that of the request. Copies are counted with it; no request ends so. */
    MIRROR_TOO_SLOW(
            0,
            Party.BALANCER,
            Phase.BODY,
            "the server of the mirror group did not take the body as fast as the request's own, or its response went on long after the client had its own",
            "see why the server is slow; the listener's requestTimeout says how long its response may go on"),
    /** A request was over before its body was. Copies are counted with it; no request ends so. */
    MIRROR_CUT_SHORT(
            0,
            Party.CLIENT,
            Phase.BODY,
            "the request was over before its body had come whole, so its copy could not be completed",
            ""),
    /** The request is for a host that the listener does not know. */
    UNKNOWN_HOST(
            421,
            Party.CLIENT,
            Phase.HEAD,
            "no rule names the host that the request is for, and the listener takes known hosts only",
            "add a rule with that host, or unset the listener's knownHostsOnly"),
    /** No rule matched. */
    NO_RULE_MATCHED(
            404,
            Party.BALANCER,
            Phase.HEAD,
            "no rule matched the request, and the listener forwards to no group otherwise",
            "add a rule, or forwardTo(...) on the listener"),
    /** A rule answered by itself: what it is to answer is no failure, whatever its status. */
    RULE_ANSWERED(
            0,
            Party.BALANCER,
            Phase.HEAD,
            "a rule answered the request by itself, with a redirect or a fixed response",
            "see the rule's redirect(...) or respond(...)"),
    /** The listener sent the client to HTTPS. */
    REDIRECTED_TO_HTTPS(
            0,
            Party.BALANCER,
            Phase.HEAD,
            "the listener answered the request with a redirect to HTTPS",
            "see the listener's redirectToHttps(...)"),
    /** The server closed in place of an answer. */
    SERVER_CLOSED(
            502,
            Party.SERVER,
            Phase.WAIT,
            "the server closed the connection before it sent a response head",
            "look into the server's own log at this time"),
    /** What the server sent is no response. */
    BAD_RESPONSE(
            502,
            Party.SERVER,
            Phase.RESPONSE,
            "what the server sent is not a well-formed, unambiguous HTTP/1.x response",
            "is the server's port an HTTP one? See what it sends"),
    /** The head of a response is too large. */
    RESPONSE_HEAD_TOO_LARGE(
            502,
            Party.SERVER,
            Phase.RESPONSE,
            "the response's head is larger, or has more fields, than the listener takes",
            "raise the listener's maxHeadSize or maxFields"),
    /** The server broke off its response. */
    RESPONSE_TRUNCATED(
            502,
            Party.SERVER,
            Phase.RESPONSE,
            "the server closed the connection before the end of its response",
            "look into the server's own log at this time"),
    /** The server does not answer. */
    RESPONSE_TIMEOUT(
            504,
            Party.SERVER,
            Phase.WAIT,
            "the server was silent for the request timeout",
            "raise the listener's requestTimeout, or see why the server is slow"),
    /** The server takes nothing new, and the time for what ran on it was over. */
    SERVER_DRAINED(
            503,
            Party.BALANCER,
            Phase.RELAY,
            "the server was drained, removed or down, and the time for what still ran on it was over",
            "raise the server group's draining, or turn it off"),
    /** The balancer shut down, and the time to drain was over. */
    SHUTDOWN(
            503,
            Party.BALANCER,
            Phase.RELAY,
            "the balancer shut down before the flow was over, or could begin",
            "give shutdown(...) more time to drain"),
    /** The listener was removed, or listens elsewhere now. */
    LISTENER_REMOVED(
            0,
            Party.BALANCER,
            Phase.RELAY,
            "the socket that the flow needs was closed: the listener was removed, or listens elsewhere now",
            "see the update that changed the listener"),
    /** A strategy of the application's threw. */
    EXTENSION_FAILED(
            503,
            Party.BALANCER,
            Phase.ACCEPT,
            "a scheduler, sticker, access policy or limiter of the application threw",
            "see the stack trace in the log, once for each class"),
    /** Something in the balancer went wrong. */
    INTERNAL_ERROR(
            502,
            Party.BALANCER,
            Phase.RELAY,
            "an unforeseen error in the balancer",
            "please report it with the stack trace in the log");

    /** Who brought it about. */
    public enum Party {
        /** Nobody: things went their way. */
        NONE,
        /** The client. */
        CLIENT,
        /** The balancer itself. */
        BALANCER,
        /** The server. */
        SERVER
    }

    /** When it happened. */
    public enum Phase {
        /** While the client was let in. */
        ACCEPT,
        /** While the head of a request came in. */
        HEAD,
        /** While the body of a request came in. */
        BODY,
        /** While a server was looked for and connected to. */
        CONNECT,
        /** While the server had the request and had not answered. */
        WAIT,
        /** While the response came in and went out. */
        RESPONSE,
        /** While bytes flowed. */
        RELAY
    }

    private final int status;
    private final Party party;
    private final Phase phase;
    private final String why;
    private final String hint;
    private final String code;

    Reason(int status, Party party, Phase phase, String why, String hint) {
        this.status = status;
        this.party = party;
        this.phase = phase;
        this.why = why;
        this.hint = hint;
        this.code = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the status that an HTTP client gets, if its response has not begun; 499 goes into the record only, as there is nobody to get it.
     *
     * @return 400 to 504; 0 where there is no answer to give
     */
    public int status() {
        return status;
    }

    /**
     * Returns who brought it about.
     *
     * @return the party
     */
    public Party party() {
        return party;
    }

    /**
     * Returns when it happened.
     *
     * @return the phase
     */
    public Phase phase() {
        return phase;
    }

    /**
     * Returns why, as a sentence without a full stop.
     *
     * @return the cause
     */
    public String why() {
        return why;
    }

    /**
     * Returns what to look at.
     *
     * @return the hint, empty where nothing is wrong
     */
    public String hint() {
        return hint;
    }

    /**
     * Returns the name for logs and metrics, such as {@code idle-timeout}.
     *
     * @return the code, stable over versions
     */
    public String code() {
        return code;
    }
}
