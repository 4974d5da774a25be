package io.clb;

import static io.clb.Option.Scope.BALANCER;
import static io.clb.Option.Scope.CLUSTER;
import static io.clb.Option.Scope.EJECTION;
import static io.clb.Option.Scope.GZIP;
import static io.clb.Option.Scope.HEALTH_CHECK;
import static io.clb.Option.Scope.LIMIT;
import static io.clb.Option.Scope.LISTENER;
import static io.clb.Option.Scope.PROXY_PROTOCOL;
import static io.clb.Option.Scope.REQUEST_FILTERS;
import static io.clb.Option.Scope.RULE;
import static io.clb.Option.Scope.SCHEDULER;
import static io.clb.Option.Scope.SERVER;
import static io.clb.Option.Scope.SERVER_GROUP;
import static io.clb.Option.Scope.STICKINESS;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import io.clb.schedule.ConsistentHash;
import io.clb.schedule.PeakEwma;
import io.clb.schedule.QuicConnectionId;
import io.clb.stick.SourceIp;
import java.time.Duration;
import java.util.List;

/** Every setting that is a plain value, each declared once. Strategies (schedulers, stickers, checks, policies) have catalogues of their own. */
public final class Options {

    /** Whether the balancer's threads are daemon threads. */
    public static final Option<Boolean> DAEMON_THREADS =
            Option.flag(BALANCER, "daemonThreads", false, "0.1", "true lets the JVM end while the balancer still runs");

    /** How many bytes the balancer may hold that were read and not yet written. */
    public static final Option<Integer> MAX_BUFFERED_MIB = Option.number(
            BALANCER,
            "maxBufferedMiB",
            0,
            1_048_576,
            0,
            "0.1",
            "MiB that all flows together hold, read and not yet written; 0 for a quarter of the direct-memory limit. Past it those that hold most are reset, past 90 % nothing new is let in");

    /** The port that a listener listens on. */
    public static final Option<Integer> LISTENER_PORT = Option.number(
            LISTENER, "port", 0, 65_535, 0, "0.1", "the port to listen on, required; 0 lets the system choose one");

    /** The idle timeout of an established TCP connection. */
    public static final Option<Duration> IDLE_TIMEOUT = Option.duration(
                    LISTENER,
                    "idleTimeout",
                    ofSeconds(10),
                    ofSeconds(900),
                    ofSeconds(900),
                    "0.1",
                    "no byte from either side for so long: RST to client and to server")
            .only(ListenerConfig.Protocol.TCP);

    /** The session timeout of UDP. */
    public static final Option<Duration> SESSION_TIMEOUT = Option.duration(
                    LISTENER,
                    "idleTimeout",
                    ofSeconds(10),
                    ofSeconds(900),
                    ofSeconds(20),
                    "0.1",
                    "no datagram either way for so long: the association is forgotten, the client's next one is given a server anew")
            .only(ListenerConfig.Protocol.UDP);

    /** The idle timeout of a client's HTTP connection. */
    public static final Option<Duration> HTTP_IDLE_TIMEOUT = Option.duration(
                    LISTENER,
                    "idleTimeout",
                    ofSeconds(1),
                    ofSeconds(60),
                    ofSeconds(15),
                    "0.1",
                    "before the first request of a connection and between two: the connection is closed")
            .only(ListenerConfig.Protocol.HTTP);

    /** How long a server may be silent after it was sent a request. */
    public static final Option<Duration> REQUEST_TIMEOUT = Option.duration(
                    LISTENER,
                    "requestTimeout",
                    ofSeconds(1),
                    ofSeconds(180),
                    ofSeconds(60),
                    "0.1",
                    "server silent for so long after the request was sent: 504; a response that stalls is reset")
            .only(ListenerConfig.Protocol.HTTP);

    /** How long a client may take to send the head of a request. */
    public static final Option<Duration> HEAD_TIMEOUT = Option.duration(
                    LISTENER,
                    "headTimeout",
                    ofSeconds(1),
                    ofSeconds(60),
                    ofSeconds(10),
                    "0.1",
                    "from the first byte of a request to the end of its head, and between two reads of its body: 408")
            .only(ListenerConfig.Protocol.HTTP);

