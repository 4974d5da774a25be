package io.clb;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.clb.ListenerConfig.Protocol;
import io.clb.schedule.ConsistentHash;
import io.clb.schedule.PeakEwma;
import io.clb.schedule.QuicConnectionId;
import io.clb.stick.SourceIp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Every setting that is a plain value, each declared once. Strategies (schedulers, stickers, checks, policies) have catalogues of their own. */
public final class Options {

    /** Filled by what follows, in this order; not changed afterwards. */
    private static final List<Option<?>> DECLARED = new ArrayList<>();

    private static final OptionPlace BALANCER = new OptionPlace(Option.Scope.BALANCER, DECLARED::add);
    private static final OptionPlace LISTENER = new OptionPlace(Option.Scope.LISTENER, DECLARED::add);
    private static final OptionPlace TCP = LISTENER.only(Protocol.TCP);
    private static final OptionPlace UDP = LISTENER.only(Protocol.UDP);
    private static final OptionPlace HTTP = LISTENER.only(Protocol.HTTP);
    private static final OptionPlace TCP_AND_HTTP = LISTENER.only(Protocol.TCP, Protocol.HTTP);
    private static final OptionPlace RULE = new OptionPlace(Option.Scope.RULE, DECLARED::add);
    private static final OptionPlace SERVER_GROUP = new OptionPlace(Option.Scope.SERVER_GROUP, DECLARED::add);
    private static final OptionPlace SERVER = new OptionPlace(Option.Scope.SERVER, DECLARED::add);
    private static final OptionPlace SCHEDULER = new OptionPlace(Option.Scope.SCHEDULER, DECLARED::add);
    private static final OptionPlace HEALTH_CHECK = new OptionPlace(Option.Scope.HEALTH_CHECK, DECLARED::add);
    private static final OptionPlace EJECTION = new OptionPlace(Option.Scope.EJECTION, DECLARED::add);
    private static final OptionPlace PROXY_PROTOCOL = new OptionPlace(Option.Scope.PROXY_PROTOCOL, DECLARED::add);
    private static final OptionPlace TLS = new OptionPlace(Option.Scope.TLS, DECLARED::add);
    private static final OptionPlace REQUEST_FILTERS = new OptionPlace(Option.Scope.REQUEST_FILTERS, DECLARED::add);
    private static final OptionPlace GZIP = new OptionPlace(Option.Scope.GZIP, DECLARED::add);
    private static final OptionPlace STICKINESS = new OptionPlace(Option.Scope.STICKINESS, DECLARED::add);
    private static final OptionPlace LIMIT = new OptionPlace(Option.Scope.LIMIT, DECLARED::add);
    private static final OptionPlace CLUSTER = new OptionPlace(Option.Scope.CLUSTER, DECLARED::add);

    /** Whether the balancer's threads are daemon threads. */
    public static final Option<Boolean> DAEMON_THREADS =
            BALANCER.flag("daemonThreads", false).means("true lets the JVM end while the balancer still runs");

    /** How many bytes the balancer may hold that were read and not yet written. */
    public static final Option<Integer> MAX_BUFFERED_MIB = BALANCER.number("maxBufferedMiB", 0, 1_048_576, 0)
            .means(
                    "MiB that all flows together hold, read and not yet written; 0 for a quarter of the direct-memory limit. Past it those that hold most are reset, past 90 % nothing new is let in");

    /** The port that a listener listens on. */
    public static final Option<Integer> LISTENER_PORT = LISTENER.number("port", 0, 65_535, 0)
            .means("the port to listen on, required; 0 lets the system choose one");

    /** The idle timeout of an established TCP connection. */
    public static final Option<Duration> IDLE_TIMEOUT = TCP.seconds("idleTimeout", 10, 900, 900)
            .means("no byte from either side for so long: RST to client and to server");

    /** The session timeout of UDP. */
    public static final Option<Duration> SESSION_TIMEOUT = UDP.seconds("idleTimeout", 10, 900, 20)
            .means(
                    "no datagram either way for so long: the association is forgotten, the client's next one is given a server anew");

