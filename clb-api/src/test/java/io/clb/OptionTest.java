package io.clb;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.clb.schedule.ConsistentHash;
import io.clb.schedule.PeakEwma;
import io.clb.schedule.QuicConnectionId;
import io.clb.schedule.Schedulers;
import io.clb.spi.SessionStickerFactory;
import io.clb.stick.InsertCookie;
import io.clb.stick.SourceIp;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each option against SPEC's range and against its setter. */
class OptionTest {

    /**
     * One option: SPEC's range and default, just outside of the range, and how to set and to read it.
     *
     * @param outside values to refuse; none for true or false
     */
    record Row<T extends Comparable<T>>(
            Option<T> option,
            T lowest,
            T highest,
            T standard,
            List<T> outside,
            BiFunction<Config.Builder, T, Config.Builder> setter,
            Function<Config, T> getter) {

        @Override
        public String toString() {
            return option.toString();
        }
    }

    static List<Row<?>> rows() {
        return List.of(
                new Row<>(
                        Options.DAEMON_THREADS,
                        false,
                        true,
                        false,
                        List.of(),
                        Config.Builder::daemonThreads,
                        c -> c.get(Options.DAEMON_THREADS)),
                new Row<>(
                        Options.MAX_BUFFERED_MIB,
                        0,
                        1_048_576,
                        0,
                        outside(0, 1_048_576),
                        Config.Builder::maxBufferedMiB,
                        c -> c.get(Options.MAX_BUFFERED_MIB)),
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
                new Row<>(
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
                ofHttp(Options.MAX_WEB_SOCKETS, 1, 10_000_000, 1_000_000, ListenerConfig.Builder::maxWebSockets),
                new Row<>(
                        Options.PRIORITY,
                        1,
                        10_000,
                        10_000,
                        outside(1, 10_000),
                        (c, value) -> c.listener("h", h -> h.rule("r", r -> r.priority(value))),
                        c -> rule(c).priority()),
                new Row<>(
                        Options.MIRROR_PERCENT,
                        1,
                        100,
                        100,
                        outside(1, 100),
                        (c, value) -> mirror(c, r -> r.mirrorTo("shadow", value)),
                        c -> rule(c).mirrorPercent()),
                new Row<>(
                        Options.MAX_MIRRORED,
                        1,
                        1_000_000,
                        1_000,
                        outside(1, 1_000_000),
                        (c, value) -> mirror(c, r -> r.mirrorTo("shadow").maxMirrored(value)),
                        c -> rule(c).maxMirrored()),
                new Row<>(
                        Options.SLOW_START,
                        ofSeconds(30),
                        ofSeconds(900),
                        ofSeconds(0),
                        List.of(ofMillis(29_999), ofSeconds(900).plusNanos(1), Duration.ofNanos(1), ofSeconds(-30)),
                        (c, value) -> c.serverGroup("g", g -> g.slowStart(value)),
                        c -> group(c).slowStart()),
                new Row<>(
                        Options.DRAINING,
                        ofSeconds(10),
                        ofSeconds(900),
                        ofSeconds(0),
                        List.of(ofMillis(9_999), ofSeconds(900).plusNanos(1), Duration.ofNanos(1), ofSeconds(-10)),
                        (c, value) -> c.serverGroup("g", g -> g.draining(value)),
                        c -> group(c).draining()),
                new Row<>(
                        Options.FAIL_OPEN,
                        false,
                        true,
                        false,
                        List.of(),
                        (c, value) -> c.serverGroup("g", g -> g.failOpen(value)),
                        c -> group(c).failOpen()),
                new Row<>(
                        Options.WEIGHT,
                        0,
                        100,
                        100,
                        outside(0, 100),
                        (c, value) -> c.serverGroup("g", g -> g.server("s:80", s -> s.weight(value))),
                        c -> group(c).servers().get(0).weight()),
                new Row<>(
                        Options.SERVER_MAX_CONNECTIONS,
                        0,
                        10_000_000,
                        0,
                        outside(0, 10_000_000),
                        (c, value) -> c.serverGroup("g", g -> g.server("s:80", s -> s.maxConnections(value))),
                        c -> group(c).servers().get(0).maxConnections()),
                new Row<>(
                        Options.QUEUE,
                        0,
                        10_000,
                        1_000,
                        outside(0, 10_000),
                        (c, value) -> c.serverGroup("g", g -> g.server("s:80", s -> s.queue(value))),
                        c -> group(c).servers().get(0).queue()),
                new Row<>(
                        Options.QUEUE_TIMEOUT,
                        ofMillis(1),
                        ofSeconds(60),
                        ofSeconds(5),
                        List.of(Duration.ofNanos(1), ofSeconds(60).plusNanos(1), ofSeconds(-1)),
                        (c, value) -> c.serverGroup("g", g -> g.server("s:80", s -> s.queueTimeout(value))),
                        c -> group(c).servers().get(0).queueTimeout()),
                new Row<>(
                        Options.HASH_SLOTS,
                        65_536,
                        1_048_576,
                        65_536,
                        outside(65_536, 1_048_576),
                        (c, value) -> c.serverGroup(
                                "g", g -> g.scheduler(Schedulers.sourceHash().slots(value))),
                        c -> group(c).scheduler() instanceof ConsistentHash set
                                ? set.slots()
                                : Schedulers.sourceHash().slots()),
                new Row<>(
                        Options.CONNECTION_IDS,
                        1_024,
                        16_777_216,
                        65_536,
                        outside(1_024, 16_777_216),
                        (c, value) -> c.listener(
                                "l",
                                l -> l.udp(0)
                                        .scheduler(Schedulers.quicConnectionId().connectionIds(value))),
                        c -> listener(c).scheduler() instanceof QuicConnectionId set
                                ? set.connectionIds()
                                : Schedulers.quicConnectionId().connectionIds()),
                new Row<>(
                        Options.EWMA_DECAY,
                        ofMillis(100),
                        ofMinutes(5),
                        ofSeconds(10),
                        List.of(ofMillis(99), ofSeconds(301), ofSeconds(-1)),
                        (c, value) -> c.serverGroup(
                                "g", g -> g.scheduler(Schedulers.peakEwma().decay(value))),
                        c -> group(c).scheduler() instanceof PeakEwma set
                                ? set.decay()
                                : Schedulers.peakEwma().decay()),
                ofCheck(Options.CHECK_INTERVAL, ofMillis(100), ofSeconds(50), ofSeconds(2), HealthCheck::interval),
                ofCheck(Options.CHECK_TIMEOUT, ofMillis(100), ofSeconds(300), ofSeconds(5), HealthCheck::timeout),
                ofCheck(Options.HEALTHY_THRESHOLD, 1, 10, 3, HealthCheck::healthyThreshold),
                ofCheck(Options.UNHEALTHY_THRESHOLD, 1, 10, 3, HealthCheck::unhealthyThreshold),
                ofCheck(Options.CHECK_PORT, 0, 65_535, 0, HealthCheck::port),
                new Row<>(
                        Options.EJECTION_FAILURES,
                        1,
                        1_000,
                        5,
                        outside(1, 1_000),
                        (c, value) -> c.serverGroup("g", g -> g.ejection(Ejection.after(value))),
                        c -> group(c).ejection().get(Options.EJECTION_FAILURES)),
                new Row<>(
                        Options.EJECTION_TIME,
                        ofSeconds(1),
                        ofSeconds(300),
                        ofSeconds(30),
                        outside(ofSeconds(1), ofSeconds(300)),
                        (c, value) -> c.serverGroup(
                                "g", g -> g.ejection(Ejection.after(5).time(value))),
                        c -> group(c).ejection().get(Options.EJECTION_TIME)),
                new Row<>(
                        Options.EJECTION_MAX_TIME,
                        ofSeconds(1),
                        ofSeconds(3_600),
                        ofSeconds(300),
                        outside(ofSeconds(1), ofSeconds(3_600)),
                        (c, value) -> c.serverGroup(
                                "g",
                                g -> g.ejection(
                                        Ejection.after(5).time(ofSeconds(1)).maxTime(value))),
                        c -> group(c).ejection().get(Options.EJECTION_MAX_TIME)),
                new Row<>(
                        Options.EJECTION_MAX_PERCENT,
                        1,
                        100,
                        50,
                        outside(1, 100),
                        (c, value) -> c.serverGroup(
                                "g", g -> g.ejection(Ejection.after(5).maxPercent(value))),
                        c -> group(c).ejection().get(Options.EJECTION_MAX_PERCENT)),
                new Row<>(
                        Options.PROXY_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(60),
                        ofSeconds(5),
                        List.of(ofSeconds(0), ofSeconds(61), ofSeconds(-1)),
                        (c, value) -> c.listener(
                                "l",
                                l -> l.proxyProtocolIn(
                                        ProxyProtocol.required("10.0.0.0/8").timeout(value))),
                        c -> proxyProtocol(c).get(Options.PROXY_TIMEOUT)),
                new Row<>(
                        Options.FILTER_TIMEOUT,
                        ofMillis(100),
                        ofSeconds(60),
                        ofSeconds(5),
                        List.of(ofMillis(99), ofMillis(60_001), ofSeconds(-1)),
                        (c, value) -> filters(c, f -> f.timeout(value)),
                        c -> filters(c).get(Options.FILTER_TIMEOUT)),
                new Row<>(
                        Options.FILTER_MAX_HELD,
                        1_024,
                        1_048_576,
                        65_536,
                        outside(1_024, 1_048_576),
                        (c, value) -> filters(c, f -> f.maxHeld(value)),
                        c -> filters(c).get(Options.FILTER_MAX_HELD)),
                new Row<>(
                        Options.FILTER_FAIL_OPEN,
                        true,
                        true,
                        false,
                        List.of(),
                        (c, value) -> filters(c, f -> f.failOpen(value)),
                        c -> filters(c).get(Options.FILTER_FAIL_OPEN)),
                new Row<>(
                        Options.GZIP_MIN_SIZE,
                        0,
                        1_048_576,
                        1_024,
                        outside(0, 1_048_576),
                        (c, value) -> gzip(c, Gzip.on().minSize(value)),
                        c -> gzip(c).get(Options.GZIP_MIN_SIZE)),
                new Row<>(
                        Options.GZIP_LEVEL,
                        1,
                        9,
                        1,
                        outside(1, 9),
                        (c, value) -> gzip(c, Gzip.on().level(value)),
                        c -> gzip(c).get(Options.GZIP_LEVEL)),
                new Row<>(
                        Options.STICKY_IDLE,
                        ofSeconds(1),
                        ofHours(1),
                        ofHours(1),
                        List.of(ofSeconds(0), ofSeconds(3_601), ofSeconds(-1)),
                        (c, value) -> sticky(c, Stickiness.sourceIp(value)),
                        c -> sourceIp(c).idle()),
                new Row<>(
                        Options.STICKY_CAPACITY,
                        1_024,
                        16_777_216,
                        65_536,
                        outside(1_024, 16_777_216),
                        (c, value) -> sticky(c, sourceIp(c.build()).capacity(value)),
                        c -> sourceIp(c).capacity()),
                new Row<>(
                        Options.STICKY_MAX_AGE,
                        ofSeconds(1),
                        ofHours(24),
                        ofMinutes(30),
                        List.of(ofSeconds(0), ofSeconds(86_401), ofSeconds(-1)),
                        (c, value) -> c.listener("web", l -> l.sticky(Stickiness.insertCookie(value))),
                        c -> insertCookie(c).maxAge()),
                new Row<>(
                        Options.LIMIT_KEYS,
                        1_024,
                        16_777_216,
                        65_536,
                        outside(1_024, 16_777_216),
                        (c, value) -> c.listener(
                                "web", l -> l.limit(Limit.cpsPerClient(1).keys(value))),
                        OptionTest::limitKeys),
                new Row<>(
                        Options.L4_NODES,
                        1,
                        10_000,
                        4,
                        outside(1, 10_000),
                        (c, value) -> c.cluster(Cluster.fixed(value, 8)),
                        c -> c.cluster().l4()),
                new Row<>(
                        Options.L7_NODES,
                        1,
                        10_000,
                        8,
                        outside(1, 10_000),
                        (c, value) -> c.cluster(Cluster.fixed(4, value)),
                        c -> c.cluster().l7()));
    }

    private static int limitKeys(Config c) {
        return c.listeners().values().stream()
                .flatMap(listener -> listener.limits().values().stream())
                .mapToInt(Limit::keys)
                .findFirst()
                .orElse(Limit.cpsPerClient(1).keys());
    }

    @Test
    void standsInThisTable() {
        assertThat(rows()).extracting(Row::option).isEqualTo(Options.all());
    }

    @ParameterizedTest
    @MethodSource("rows")
    <T extends Comparable<T>> void takesBothEndsOfItsRange(Row<T> row) {
        for (T end : List.of(row.lowest, row.highest)) {
            assertThat(row.option.accepts(end)).isTrue();
            assertThat(row.getter.apply(row.setter.apply(sound(), end).build())).isEqualTo(end);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    <T extends Comparable<T>> void refusesWhatIsJustOutside(Row<T> row) {
        for (T value : row.outside) {
            assertThat(row.option.accepts(value)).isFalse();
            Config.Builder builder = row.setter.apply(sound(), value);
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(builder::build)
                    .asInstanceOf(type(ConfigException.class))
                    .extracting(ConfigException::mistakes)
                    .satisfies(mistakes -> assertThat(mistakes)
                            .singleElement()
                            .returns(row.option.name(), ConfigException.Mistake::field)
                            .returns(value.toString(), ConfigException.Mistake::value)
                            .returns(row.option.expectation(), ConfigException.Mistake::expected));
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    <T extends Comparable<T>> void holdsItsDefaultUntilItIsSet(Row<T> row) {
        assertThat(row.option.defaultValue()).isEqualTo(row.standard);
        assertThat(row.option.accepts(row.standard)).isTrue();
        assertThat(row.getter.apply(sound().build())).isEqualTo(row.standard);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void documentsItself(Row<?> row) {
        assertThat(row.option.summary()).isNotBlank().doesNotContain("|").doesNotEndWith(".");
        assertThat(row.option.since()).matches("\\d+\\.\\d+");
        assertThat(row.option.type()).isIn(Duration.class, Integer.class, Boolean.class, XForwardedFor.class);
    }

    @Test
    void hasANameOfItsOwnInItsScope() {
        assertThat(Options.all()).extracting(Option::toString).doesNotHaveDuplicates();
    }

    @Test
    void isRefusedOnAListenerThatHasNoUseForIt() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> sound().listener("l", l -> l.maxRequestsPerConnection(5))
                        .build())
                .withMessageContaining("listener l: maxRequestsPerConnection: 5"
                        + " (expected: not set: it is an option of [HTTP] listeners, this one is TCP)");
    }

    @Test
    void isRefusedOnUdpWhereItIsAboutConnections() {
        Config.Builder udp = sound().listener(
                        "l",
                        l -> l.udp(0)
                                .connectTries(2)
                                .connectTimeout(ofSeconds(2))
                                .noDelay(false));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(udp::build)
                .asInstanceOf(type(ConfigException.class))
                .extracting(ConfigException::mistakes)
                .satisfies(
                        mistakes -> assertThat(mistakes)
                                .extracting(ConfigException.Mistake::toString)
                                .containsExactly(
                                        "listener l: connectTimeout: PT2S"
                                                + " (expected: not set: it is an option of [TCP, HTTP] listeners, this one is UDP)",
                                        "listener l: connectTries: 2"
                                                + " (expected: not set: it is an option of [TCP, HTTP] listeners, this one is UDP)",
                                        "listener l: noDelay: false"
                                                + " (expected: not set: it is an option of [TCP, HTTP] listeners, this one is UDP)"));
    }

    @Test
    void mayHaveAValueOutsideOfItsRangeThatTurnsItOff() {
        Config on = sound().serverGroup("g", g -> g.slowStart(ofSeconds(30))).build();
        Config off =
                on.toBuilder().serverGroup("g", g -> g.slowStart(Duration.ZERO)).build();
        assertThat(group(off).slowStart()).isZero();
        assertThat(Options.SLOW_START.expectation()).isEqualTo("0 s (off), or 30 s to 900 s");
    }

    @Test
    void goesWithTheProtocolThatTheListenerHasInTheEnd() {
        Config http =
                sound().listener("l", l -> l.idleTimeout(ofSeconds(20)).http(0)).build();
        assertThat(listener(http).get(Options.HTTP_IDLE_TIMEOUT)).isEqualTo(ofSeconds(20));
        Config tcp = http.toBuilder().listener("l", l -> l.tcp(0)).build();
        assertThat(listener(tcp).get(Options.IDLE_TIMEOUT)).isEqualTo(ofSeconds(20));
        Config udp =
                tcp.toBuilder().listener("l", l -> l.udp(0).maxConnections(5)).build();
        assertThat(listener(udp).idleTimeout()).isEqualTo(ofSeconds(20));
        assertThat(listener(udp).maxConnections()).isEqualTo(5);
        Config back = udp.toBuilder().listener("l", l -> l.http(0)).build();
        assertThat(listener(back).get(Options.MAX_CONNECTIONS)).isEqualTo(5);
    }

    @Test
    void writesValuesAsTheTableDoes() {
        assertThat(Options.IDLE_TIMEOUT.format(ofMinutes(15))).isEqualTo("900 s");
        assertThat(Options.CHECK_INTERVAL.format(ofMillis(1_500))).isEqualTo("1500 ms");
        assertThat(Options.MAX_CONNECTIONS.format(1_000_000)).isEqualTo("1,000,000");
        assertThat(Options.NO_DELAY.format(true)).isEqualTo("true");
        assertThat(Options.NO_DELAY.expectation()).isEqualTo("true or false");
        assertThat(Options.X_FORWARDED_FOR.expectation()).isEqualTo("one of APPEND, REMOVE, OFF");
        assertThat(Options.X_FORWARDED_FOR.format(XForwardedFor.OFF)).isEqualTo("OFF");
        assertThat(Options.REDIRECT_STATUS.expectation()).isEqualTo("one of 301, 302, 303, 307, 308");
    }

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("g", g -> g.server("s:80"))
                .listener("l", l -> l.tcp(0).forwardTo("g").sticky(Stickiness.sourceIp(ofHours(1))))
                .listener(
                        "web",
                        l -> l.http(0)
                                .forwardTo("g")
                                .sticky(Stickiness.insertCookie(ofMinutes(30)).stickyKeys(List.of(new byte[16]))))
                .listener("h", h -> h.http(0).rule("r", r -> r.path("/").forwardTo("g")));
    }

    private static <T extends Comparable<T>> Row<T> ofListener(
            Option<T> option, T lowest, T highest, T standard, BiConsumer<ListenerConfig.Builder, T> setter) {
        return new Row<>(
                option,
                lowest,
                highest,
                standard,
                outside(lowest, highest),
                (c, value) -> c.listener("l", l -> setter.accept(l, value)),
                c -> listener(c).get(option));
    }

    private static <T extends Comparable<T>> Row<T> ofUdp(
            Option<T> option, T lowest, T highest, T standard, BiConsumer<ListenerConfig.Builder, T> setter) {
        return new Row<>(
                option,
                lowest,
                highest,
                standard,
                outside(lowest, highest),
                (c, value) -> c.listener("l", l -> setter.accept(l.udp(0), value)),
                c -> listener(c).get(option));
    }

    private static <T extends Comparable<T>> Row<T> ofHttp(
            Option<T> option, T lowest, T highest, T standard, BiConsumer<ListenerConfig.Builder, T> setter) {
        return new Row<>(
                option,
                lowest,
                highest,
                standard,
                outside(lowest, highest),
                (c, value) -> c.listener("l", l -> setter.accept(l.http(0), value)),
                c -> listener(c).get(option));
    }

    private static <T extends Comparable<T>> Row<T> ofCheck(
            Option<T> option, T lowest, T highest, T standard, BiFunction<HealthCheck, T, HealthCheck> setter) {
        return new Row<>(
                option,
                lowest,
                highest,
                standard,
                outside(lowest, highest),
                (c, value) -> c.serverGroup("g", g -> g.healthCheck(setter.apply(HealthCheck.tcp(), value))),
                c -> group(c).healthCheck().get(option));
    }

    @SuppressWarnings("unchecked")
    private static <T> List<T> outside(T lowest, T highest) {
        if (lowest instanceof Duration low && highest instanceof Duration high) {
            return (List<T>) List.of(low.minusNanos(1), high.plusNanos(1), low.negated());
        }
        if (lowest instanceof Integer low && highest instanceof Integer high) {
            return (List<T>) List.of(low - 1, high + 1, Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return List.of();
    }

    private static Config.Builder sticky(Config.Builder builder, SessionStickerFactory sticker) {
        return builder.listener("l", l -> l.sticky(sticker));
    }

    private static SourceIp sourceIp(Config config) {
        return (SourceIp) requireNonNull(listener(config).sticker());
    }

    private static InsertCookie insertCookie(Config config) {
        return (InsertCookie)
                requireNonNull(requireNonNull(config.listeners().get("web")).sticker());
    }

    private static ProxyProtocol proxyProtocol(Config config) {
        ProxyProtocol set = listener(config).proxyProtocolIn();
        return set == null ? ProxyProtocol.required("10.0.0.0/8") : set;
    }

    private static Config.Builder mirror(Config.Builder builder, Consumer<RuleConfig.Builder> set) {
        return builder.serverGroup("shadow", g -> g.server("s:81")).listener("h", h -> h.rule("r", set));
    }

    private static Config.Builder filters(Config.Builder builder, UnaryOperator<RequestFilters> set) {
        return builder.listener("l", l -> l.requestFilters(set.apply(RequestFilters.of((request, ruling) -> {}))));
    }

    private static RequestFilters filters(Config config) {
        RequestFilters set = listener(config).requestFilters();
        return set == null ? RequestFilters.of() : set;
    }

    private static Config.Builder gzip(Config.Builder builder, Gzip set) {
        return builder.listener("l", l -> l.http(80).gzip(set));
    }

    private static Gzip gzip(Config config) {
        Gzip set = listener(config).gzip();
        return set == null ? Gzip.on() : set;
    }

    private static ListenerConfig listener(Config config) {
        return config.listeners().values().iterator().next();
    }

    private static RuleConfig rule(Config config) {
        return requireNonNull(config.listeners().get("h"))
                .rules()
                .values()
                .iterator()
                .next();
    }

    private static ServerGroupConfig group(Config config) {
        return config.serverGroups().values().iterator().next();
    }
}