    /** How fast a client must send and read at least. */
    public static final Option<Integer> MIN_DATA_RATE = Option.number(
                    LISTENER,
                    "minDataRate",
                    0,
                    1_048_576,
                    500,
                    "0.1",
                    "bytes a second that a client must send of a body (408), and read of a response that waits for it (reset), measured over 10 s; 0 for none")
            .only(ListenerConfig.Protocol.HTTP);

    /** How long a client may take for a whole request. */
    public static final Option<Duration> REQUEST_DEADLINE = Option.duration(
                    LISTENER,
                    "requestDeadline",
                    ofSeconds(1),
                    ofSeconds(3_600),
                    Duration.ZERO,
                    "0.1",
                    "from the first byte of a request to the last of its body, however fast it comes: 408")
            .orOff(Duration.ZERO)
            .only(ListenerConfig.Protocol.HTTP);

    /** How many requests a client may send over one connection. */
    public static final Option<Integer> MAX_REQUESTS_PER_CONNECTION = Option.number(
                    LISTENER,
                    "maxRequestsPerConnection",
                    1,
                    1_000_000,
                    100,
                    "0.1",
                    "the response to the last one says Connection: close")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether connections to servers are used for more than one request. */
    public static final Option<Boolean> PERSISTENT_UPSTREAM = Option.flag(
                    LISTENER,
                    "persistentUpstream",
                    true,
                    "0.1",
                    "connections to servers are kept and used again; false: one for each request")
            .only(ListenerConfig.Protocol.HTTP);

    /** How many idle connections to a server are kept. */
    public static final Option<Integer> MAX_IDLE_UPSTREAMS = Option.number(
                    LISTENER,
                    "maxIdleUpstreams",
                    1,
                    10_000,
                    1_000,
                    "0.1",
                    "idle connections kept for each server and event loop; one more is closed")
            .only(ListenerConfig.Protocol.HTTP);

    /** How long an idle connection to a server is kept. */
    public static final Option<Duration> UPSTREAM_IDLE_TIMEOUT = Option.duration(
                    LISTENER,
                    "upstreamIdleTimeout",
                    ofSeconds(1),
                    ofSeconds(600),
                    ofSeconds(50),
                    "0.1",
                    "how long an idle connection to a server is kept")
            .only(ListenerConfig.Protocol.HTTP);

    /** The longest request line. */
    public static final Option<Integer> MAX_REQUEST_LINE = Option.number(
                    LISTENER,
                    "maxRequestLine",
                    256,
                    32_768,
                    8_192,
                    "0.1",
                    "bytes of the request line, CRLF included; longer: 414")
            .only(ListenerConfig.Protocol.HTTP);

    /** The largest head. */
    public static final Option<Integer> MAX_HEAD_SIZE = Option.number(
                    LISTENER,
                    "maxHeadSize",
                    1_024,
                    65_535,
                    16_384,
                    "0.1",
                    "bytes of the head of a request (larger: 431) and of a response (larger: 502)")
            .only(ListenerConfig.Protocol.HTTP);

    /** The most fields in a head. */
    public static final Option<Integer> MAX_FIELDS = Option.number(
                    LISTENER,
                    "maxFields",
                    10,
                    1_000,
                    100,
                    "0.1",
                    "fields in the head of a request (more: 431) and of a response (more: 502)")
            .only(ListenerConfig.Protocol.HTTP);