    /** The idle timeout of a client's HTTP connection. */
    public static final Option<Duration> HTTP_IDLE_TIMEOUT = HTTP.seconds("idleTimeout", 1, 60, 15)
            .means("before the first request of a connection and between two: the connection is closed");

    /** How long a server may be silent after it was sent a request. */
    public static final Option<Duration> REQUEST_TIMEOUT = HTTP.seconds("requestTimeout", 1, 180, 60)
            .means("server silent for so long after the request was sent: 504; a response that stalls is reset");

    /** How long a client may take to send the head of a request. */
    public static final Option<Duration> HEAD_TIMEOUT = HTTP.seconds("headTimeout", 1, 60, 10)
            .means("from the first byte of a request to the end of its head, and between two reads of its body: 408");

    /** How fast a client must send and read at least. */
    public static final Option<Integer> MIN_DATA_RATE = HTTP.number("minDataRate", 0, 1_048_576, 500)
            .means(
                    "bytes a second that a client must send of a body (408), and read of a response that waits for it (reset), measured over 10 s; 0 for none");

    /** How long a client may take for a whole request. */
    public static final Option<Duration> REQUEST_DEADLINE = HTTP.seconds("requestDeadline", 1, 3_600, 0)
            .orOff(Duration.ZERO)
            .means("from the first byte of a request to the last of its body, however fast it comes: 408");

    /** How long one server may take to accept a connection. */
    public static final Option<Duration> CONNECT_TIMEOUT = TCP_AND_HTTP
            .seconds("connectTimeout", 1, 30, 5)
            .means("how long one server may take to accept; then the next is tried");

    /** How many different servers a flow tries. */
    public static final Option<Integer> CONNECT_TRIES =
            TCP_AND_HTTP.number("connectTries", 1, 10, 3).means("how many different servers a flow tries at most");

    /** The cap on connections of a listener. */
    public static final Option<Integer> MAX_CONNECTIONS = TCP_AND_HTTP
            .number("maxConnections", 1, 10_000_000, 1_000_000)
            .means("connections at a time; one more is counted and reset, on HTTP answered with 503");

    /** The cap on associations of a UDP listener. */
    public static final Option<Integer> MAX_ASSOCIATIONS = UDP.number("maxConnections", 1, 10_000_000, 8_192)
            .means(
                    "associations at a time, each with a file descriptor, so unless set a quarter of the process's limit of those at most; what would begin one more is dropped and counted");

    /** The cap on connections of one client. */
    public static final Option<Integer> MAX_CONNECTIONS_PER_CLIENT = LISTENER.number(
                    "maxConnectionsPerClient", 0, 1_000_000, 0)
            .means(
                    "connections or associations of one client address at a time, 0 for no cap; one more as one beyond `maxConnections`");

    /** What of an IPv6 address makes a client. */
    public static final Option<Integer> IPV6_CLIENT_BITS = LISTENER.number("ipv6ClientBits", 48, 128, 64)
            .means(
                    "the prefix of IPv6 addresses that is one client, for `maxConnectionsPerClient` and limits per client; after a change IPv6 connections that are open no longer count");

    /** The length of the system's accept queue. */
    public static final Option<Integer> BACKLOG = TCP_AND_HTTP
            .number("backlog", 1, 1_000_000, 4_096)
            .means(
                    "connections that the system holds until they are accepted, for each listening socket; the system caps it");

    /** TCP_FASTOPEN. */
    public static final Option<Integer> FAST_OPEN = TCP_AND_HTTP
            .number("fastOpen", 0, 1_000_000, 0)
            .means(
                    "clients that may send data with their SYN and are not yet connected, for each listening socket, 0 for none (TCP_FASTOPEN); on epoll and io_uring, where net.ipv4.tcp_fastopen has 2");

