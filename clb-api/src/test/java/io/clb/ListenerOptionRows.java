package io.clb;

import static io.clb.OptionRow.listener;
import static io.clb.OptionRow.ofHttp;
import static io.clb.OptionRow.ofListener;
import static io.clb.OptionRow.ofUdp;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;

import java.time.Duration;
import java.util.List;

/** The options of listeners. */
final class ListenerOptionRows {

    private ListenerOptionRows() {}

    static List<OptionRow<?>> rows() {
        return List.of(
                ofListener(Options.LISTENER_PORT, 0, 65_535, 0, ListenerConfig.Builder::tcp),
                ofListener(
                        Options.IDLE_TIMEOUT,
                        ofSeconds(10),
                        ofSeconds(900),
                        ofSeconds(900),
                        ListenerConfig.Builder::idleTimeout),
                ofUdp(
                        Options.SESSION_TIMEOUT,
                        ofSeconds(10),
                        ofSeconds(900),
                        ofSeconds(20),
                        ListenerConfig.Builder::idleTimeout),
                ofHttp(
                        Options.HTTP_IDLE_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(60),
                        ofSeconds(15),
                        ListenerConfig.Builder::idleTimeout),
                ofHttp(
                        Options.REQUEST_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(180),
                        ofSeconds(60),
                        ListenerConfig.Builder::requestTimeout),
                ofHttp(
                        Options.HEAD_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(60),
                        ofSeconds(10),
                        ListenerConfig.Builder::headTimeout),
                ofHttp(Options.MIN_DATA_RATE, 0, 1_048_576, 500, ListenerConfig.Builder::minDataRate),
                ofHttp(
                        Options.REQUEST_DEADLINE,
                        ofSeconds(1),
                        ofSeconds(3_600),
                        Duration.ZERO,
                        ListenerConfig.Builder::requestDeadline),
                ofListener(
                        Options.CONNECT_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(30),
                        ofSeconds(5),
                        ListenerConfig.Builder::connectTimeout),
                ofListener(Options.CONNECT_TRIES, 1, 10, 3, ListenerConfig.Builder::connectTries),
                ofListener(Options.MAX_CONNECTIONS, 1, 10_000_000, 1_000_000, ListenerConfig.Builder::maxConnections),
                ofUdp(Options.MAX_ASSOCIATIONS, 1, 10_000_000, 8_192, ListenerConfig.Builder::maxConnections),
                ofListener(
                        Options.MAX_CONNECTIONS_PER_CLIENT,
                        0,
                        1_000_000,
                        0,
                        ListenerConfig.Builder::maxConnectionsPerClient),
                ofListener(Options.IPV6_CLIENT_BITS, 48, 128, 64, ListenerConfig.Builder::ipv6ClientBits),
                ofListener(Options.BACKLOG, 1, 1_000_000, 4_096, ListenerConfig.Builder::backlog),
                ofListener(Options.FAST_OPEN, 0, 1_000_000, 0, ListenerConfig.Builder::fastOpen),
                ofListener(Options.NO_DELAY, false, true, true, ListenerConfig.Builder::noDelay),
                ofListener(Options.KEEP_ALIVE, false, true, false, ListenerConfig.Builder::keepAlive),
                ofListener(
                        Options.LINGER, ofSeconds(1), ofSeconds(65_535), Duration.ZERO, ListenerConfig.Builder::linger),
                ofListener(Options.RECEIVE_BUFFER, 0, 67_108_864, 0, ListenerConfig.Builder::receiveBuffer),
                ofListener(Options.SEND_BUFFER, 0, 67_108_864, 0, ListenerConfig.Builder::sendBuffer),
                ofHttp(
                        Options.MAX_REQUESTS_PER_CONNECTION,
                        1,
                        1_000_000,
                        100,
                        ListenerConfig.Builder::maxRequestsPerConnection),
                ofHttp(Options.PERSISTENT_UPSTREAM, false, true, true, ListenerConfig.Builder::persistentUpstream),
                ofHttp(Options.MAX_IDLE_UPSTREAMS, 1, 10_000, 1_000, ListenerConfig.Builder::maxIdleUpstreams),
                ofHttp(
                        Options.UPSTREAM_IDLE_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(600),
                        ofSeconds(50),
                        ListenerConfig.Builder::upstreamIdleTimeout),
                ofHttp(Options.MAX_REQUEST_LINE, 256, 32_768, 8_192, ListenerConfig.Builder::maxRequestLine),
                ofHttp(Options.MAX_HEAD_SIZE, 1_024, 65_535, 16_384, ListenerConfig.Builder::maxHeadSize),
                ofHttp(Options.MAX_FIELDS, 10, 1_000, 100, ListenerConfig.Builder::maxFields),
                ofHttp(Options.MAX_BODY_SIZE, 0, 2_000_000_000, 0, ListenerConfig.Builder::maxBodySize),
                ofHttp(Options.ALLOW_TRACE, false, true, false, ListenerConfig.Builder::allowTrace),
                ofHttp(Options.ALLOW_UNDERSCORES, false, true, false, ListenerConfig.Builder::allowUnderscores),
                ofHttp(Options.ALLOW_ESCAPED_SLASHES, false, true, false, ListenerConfig.Builder::allowEscapedSlashes),
                ofHttp(Options.MERGE_SLASHES, false, true, false, ListenerConfig.Builder::mergeSlashes),
                ofHttp(
                        Options.KNOWN_HOSTS_ONLY,
                        false,
                        true,
                        false,
                        (l, value) -> l.knownHostsOnly(value)
                                .rule("r", r -> r.host("a.test").forwardTo("g"))),
                ofHttp(
                        Options.X_FORWARDED_FOR,
                        XForwardedFor.REMOVE,
                        XForwardedFor.OFF,
                        XForwardedFor.APPEND,
                        ListenerConfig.Builder::xForwardedFor),
                ofHttp(Options.X_FORWARDED_PROTO, false, true, true, ListenerConfig.Builder::xForwardedProto),
                ofHttp(Options.X_FORWARDED_PORT, false, true, false, ListenerConfig.Builder::xForwardedPort),
                ofHttp(Options.X_FORWARDED_HOST, false, true, false, ListenerConfig.Builder::xForwardedHost),
                ofHttp(
                        Options.X_FORWARDED_CLIENT_SRCPORT,
                        false,
                        true,
                        false,
                        ListenerConfig.Builder::xForwardedClientSrcport),
                ofHttp(Options.SLB_ID, false, true, false, ListenerConfig.Builder::slbId),
                ofHttp(Options.SLB_IP, false, true, false, ListenerConfig.Builder::slbIp),
                ofHttp(Options.VIA, false, true, true, ListenerConfig.Builder::via),
                ofHttp(Options.REDIRECT_TO_HTTPS, 0, 65_535, 0, ListenerConfig.Builder::redirectToHttps),
                new OptionRow<>(
                        Options.REDIRECT_STATUS,
                        301,
                        308,
                        302,
                        List.of(300, 304, 305, 306, 309),
                        (c, value) -> c.listener("l", l -> l.http(0).redirectStatus(value)),
                        c -> listener(c).get(Options.REDIRECT_STATUS)),
                ofHttp(Options.SERVER_TIMEOUTS_AS_502, false, true, true, ListenerConfig.Builder::serverTimeoutsAs502),
                ofHttp(Options.PROXY_STATUS, false, true, false, ListenerConfig.Builder::proxyStatus),
                ofHttp(Options.CANCEL_ON_DISCONNECT, false, true, false, ListenerConfig.Builder::cancelOnDisconnect),
                ofHttp(Options.RETRY_BUDGET, 0, 1_000, 100, ListenerConfig.Builder::retryBudget),
                ofHttp(
                        Options.WEB_SOCKET_IDLE_TIMEOUT,
                        ofSeconds(1),
                        ofHours(24),
                        ofHours(1),
                        ListenerConfig.Builder::webSocketIdleTimeout),
                ofHttp(Options.MAX_WEB_SOCKETS, 1, 10_000_000, 1_000_000, ListenerConfig.Builder::maxWebSockets));
    }
}