    /** The largest body of a request. */
    public static final Option<Integer> MAX_BODY_SIZE = Option.number(
                    LISTENER,
                    "maxBodySize",
                    0,
                    2_000_000_000,
                    0,
                    "0.1",
                    "bytes of a request's body, of one in chunks without what frames them; 0 for no limit; larger: 413")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether TRACE goes to servers. */
    public static final Option<Boolean> ALLOW_TRACE = Option.flag(
                    LISTENER,
                    "allowTrace",
                    false,
                    "0.1",
                    "true: TRACE goes to servers, which send back what they got, cookies and all; false: 400")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether names of request fields may have underscores. */
    public static final Option<Boolean> ALLOW_UNDERSCORES = Option.flag(
                    LISTENER,
                    "allowUnderscores",
                    false,
                    "0.1",
                    "true: names of a request's fields may have underscores, but for those that would pass for Content-Length or Transfer-Encoding; false: 400, as CGI cannot tell them from hyphens")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether paths may have slashes that are escaped. */
    public static final Option<Boolean> ALLOW_ESCAPED_SLASHES = Option.flag(
                    LISTENER,
                    "allowEscapedSlashes",
                    false,
                    "0.1",
                    "true: paths may have %2F and %5C, which are no slashes for rules; false: 400, as some servers take them for slashes")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether several slashes in a row are one for rules. */
    public static final Option<Boolean> MERGE_SLASHES = Option.flag(
                    LISTENER,
                    "mergeSlashes",
                    false,
                    "0.1",
                    "true: for rules, several slashes in a row are one, as they are for some servers; what is passed on stays as it is")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether hosts that no rule names are refused. */
    public static final Option<Boolean> KNOWN_HOSTS_ONLY = Option.flag(
                    LISTENER,
                    "knownHostsOnly",
                    false,
                    "0.1",
                    "true: requests for a host that no rule names get 421, whatever rules without a host and forwardTo say")
            .only(ListenerConfig.Protocol.HTTP);

    /** What becomes of {@code X-Forwarded-For}. */
    public static final Option<XForwardedFor> X_FORWARDED_FOR = Option.choice(
                    LISTENER,
                    "xForwardedFor",
                    XForwardedFor.class,
                    List.of(XForwardedFor.values()),
                    XForwardedFor.APPEND,
                    "0.1",
                    "X-Forwarded-For to servers: the peer's address appended to what a trusted peer sent, the field removed, or left as a trusted peer sent it")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told how the client came. */
    public static final Option<Boolean> X_FORWARDED_PROTO = Option.flag(
                    LISTENER,
                    "xForwardedProto",
                    true,
                    "0.1",
                    "X-Forwarded-Proto to servers: http; a trusted peer's own is kept, as are those of the settings below")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told which port the client reached. */
    public static final Option<Boolean> X_FORWARDED_PORT = Option.flag(
                    LISTENER,
                    "xForwardedPort",
                    false,
                    "0.1",
                    "X-Forwarded-Port to servers: the port that the client reached")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told in a field of its own which host was asked for. */
    public static final Option<Boolean> X_FORWARDED_HOST = Option.flag(
                    LISTENER,
                    "xForwardedHost",
                    false,
                    "0.1",
                    "X-Forwarded-Host to servers: the host of the request, with its port")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told the client's port. */
    public static final Option<Boolean> X_FORWARDED_CLIENT_SRCPORT = Option.flag(
                    LISTENER,
                    "xForwardedClientSrcport",
                    false,
                    "0.1",
                    "X-Forwarded-Client-srcport to servers: the client's port, where it is known")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told the balancer's name. */
    public static final Option<Boolean> SLB_ID = Option.flag(
                    LISTENER, "slbId", false, "0.1", "SLB-ID to servers: the name of the balancer")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told the address that the client reached. */
    public static final Option<Boolean> SLB_IP = Option.flag(
                    LISTENER, "slbIp", false, "0.1", "SLB-IP to servers: the address that the client reached")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether servers are told the client's version of HTTP. */
    public static final Option<Boolean> VIA = Option.flag(
                    LISTENER, "via", true, "0.1", "Via to servers: the client's version of HTTP, such as 1.1 clb")
            .only(ListenerConfig.Protocol.HTTP);

    /** The port of HTTPS that all clients are sent to. */
    public static final Option<Integer> REDIRECT_TO_HTTPS = Option.number(
                    LISTENER,
                    "redirectToHttps",
                    0,
                    65_535,
                    0,
                    "0.1",
                    "every request is answered with a redirect to https on this port, path and query kept; 0 for none")
            .only(ListenerConfig.Protocol.HTTP);