    /** TCP_NODELAY. */
    public static final Option<Boolean> NO_DELAY =
            TCP_AND_HTTP.flag("noDelay", true).means("TCP_NODELAY on both sides: small writes leave at once");

    /** SO_KEEPALIVE. */
    public static final Option<Boolean> KEEP_ALIVE =
            TCP_AND_HTTP.flag("keepAlive", false).means("SO_KEEPALIVE on both sides, at the system's intervals");

    /** How long the system goes on with a closed connection whose other end acknowledges nothing. */
    public static final Option<Duration> LINGER = TCP_AND_HTTP
            .seconds("linger", 1, 65_535, 0)
            .orOff(Duration.ZERO)
            .means(
                    "how long the other end of a closed connection may take nothing of what it was sent before the rest is lost, on both sides; off: as long as the system likes; on epoll and io_uring");

    /** SO_RCVBUF. */
    public static final Option<Integer> RECEIVE_BUFFER = TCP_AND_HTTP
            .number("receiveBuffer", 0, 64 * 1_024 * 1_024, 0)
            .means(
                    "SO_RCVBUF in bytes on both sides, 0 for a size that the system adapts; Linux doubles it and caps it at net.core.rmem_max");

    /** SO_SNDBUF. */
    public static final Option<Integer> SEND_BUFFER = TCP_AND_HTTP
            .number("sendBuffer", 0, 64 * 1_024 * 1_024, 0)
            .means(
                    "SO_SNDBUF in bytes on both sides, 0 for a size that the system adapts; Linux doubles it and caps it at net.core.wmem_max");

    /** How many requests a client may send over one connection. */
    public static final Option<Integer> MAX_REQUESTS_PER_CONNECTION = HTTP.number(
                    "maxRequestsPerConnection", 1, 1_000_000, 100)
            .means("the response to the last one says Connection: close");

    /** Whether connections to servers are used for more than one request. */
    public static final Option<Boolean> PERSISTENT_UPSTREAM = HTTP.flag("persistentUpstream", true)
            .means("connections to servers are kept and used again; false: one for each request");

    /** How many idle connections to a server are kept. */
    public static final Option<Integer> MAX_IDLE_UPSTREAMS = HTTP.number("maxIdleUpstreams", 1, 10_000, 1_000)
            .means("idle connections kept for each server and event loop; one more is closed");

    /** How long an idle connection to a server is kept. */
    public static final Option<Duration> UPSTREAM_IDLE_TIMEOUT =
            HTTP.seconds("upstreamIdleTimeout", 1, 600, 50).means("how long an idle connection to a server is kept");

    /** The longest request line. */
    public static final Option<Integer> MAX_REQUEST_LINE = HTTP.number("maxRequestLine", 256, 32_768, 8_192)
            .means("bytes of the request line, CRLF included; longer: 414");

    /** The largest head. */
    public static final Option<Integer> MAX_HEAD_SIZE = HTTP.number("maxHeadSize", 1_024, 65_535, 16_384)
            .means("bytes of the head of a request (larger: 431) and of a response (larger: 502)");

    /** The most fields in a head. */
    public static final Option<Integer> MAX_FIELDS = HTTP.number("maxFields", 10, 1_000, 100)
            .means("fields in the head of a request (more: 431) and of a response (more: 502)");

    /** The largest body of a request. */
    public static final Option<Integer> MAX_BODY_SIZE = HTTP.number("maxBodySize", 0, 2_000_000_000, 0)
            .means("bytes of a request's body, of one in chunks without what frames them; 0 for no limit; larger: 413");

    /** Whether TRACE goes to servers. */
    public static final Option<Boolean> ALLOW_TRACE = HTTP.flag("allowTrace", false)
            .means("true: TRACE goes to servers, which send back what they got, cookies and all; false: 400");

    /** Whether names of request fields may have underscores. */
    public static final Option<Boolean> ALLOW_UNDERSCORES = HTTP.flag("allowUnderscores", false)
            .means(
                    "true: names of a request's fields may have underscores, but for those that would pass for Content-Length or Transfer-Encoding; false: 400, as CGI cannot tell them from hyphens");

    /** Whether paths may have slashes that are escaped. */
    public static final Option<Boolean> ALLOW_ESCAPED_SLASHES = HTTP.flag("allowEscapedSlashes", false)
            .means(
                    "true: paths may have %2F and %5C, which are no slashes for rules; false: 400, as some servers take them for slashes");

    /** Whether several slashes in a row are one for rules. */
    public static final Option<Boolean> MERGE_SLASHES = HTTP.flag("mergeSlashes", false)
            .means(
                    "true: for rules, several slashes in a row are one, as they are for some servers; what is passed on stays as it is");

    /** Whether hosts that no rule names are refused. */
    public static final Option<Boolean> KNOWN_HOSTS_ONLY = HTTP.flag("knownHostsOnly", false)
            .means(
                    "true: requests for a host that no rule names get 421, whatever rules without a host and forwardTo say");

    /** What becomes of {@code X-Forwarded-For}. */
    public static final Option<XForwardedFor> X_FORWARDED_FOR = HTTP.choice(
                    "xForwardedFor", XForwardedFor.class, List.of(XForwardedFor.values()), XForwardedFor.APPEND)
            .means(
                    "X-Forwarded-For to servers: the peer's address appended to what a trusted peer sent, the field removed, or left as a trusted peer sent it");

    /** Whether servers are told how the client came. */
    public static final Option<Boolean> X_FORWARDED_PROTO = HTTP.flag("xForwardedProto", true)
            .means(
                    "X-Forwarded-Proto to servers: http; a trusted peer's own is kept, as are those of the settings below");

    /** Whether servers are told which port the client reached. */
    public static final Option<Boolean> X_FORWARDED_PORT =
            HTTP.flag("xForwardedPort", false).means("X-Forwarded-Port to servers: the port that the client reached");

    /** Whether servers are told in a field of its own which host was asked for. */
    public static final Option<Boolean> X_FORWARDED_HOST = HTTP.flag("xForwardedHost", false)
            .means("X-Forwarded-Host to servers: the host of the request, with its port");

    /** Whether servers are told the client's port. */
    public static final Option<Boolean> X_FORWARDED_CLIENT_SRCPORT = HTTP.flag("xForwardedClientSrcport", false)
            .means("X-Forwarded-Client-srcport to servers: the client's port, where it is known");

    /** Whether servers are told the balancer's name. */
    public static final Option<Boolean> SLB_ID =
            HTTP.flag("slbId", false).means("SLB-ID to servers: the name of the balancer");

    /** Whether servers are told the address that the client reached. */
    public static final Option<Boolean> SLB_IP =
            HTTP.flag("slbIp", false).means("SLB-IP to servers: the address that the client reached");

    /** Whether servers are told the client's version of HTTP. */
    public static final Option<Boolean> VIA =
            HTTP.flag("via", true).means("Via to servers: the client's version of HTTP, such as 1.1 clb");

    /** The port of HTTPS that all clients are sent to. */
    public static final Option<Integer> REDIRECT_TO_HTTPS = HTTP.number("redirectToHttps", 0, 65_535, 0)
            .means("every request is answered with a redirect to https on this port, path and query kept; 0 for none");

    /** The status of that redirect. */
    public static final Option<Integer> REDIRECT_STATUS = HTTP.choice(
                    "redirectStatus", Integer.class, Redirect.STATUSES, Redirect.FOUND)
            .means("the status of redirectToHttps; 307 and 308 keep the method");

    /** Whether a server's own timeouts look like a server that failed. */
    public static final Option<Boolean> SERVER_TIMEOUTS_AS_502 = HTTP.flag("serverTimeoutsAs502", true)
            .means(
                    "a server's 504 and 444 reach the client as 502, so that 504 is the balancer's own; what the server sent is recorded");