    /** The status of that redirect. */
    public static final Option<Integer> REDIRECT_STATUS = Option.choice(
                    LISTENER,
                    "redirectStatus",
                    Integer.class,
                    Redirect.STATUSES,
                    Redirect.FOUND,
                    "0.1",
                    "the status of redirectToHttps; 307 and 308 keep the method")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether a server's own timeouts look like a server that failed. */
    public static final Option<Boolean> SERVER_TIMEOUTS_AS_502 = Option.flag(
                    LISTENER,
                    "serverTimeoutsAs502",
                    true,
                    "0.1",
                    "a server's 504 and 444 reach the client as 502, so that 504 is the balancer's own; what the server sent is recorded")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether clients are told why. */
    public static final Option<Boolean> PROXY_STATUS = Option.flag(
                    LISTENER,
                    "proxyStatus",
                    false,
                    "0.1",
                    "whether answers of the balancer's own say why, in a Proxy-Status field")
            .only(ListenerConfig.Protocol.HTTP);

    /** Whether a server is to finish what nobody waits for. */
    public static final Option<Boolean> CANCEL_ON_DISCONNECT = Option.flag(
                    LISTENER,
                    "cancelOnDisconnect",
                    false,
                    "0.1",
                    "whether the connection to a server is closed at once when the client goes away, rather than when the server has answered")
            .only(ListenerConfig.Protocol.HTTP);

    /** How many tries beyond the first there may be. */
    public static final Option<Integer> RETRY_BUDGET = Option.number(
                    LISTENER,
                    "retryBudget",
                    0,
                    1_000,
                    100,
                    "0.1",
                    "retries for each hundred requests, over ten seconds or so; ten a second there may always be")
            .only(ListenerConfig.Protocol.HTTP);

    /** How long a WebSocket may be idle. */
    public static final Option<Duration> WEB_SOCKET_IDLE_TIMEOUT = Option.duration(
                    LISTENER,
                    "webSocketIdleTimeout",
                    ofSeconds(1),
                    ofHours(24),
                    ofHours(1),
                    "0.1",
                    "no byte from either side of a WebSocket for so long: RST to client and to server")
            .only(ListenerConfig.Protocol.HTTP);

    /** The cap on WebSockets of a listener. */
    public static final Option<Integer> MAX_WEB_SOCKETS = Option.number(
                    LISTENER,
                    "maxWebSockets",
                    1,
                    10_000_000,
                    1_000_000,
                    "0.1",
                    "WebSockets at a time, handshakes under way included; one more is answered with 503")
            .only(ListenerConfig.Protocol.HTTP);

    /** How long one server may take to accept a connection. */
    public static final Option<Duration> CONNECT_TIMEOUT = Option.duration(
                    LISTENER,
                    "connectTimeout",
                    ofSeconds(1),
                    ofSeconds(30),
                    ofSeconds(5),
                    "0.1",
                    "how long one server may take to accept; then the next is tried")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** How many different servers a flow tries. */
    public static final Option<Integer> CONNECT_TRIES = Option.number(
                    LISTENER, "connectTries", 1, 10, 3, "0.1", "how many different servers a flow tries at most")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** The cap on connections of a listener. */
    public static final Option<Integer> MAX_CONNECTIONS = Option.number(
                    LISTENER,
                    "maxConnections",
                    1,
                    10_000_000,
                    1_000_000,
                    "0.1",
                    "connections at a time; one more is counted and reset, on HTTP answered with 503")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** The cap on associations of a UDP listener. */
    public static final Option<Integer> MAX_ASSOCIATIONS = Option.number(
                    LISTENER,
                    "maxConnections",
                    1,
                    10_000_000,
                    8_192,
                    "0.1",
                    "associations at a time, each with a file descriptor, so unless set a quarter of the process's limit of those at most; what would begin one more is dropped and counted")
            .only(ListenerConfig.Protocol.UDP);

    /** The cap on connections of one client. */
    public static final Option<Integer> MAX_CONNECTIONS_PER_CLIENT = Option.number(
            LISTENER,
            "maxConnectionsPerClient",
            0,
            1_000_000,
            0,
            "0.1",
            "connections or associations of one client address at a time, 0 for no cap; one more as one beyond `maxConnections`");

    /** What of an IPv6 address makes a client. */
    public static final Option<Integer> IPV6_CLIENT_BITS = Option.number(
            LISTENER,
            "ipv6ClientBits",
            48,
            128,
            64,
            "0.1",
            "the prefix of IPv6 addresses that is one client, for `maxConnectionsPerClient` and limits per client; after a change IPv6 connections that are open no longer count");

    /** The length of the system's accept queue. */
    public static final Option<Integer> BACKLOG = Option.number(
                    LISTENER,
                    "backlog",
                    1,
                    1_000_000,
                    4_096,
                    "0.1",
                    "connections that the system holds until they are accepted, for each listening socket; the system caps it")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** TCP_FASTOPEN. */
    public static final Option<Integer> FAST_OPEN = Option.number(
                    LISTENER,
                    "fastOpen",
                    0,
                    1_000_000,
                    0,
                    "0.1",
                    "clients that may send data with their SYN and are not yet connected, for each listening socket, 0 for none (TCP_FASTOPEN); on epoll and io_uring, where net.ipv4.tcp_fastopen has 2")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** TCP_NODELAY. */
    public static final Option<Boolean> NO_DELAY = Option.flag(
                    LISTENER, "noDelay", true, "0.1", "TCP_NODELAY on both sides: small writes leave at once")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** SO_KEEPALIVE. */
    public static final Option<Boolean> KEEP_ALIVE = Option.flag(
                    LISTENER, "keepAlive", false, "0.1", "SO_KEEPALIVE on both sides, at the system's intervals")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** How long the system goes on with a closed connection whose other end acknowledges nothing. */
    public static final Option<Duration> LINGER = Option.duration(
                    LISTENER,
                    "linger",
                    ofSeconds(1),
                    ofSeconds(65_535),
                    Duration.ZERO,
                    "0.1",
                    "how long the other end of a closed connection may take nothing of what it was sent before the rest is lost, on both sides; off: as long as the system likes; on epoll and io_uring")
            .orOff(Duration.ZERO)
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** SO_RCVBUF. */
    public static final Option<Integer> RECEIVE_BUFFER = Option.number(
                    LISTENER,
                    "receiveBuffer",
                    0,
                    64 * 1_024 * 1_024,
                    0,
                    "0.1",
                    "SO_RCVBUF in bytes on both sides, 0 for a size that the system adapts; Linux doubles it and caps it at net.core.rmem_max")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** SO_SNDBUF. */
    public static final Option<Integer> SEND_BUFFER = Option.number(
                    LISTENER,
                    "sendBuffer",
                    0,
                    64 * 1_024 * 1_024,
                    0,
                    "0.1",
                    "SO_SNDBUF in bytes on both sides, 0 for a size that the system adapts; Linux doubles it and caps it at net.core.wmem_max")
            .only(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP);

    /** The place of a rule. */
    public static final Option<Integer> PRIORITY = Option.number(
            RULE,
            "priority",
            1,
            10_000,
            10_000,
            "0.1",
            "the place among rules of the same host and path, smallest first");

    /** The share of a rule's requests that are copied to its mirror group. */
    public static final Option<Integer> MIRROR_PERCENT = Option.number(
            RULE, "mirrorPercent", 1, 100, 100, "0.1", "share of the requests that mirrorTo copies, drawn by chance");

    /** How many copies of a rule's requests there may be. */
    public static final Option<Integer> MAX_MIRRORED = Option.number(
            RULE,
            "maxMirrored",
            1,
            1_000_000,
            1_000,
            "0.1",
            "copies of requests at a time that mirrorTo makes; of one more there is none, and it is counted");

    /** How long a server that joins or recovers takes to its full weight. */
    public static final Option<Duration> SLOW_START = Option.duration(
                    SERVER_GROUP,
                    "slowStart",
                    ofSeconds(30),
                    ofSeconds(900),
                    Duration.ZERO,
                    "0.1",
                    "how long a server that joins or recovers takes from a tenth of its weight to all of it")
            .orOff(Duration.ZERO);

    /** How long what runs on a server that takes nothing new may go on. */
    public static final Option<Duration> DRAINING = Option.duration(
                    SERVER_GROUP,
                    "draining",
                    ofSeconds(10),
                    ofSeconds(900),
                    Duration.ZERO,
                    "0.1",
                    "how long what runs may go on, on a server that is drained, removed or down; off: until it ends by itself")
            .orOff(Duration.ZERO);

    /** Whether servers that are down are used when no other is left. */
    public static final Option<Boolean> FAIL_OPEN = Option.flag(
            SERVER_GROUP,
            "failOpen",
            false,
            "0.1",
            "true: when no server may take flows, those that are down or ejected get them; never one that drains, is in maintenance or has weight 0");