    /** Whether clients are told why. */
    public static final Option<Boolean> PROXY_STATUS = HTTP.flag("proxyStatus", false)
            .means("whether answers of the balancer's own say why, in a Proxy-Status field");

    /** Whether a server is to finish what nobody waits for. */
    public static final Option<Boolean> CANCEL_ON_DISCONNECT = HTTP.flag("cancelOnDisconnect", false)
            .means(
                    "whether the connection to a server is closed at once when the client goes away, rather than when the server has answered");

    /** How many tries beyond the first there may be. */
    public static final Option<Integer> RETRY_BUDGET = HTTP.number("retryBudget", 0, 1_000, 100)
            .means("retries for each hundred requests, over ten seconds or so; ten a second there may always be");

    /** How long a WebSocket may be idle. */
    public static final Option<Duration> WEB_SOCKET_IDLE_TIMEOUT = HTTP.seconds(
                    "webSocketIdleTimeout", 1, 86_400, 3_600)
            .means("no byte from either side of a WebSocket for so long: RST to client and to server");

    /** The cap on WebSockets of a listener. */
    public static final Option<Integer> MAX_WEB_SOCKETS = HTTP.number("maxWebSockets", 1, 10_000_000, 1_000_000)
            .means("WebSockets at a time, handshakes under way included; one more is answered with 503");

    /** The place of a rule. */
    public static final Option<Integer> PRIORITY = RULE.number("priority", 1, 10_000, 10_000)
            .means("the place among rules of the same host and path, smallest first");

    /** The share of a rule's requests that are copied to its mirror group. */
    public static final Option<Integer> MIRROR_PERCENT = RULE.number("mirrorPercent", 1, 100, 100)
            .means("share of the requests that mirrorTo copies, drawn by chance");

    /** How many copies of a rule's requests there may be. */
    public static final Option<Integer> MAX_MIRRORED = RULE.number("maxMirrored", 1, 1_000_000, 1_000)
            .means("copies of requests at a time that mirrorTo makes; of one more there is none, and it is counted");

    /** How long a server that joins or recovers takes to its full weight. */
    public static final Option<Duration> SLOW_START = SERVER_GROUP
            .seconds("slowStart", 30, 900, 0)
            .orOff(Duration.ZERO)
            .means("how long a server that joins or recovers takes from a tenth of its weight to all of it");

    /** How long what runs on a server that takes nothing new may go on. */
    public static final Option<Duration> DRAINING = SERVER_GROUP
            .seconds("draining", 10, 900, 0)
            .orOff(Duration.ZERO)
            .means(
                    "how long what runs may go on, on a server that is drained, removed or down; off: until it ends by itself");

    /** Whether servers that are down are used when no other is left. */
    public static final Option<Boolean> FAIL_OPEN = SERVER_GROUP
            .flag("failOpen", false)
            .means(
                    "true: when no server may take flows, those that are down or ejected get them; never one that drains, is in maintenance or has weight 0");

    /** The weight of a server. */
    public static final Option<Integer> WEIGHT =
            SERVER.number("weight", 0, 100, 100).means("share of new flows; 0 takes nothing new");

    /** How many flows a server may have. */
    public static final Option<Integer> SERVER_MAX_CONNECTIONS = SERVER.number("maxConnections", 0, 10_000_000, 0)
            .means("connections, associations or, on HTTP, requests at a time on it from this balancer; 0: no cap");

    /** How many flows may wait for a server that has all it may have. */
    public static final Option<Integer> QUEUE = SERVER.number("queue", 0, 10_000, 1_000)
            .means(
                    "connections and requests that wait when maxConnections is reached; one more is reset, on HTTP answered with 503");

    /** How long they wait. */
    public static final Option<Duration> QUEUE_TIMEOUT = SERVER.duration(
                    "queueTimeout", ofMillis(1), ofSeconds(60), ofSeconds(5))
            .orOff(Duration.ZERO)
            .means("how long one may wait in the queue; off: none waits");

    /** Into how many parts consistent hashing divides the keys. */
    public static final Option<Integer> HASH_SLOTS = SCHEDULER
            .number("slots", 1 << 16, 1 << 20, ConsistentHash.DEFAULT_SLOTS)
            .means(
                    "parts into which sch, tch, uch and qch divide their keys, 2 bytes each; more than 1,000 servers want more");

    /** How many connection ids of QUIC are remembered. */
    public static final Option<Integer> CONNECTION_IDS = SCHEDULER
            .number("connectionIds", 1_024, 1 << 24, QuicConnectionId.DEFAULT_CONNECTION_IDS)
            .means("QUIC connection ids that qch remembers, 8 bytes each; then the oldest gives way");

    /** How long an average of peak EWMA lasts. */
    public static final Option<Duration> EWMA_DECAY = SCHEDULER
            .duration("decay", ofMillis(100), ofMinutes(5), PeakEwma.DEFAULT_DECAY)
            .means("time in which the average latency that ewma keeps fades to 37 %");

    /** The pause between two probes. */
    public static final Option<Duration> CHECK_INTERVAL = HEALTH_CHECK
            .duration("interval", ofMillis(100), ofSeconds(50), ofSeconds(2))
            .means("from the end of a probe to the start of the next; 5 s unless set on a UDP check");

    /** How long a probe may take. */
    public static final Option<Duration> CHECK_TIMEOUT = HEALTH_CHECK
            .duration("timeout", ofMillis(100), ofSeconds(300), ofSeconds(5))
            .means("how long a probe may take; 10 s unless set on a UDP check");

    /** Good probes until a server is up again. */
    public static final Option<Integer> HEALTHY_THRESHOLD = HEALTH_CHECK
            .number("healthyThreshold", 1, 10, 3)
            .means("good probes in a row that bring a failed server back");

    /** Bad probes until a server is down. */
    public static final Option<Integer> UNHEALTHY_THRESHOLD =
            HEALTH_CHECK.number("unhealthyThreshold", 1, 10, 3).means("bad probes in a row that take a server out");

    /** The port to probe. */
    public static final Option<Integer> CHECK_PORT =
            HEALTH_CHECK.number("port", 0, 65_535, 0).means("the port to probe; 0 means the server's own");

    /** Failures in a row that eject a server. */
    public static final Option<Integer> EJECTION_FAILURES =
            EJECTION.number("failures", 1, 1_000, 5).means("failures in a row that eject a server");

    /** How long a server is ejected at first. */
    public static final Option<Duration> EJECTION_TIME = EJECTION.seconds("time", 1, 300, 30)
            .means("how long a server is ejected at first; twice as long each time after");

    /** How long a server is ejected at most. */
    public static final Option<Duration> EJECTION_MAX_TIME = EJECTION.seconds("maxTime", 1, 3_600, 300)
            .means("how long a server is ejected at most; not shorter than time");

    /** How much of a group is ejected at most. */
    public static final Option<Integer> EJECTION_MAX_PERCENT = EJECTION.number("maxPercent", 1, 100, 50)
            .means(
                    "how much of a group is ejected at a time: one server at least, and never the last that takes flows");

    /** How long a PROXY protocol header may take. */
    public static final Option<Duration> PROXY_TIMEOUT = PROXY_PROTOCOL
            .seconds("timeout", 1, 60, 5)
            .means("how long a connection may take to send its header, or its first bytes where that is optional");

    /** How long a TLS handshake may take. */
    public static final Option<Duration> TLS_HANDSHAKE_TIMEOUT =
            TLS.seconds("handshakeTimeout", 1, 60, 10).means("how long a client may take for its TLS handshake");

    /** Who does the work of TLS. */
    public static final Option<TlsProvider> TLS_PROVIDER = TLS.choice(
                    "provider", TlsProvider.class, List.of(TlsProvider.values()), TlsProvider.AUTO)
            .means("who does the work: AUTO is netty-tcnative where it is on the class path, else the JDK");