    /** The weight of a server. */
    public static final Option<Integer> WEIGHT =
            Option.number(SERVER, "weight", 0, 100, 100, "0.1", "share of new flows; 0 takes nothing new");

    /** How many flows a server may have. */
    public static final Option<Integer> SERVER_MAX_CONNECTIONS = Option.number(
            SERVER,
            "maxConnections",
            0,
            10_000_000,
            0,
            "0.1",
            "connections, associations or, on HTTP, requests at a time on it from this balancer; 0: no cap");

    /** How many flows may wait for a server that has all it may have. */
    public static final Option<Integer> QUEUE = Option.number(
            SERVER,
            "queue",
            0,
            10_000,
            1_000,
            "0.1",
            "connections and requests that wait when maxConnections is reached; one more is reset, on HTTP answered with 503");

    /** How long they wait. */
    public static final Option<Duration> QUEUE_TIMEOUT = Option.duration(
                    SERVER,
                    "queueTimeout",
                    Duration.ofMillis(1),
                    ofSeconds(60),
                    ofSeconds(5),
                    "0.1",
                    "how long one may wait in the queue; off: none waits")
            .orOff(Duration.ZERO);

    /** Into how many parts consistent hashing divides the keys. */
    public static final Option<Integer> HASH_SLOTS = Option.number(
            SCHEDULER,
            "slots",
            1 << 16,
            1 << 20,
            ConsistentHash.DEFAULT_SLOTS,
            "0.1",
            "parts into which sch, tch, uch and qch divide their keys, 2 bytes each; more than 1,000 servers want more");

    /** How many connection ids of QUIC are remembered. */
    public static final Option<Integer> CONNECTION_IDS = Option.number(
            SCHEDULER,
            "connectionIds",
            1_024,
            1 << 24,
            QuicConnectionId.DEFAULT_CONNECTION_IDS,
            "0.1",
            "QUIC connection ids that qch remembers, 8 bytes each; then the oldest gives way");

    /** How long an average of peak EWMA lasts. */
    public static final Option<Duration> EWMA_DECAY = Option.duration(
            SCHEDULER,
            "decay",
            ofMillis(100),
            ofMinutes(5),
            PeakEwma.DEFAULT_DECAY,
            "0.1",
            "time in which the average latency that ewma keeps fades to 37 %");

    /** The pause between two probes. */
    public static final Option<Duration> CHECK_INTERVAL = Option.duration(
            HEALTH_CHECK,
            "interval",
            ofMillis(100),
            ofSeconds(50),
            ofSeconds(2),
            "0.1",
            "from the end of a probe to the start of the next; 5 s unless set on a UDP check");

    /** How long a probe may take. */
    public static final Option<Duration> CHECK_TIMEOUT = Option.duration(
            HEALTH_CHECK,
            "timeout",
            ofMillis(100),
            ofSeconds(300),
            ofSeconds(5),
            "0.1",
            "how long a probe may take; 10 s unless set on a UDP check");

    /** Good probes until a server is up again. */
    public static final Option<Integer> HEALTHY_THRESHOLD = Option.number(
            HEALTH_CHECK, "healthyThreshold", 1, 10, 3, "0.1", "good probes in a row that bring a failed server back");

    /** Bad probes until a server is down. */
    public static final Option<Integer> UNHEALTHY_THRESHOLD = Option.number(
            HEALTH_CHECK, "unhealthyThreshold", 1, 10, 3, "0.1", "bad probes in a row that take a server out");

    /** The port to probe. */
    public static final Option<Integer> CHECK_PORT =
            Option.number(HEALTH_CHECK, "port", 0, 65_535, 0, "0.1", "the port to probe; 0 means the server's own");

    /** Failures in a row that eject a server. */
    public static final Option<Integer> EJECTION_FAILURES =
            Option.number(EJECTION, "failures", 1, 1_000, 5, "0.1", "failures in a row that eject a server");

    /** How long a server is ejected at first. */
    public static final Option<Duration> EJECTION_TIME = Option.duration(
            EJECTION,
            "time",
            ofSeconds(1),
            ofSeconds(300),
            ofSeconds(30),
            "0.1",
            "how long a server is ejected at first; twice as long each time after");

    /** How long a server is ejected at most. */
    public static final Option<Duration> EJECTION_MAX_TIME = Option.duration(
            EJECTION,
            "maxTime",
            ofSeconds(1),
            ofSeconds(3_600),
            ofSeconds(300),
            "0.1",
            "how long a server is ejected at most; not shorter than time");

    /** How much of a group is ejected at most. */
    public static final Option<Integer> EJECTION_MAX_PERCENT = Option.number(
            EJECTION,
            "maxPercent",
            1,
            100,
            50,
            "0.1",
            "how much of a group is ejected at a time: one server at least, and never the last that takes flows");

    /** How long a PROXY protocol header may take. */
    public static final Option<Duration> PROXY_TIMEOUT = Option.duration(
            PROXY_PROTOCOL,
            "timeout",
            ofSeconds(1),
            ofSeconds(60),
            ofSeconds(5),
            "0.1",
            "how long a connection may take to send its header, or its first bytes where that is optional");

    /** How long a filter may take. */
    public static final Option<Duration> FILTER_TIMEOUT = Option.duration(
            REQUEST_FILTERS,
            "timeout",
            ofMillis(100),
            ofSeconds(60),
            ofSeconds(5),
            "0.1",
            "how long a request or connection waits for one answer of a filter");

    /** How much filters may hold. */
    public static final Option<Integer> FILTER_MAX_HELD = Option.number(
            REQUEST_FILTERS,
            "maxHeld",
            1_024,
            1 << 20,
            65_536,
            "0.1",
            "bytes of one request or connection that are held while filters ask for more");

    /** What becomes of what filters do not judge. */
    public static final Option<Boolean> FILTER_FAIL_OPEN = Option.flag(
            REQUEST_FILTERS,
            "failOpen",
            false,
            "0.1",
            "whether what a filter does not judge, as it takes too long or throws, goes on");

    /** From where on responses are compressed. */
    public static final Option<Integer> GZIP_MIN_SIZE = Option.number(
            GZIP,
            "minSize",
            0,
            1 << 20,
            1_024,
            "0.1",
            "bytes from which on a response that says its size is compressed");

    /** How small they become. */
    public static final Option<Integer> GZIP_LEVEL =
            Option.number(GZIP, "level", 1, 9, 1, "0.1", "1 for the fastest compression, 9 for the smallest result");

    /** How long source-IP stickiness remembers. */
    public static final Option<Duration> STICKY_IDLE = Option.duration(
            STICKINESS,
            "idle",
            ofSeconds(1),
            ofSeconds(3_600),
            ofSeconds(3_600),
            "0.1",
            "how long a client address is remembered after its last flow; required where stickiness is on");

    /** The size of the table of source-IP stickiness. */
    public static final Option<Integer> STICKY_CAPACITY = Option.number(
            STICKINESS,
            "capacity",
            1_024,
            1 << 24,
            SourceIp.DEFAULT_CAPACITY,
            "0.1",
            "client addresses remembered, 8 bytes each; then the oldest gives way");

    /** How long a client keeps the cookie that names its server. */
    public static final Option<Duration> STICKY_MAX_AGE = Option.duration(
            STICKINESS,
            "maxAge",
            ofSeconds(1),
            ofSeconds(86_400),
            ofSeconds(1_800),
            "0.1",
            "how long a client keeps the inserted cookie, from the first response; required where cookies are inserted");

    /** How many keys of a limit can be told apart. */
    public static final Option<Integer> LIMIT_KEYS = Option.number(
            LIMIT,
            "keys",
            1 << 10,
            1 << 24,
            1 << 16,
            "0.1",
            "addresses or values that a limit per client or header tells apart, 8 bytes each; more of them share");

    /** N for the limits of TCP and UDP listeners. */
    public static final Option<Integer> L4_NODES = Option.number(
            CLUSTER, "l4", 1, 10_000, 4, "0.1", "N for limits of TCP and UDP listeners: a node enforces total/(N-1)");