    /** How long a filter may take. */
    public static final Option<Duration> FILTER_TIMEOUT = REQUEST_FILTERS
            .duration("timeout", ofMillis(100), ofSeconds(60), ofSeconds(5))
            .means("how long a request or connection waits for one answer of a filter");

    /** How much filters may hold. */
    public static final Option<Integer> FILTER_MAX_HELD = REQUEST_FILTERS
            .number("maxHeld", 1_024, 1 << 20, 65_536)
            .means("bytes of one request or connection that are held while filters ask for more");

    /** What becomes of what filters do not judge. */
    public static final Option<Boolean> FILTER_FAIL_OPEN = REQUEST_FILTERS
            .flag("failOpen", false)
            .means("whether what a filter does not judge, as it takes too long or throws, goes on");

    /** From where on responses are compressed. */
    public static final Option<Integer> GZIP_MIN_SIZE = GZIP.number("minSize", 0, 1 << 20, 1_024)
            .means("bytes from which on a response that says its size is compressed");

    /** How small they become. */
    public static final Option<Integer> GZIP_LEVEL =
            GZIP.number("level", 1, 9, 1).means("1 for the fastest compression, 9 for the smallest result");

    /** How long source-IP stickiness remembers. */
    public static final Option<Duration> STICKY_IDLE = STICKINESS
            .seconds("idle", 1, 3_600, 3_600)
            .means("how long a client address is remembered after its last flow; required where stickiness is on");

    /** The size of the table of source-IP stickiness. */
    public static final Option<Integer> STICKY_CAPACITY = STICKINESS
            .number("capacity", 1_024, 1 << 24, SourceIp.DEFAULT_CAPACITY)
            .means("client addresses remembered, 8 bytes each; then the oldest gives way");

    /** How long a client keeps the cookie that names its server. */
    public static final Option<Duration> STICKY_MAX_AGE = STICKINESS
            .seconds("maxAge", 1, 86_400, 1_800)
            .means(
                    "how long a client keeps the inserted cookie, from the first response; required where cookies are inserted");

    /** How many keys of a limit can be told apart. */
    public static final Option<Integer> LIMIT_KEYS = LIMIT.number("keys", 1 << 10, 1 << 24, 1 << 16)
            .means(
                    "addresses or values that a limit per client or header tells apart, 8 bytes each; more of them share");

    /** N for the limits of TCP and UDP listeners. */
    public static final Option<Integer> L4_NODES = CLUSTER.number("l4", 1, 10_000, 4)
            .means("N for limits of TCP and UDP listeners: a node enforces total/(N-1)");

    /** N for the limits of HTTP listeners. */
    public static final Option<Integer> L7_NODES =
            CLUSTER.number("l7", 1, 10_000, 8).means("N for limits of HTTP listeners: a node enforces total/(N-1)");

    /** How often nodes that talk to each other report. */
    public static final Option<Duration> REPORT_INTERVAL = CLUSTER.duration(
                    "reportInterval", ofMillis(50), ofSeconds(10), ofMillis(100))
            .means(
                    "between two reports of a node to the others, where nodes talk to each other; 2 ms for each node from 50 on");

    private Options() {}

    /** The option behind {@code idleTimeout} on listeners of a protocol. */
    static Option<Duration> idleTimeout(Protocol protocol) {
        return switch (protocol) {
            case TCP -> IDLE_TIMEOUT;
            case UDP -> SESSION_TIMEOUT;
            case HTTP -> HTTP_IDLE_TIMEOUT;
        };
    }

    /** The option behind {@code maxConnections} on listeners of a protocol. */
    static Option<Integer> maxConnections(Protocol protocol) {
        return protocol == Protocol.UDP ? MAX_ASSOCIATIONS : MAX_CONNECTIONS;
    }

    /**
     * All settings, in the order of README's table.
     *
     * @return an unmodifiable list
     */
    public static List<Option<?>> all() {
        return Collections.unmodifiableList(DECLARED);
    }
}