    /** N for the limits of HTTP listeners. */
    public static final Option<Integer> L7_NODES = Option.number(
            CLUSTER, "l7", 1, 10_000, 8, "0.1", "N for limits of HTTP listeners: a node enforces total/(N-1)");

    private static final List<Option<?>> ALL = List.of(
            DAEMON_THREADS,
            MAX_BUFFERED_MIB,
            LISTENER_PORT,
            IDLE_TIMEOUT,
            SESSION_TIMEOUT,
            HTTP_IDLE_TIMEOUT,
            REQUEST_TIMEOUT,
            HEAD_TIMEOUT,
            MIN_DATA_RATE,
            REQUEST_DEADLINE,
            CONNECT_TIMEOUT,
            CONNECT_TRIES,
            MAX_CONNECTIONS,
            MAX_ASSOCIATIONS,
            MAX_CONNECTIONS_PER_CLIENT,
            IPV6_CLIENT_BITS,
            BACKLOG,
            FAST_OPEN,
            NO_DELAY,
            KEEP_ALIVE,
            LINGER,
            RECEIVE_BUFFER,
            SEND_BUFFER,
            MAX_REQUESTS_PER_CONNECTION,
            PERSISTENT_UPSTREAM,
            MAX_IDLE_UPSTREAMS,
            UPSTREAM_IDLE_TIMEOUT,
            MAX_REQUEST_LINE,
            MAX_HEAD_SIZE,
            MAX_FIELDS,
            MAX_BODY_SIZE,
            ALLOW_TRACE,
            ALLOW_UNDERSCORES,
            ALLOW_ESCAPED_SLASHES,
            MERGE_SLASHES,
            KNOWN_HOSTS_ONLY,
            X_FORWARDED_FOR,
            X_FORWARDED_PROTO,
            X_FORWARDED_PORT,
            X_FORWARDED_HOST,
            X_FORWARDED_CLIENT_SRCPORT,
            SLB_ID,
            SLB_IP,
            VIA,
            REDIRECT_TO_HTTPS,
            REDIRECT_STATUS,
            SERVER_TIMEOUTS_AS_502,
            PROXY_STATUS,
            CANCEL_ON_DISCONNECT,
            RETRY_BUDGET,
            WEB_SOCKET_IDLE_TIMEOUT,
            MAX_WEB_SOCKETS,
            PRIORITY,
            MIRROR_PERCENT,
            MAX_MIRRORED,
            SLOW_START,
            DRAINING,
            FAIL_OPEN,
            WEIGHT,
            SERVER_MAX_CONNECTIONS,
            QUEUE,
            QUEUE_TIMEOUT,
            HASH_SLOTS,
            CONNECTION_IDS,
            EWMA_DECAY,
            CHECK_INTERVAL,
            CHECK_TIMEOUT,
            HEALTHY_THRESHOLD,
            UNHEALTHY_THRESHOLD,
            CHECK_PORT,
            EJECTION_FAILURES,
            EJECTION_TIME,
            EJECTION_MAX_TIME,
            EJECTION_MAX_PERCENT,
            PROXY_TIMEOUT,
            FILTER_TIMEOUT,
            FILTER_MAX_HELD,
            FILTER_FAIL_OPEN,
            GZIP_MIN_SIZE,
            GZIP_LEVEL,
            STICKY_IDLE,
            STICKY_CAPACITY,
            STICKY_MAX_AGE,
            LIMIT_KEYS,
            L4_NODES,
            L7_NODES);

    private Options() {}

    /** The option behind {@code idleTimeout} on listeners of a protocol. */
    static Option<Duration> idleTimeout(ListenerConfig.Protocol protocol) {
        return switch (protocol) {
            case TCP -> IDLE_TIMEOUT;
            case UDP -> SESSION_TIMEOUT;
            case HTTP -> HTTP_IDLE_TIMEOUT;
        };
    }

    /** The option behind {@code maxConnections} on listeners of a protocol. */
    static Option<Integer> maxConnections(ListenerConfig.Protocol protocol) {
        return protocol == ListenerConfig.Protocol.UDP ? MAX_ASSOCIATIONS : MAX_CONNECTIONS;
    }

    /**
     * All settings, in the order of README's table.
     *
     * @return an unmodifiable list
     */
    public static List<Option<?>> all() {
        return ALL;
    }
}
