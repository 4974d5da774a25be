package io.clb;

import static io.clb.OptionRow.listener;
import static io.clb.OptionRow.ofCheck;
import static io.clb.OptionRow.ofEjection;
import static io.clb.OptionRow.ofGroup;
import static io.clb.OptionRow.ofServer;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import io.clb.schedule.ConsistentHash;
import io.clb.schedule.PeakEwma;
import io.clb.schedule.QuicConnectionId;
import io.clb.schedule.Schedulers;
import io.clb.spi.SessionStickerFactory;
import io.clb.stick.InsertCookie;
import io.clb.stick.SourceIp;
import io.clb.stick.Stickiness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** All options, in the order of README's table. */
final class OptionRows {

    private static final TlsConfig TLS = TlsConfig.pem(Path.of("chain.pem"), Path.of("key.pem"));

    private OptionRows() {}

    static List<OptionRow<?>> rows() {
        return Stream.of(
                        ofBalancer(),
                        ListenerOptionRows.rows(),
                        ofRules(),
                        ofGroupsAndServers(),
                        ofSchedulers(),
                        ofChecks(),
                        ofFlowsComingIn(),
                        ofStickiness(),
                        ofLimits())
                .flatMap(List::stream)
                .toList();
    }

    private static List<OptionRow<?>> ofBalancer() {
        return List.of(
                new OptionRow<>(
                        Options.DAEMON_THREADS,
                        false,
                        true,
                        false,
                        Config.Builder::daemonThreads,
                        c -> c.get(Options.DAEMON_THREADS)),
                new OptionRow<>(
                        Options.MAX_BUFFERED_MIB,
                        0,
                        1_048_576,
                        0,
                        Config.Builder::maxBufferedMiB,
                        c -> c.get(Options.MAX_BUFFERED_MIB)));
    }

    private static List<OptionRow<?>> ofRules() {
        return List.of(
                new OptionRow<>(
                        Options.PRIORITY,
                        1,
                        10_000,
                        10_000,
                        (c, value) -> c.listener("h", h -> h.rule("r", r -> r.priority(value))),
                        c -> rule(c).priority()),
                new OptionRow<>(
                        Options.MIRROR_PERCENT,
                        1,
                        100,
                        100,
                        (c, value) -> mirror(c, r -> r.mirrorTo("shadow", value)),
                        c -> rule(c).mirrorPercent()),
                new OptionRow<>(
                        Options.MAX_MIRRORED,
                        1,
                        1_000_000,
                        1_000,
                        (c, value) -> mirror(c, r -> r.mirrorTo("shadow").maxMirrored(value)),
                        c -> rule(c).maxMirrored()));
    }

    private static List<OptionRow<?>> ofGroupsAndServers() {
        return List.of(
                ofGroup(
                        Options.SLOW_START,
                        ofSeconds(30),
                        ofSeconds(900),
                        Duration.ZERO,
                        ServerGroupConfig.Builder::slowStart,
                        ServerGroupConfig::slowStart),
                ofGroup(
                        Options.DRAINING,
                        ofSeconds(10),
                        ofSeconds(900),
                        Duration.ZERO,
                        ServerGroupConfig.Builder::draining,
                        ServerGroupConfig::draining),
                ofGroup(
                        Options.FAIL_OPEN,
                        false,
                        true,
                        false,
                        ServerGroupConfig.Builder::failOpen,
                        ServerGroupConfig::failOpen),
                ofServer(Options.WEIGHT, 0, 100, 100, ServerConfig.Builder::weight, ServerConfig::weight),
                ofServer(
                        Options.SERVER_MAX_CONNECTIONS,
                        0,
                        10_000_000,
                        0,
                        ServerConfig.Builder::maxConnections,
                        ServerConfig::maxConnections),
                ofServer(Options.QUEUE, 0, 10_000, 1_000, ServerConfig.Builder::queue, ServerConfig::queue),
                ofServer(
                        Options.QUEUE_TIMEOUT,
                        ofMillis(1),
                        ofSeconds(60),
                        ofSeconds(5),
                        ServerConfig.Builder::queueTimeout,
                        ServerConfig::queueTimeout));
    }

    private static List<OptionRow<?>> ofSchedulers() {
        return List.of(
                ofGroup(
                        Options.HASH_SLOTS,
                        65_536,
                        1_048_576,
                        65_536,
                        (g, value) -> g.scheduler(Schedulers.sourceHash().slots(value)),
                        g -> g.scheduler() instanceof ConsistentHash set
                                ? set.slots()
                                : Schedulers.sourceHash().slots()),
                new OptionRow<>(
                        Options.CONNECTION_IDS,
                        1_024,
                        16_777_216,
                        65_536,
                        (c, value) -> c.listener(
                                "l",
                                l -> l.udp(0)
                                        .scheduler(Schedulers.quicConnectionId().connectionIds(value))),
                        c -> listener(c).scheduler() instanceof QuicConnectionId set
                                ? set.connectionIds()
                                : Schedulers.quicConnectionId().connectionIds()),
                ofGroup(
                        Options.EWMA_DECAY,
                        ofMillis(100),
                        ofMinutes(5),
                        ofSeconds(10),
                        (g, value) -> g.scheduler(Schedulers.peakEwma().decay(value)),
                        g -> g.scheduler() instanceof PeakEwma set
                                ? set.decay()
                                : Schedulers.peakEwma().decay()));
    }

    private static List<OptionRow<?>> ofChecks() {
        return List.of(
                ofCheck(Options.CHECK_INTERVAL, ofMillis(100), ofSeconds(50), ofSeconds(2), HealthCheck::interval),
                ofCheck(Options.CHECK_TIMEOUT, ofMillis(100), ofSeconds(300), ofSeconds(5), HealthCheck::timeout),
                ofCheck(Options.HEALTHY_THRESHOLD, 1, 10, 3, HealthCheck::healthyThreshold),
                ofCheck(Options.UNHEALTHY_THRESHOLD, 1, 10, 3, HealthCheck::unhealthyThreshold),
                ofCheck(Options.CHECK_PORT, 0, 65_535, 0, HealthCheck::port),
                ofEjection(Options.EJECTION_FAILURES, 1, 1_000, 5, Ejection::after),
                ofEjection(
                        Options.EJECTION_TIME,
                        ofSeconds(1),
                        ofSeconds(300),
                        ofSeconds(30),
                        time -> Ejection.after(5).time(time)),
                ofEjection(
                        Options.EJECTION_MAX_TIME,
                        ofSeconds(1),
                        ofSeconds(3_600),
                        ofSeconds(300),
                        time -> Ejection.after(5).time(ofSeconds(1)).maxTime(time)),
                ofEjection(
                        Options.EJECTION_MAX_PERCENT,
                        1,
                        100,
                        50,
                        percent -> Ejection.after(5).maxPercent(percent)));
    }

    private static List<OptionRow<?>> ofFlowsComingIn() {
        return List.of(
                new OptionRow<>(
                        Options.PROXY_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(60),
                        ofSeconds(5),
                        (c, value) -> c.listener(
                                "l",
                                l -> l.proxyProtocolIn(
                                        ProxyProtocol.required("10.0.0.0/8").timeout(value))),
                        c -> proxyProtocol(c).get(Options.PROXY_TIMEOUT)),
                new OptionRow<>(
                        Options.TLS_HANDSHAKE_TIMEOUT,
                        ofSeconds(1),
                        ofSeconds(60),
                        ofSeconds(10),
                        (c, value) -> c.listener("l", l -> l.https(0, TLS.handshakeTimeout(value))),
                        c -> tls(c).get(Options.TLS_HANDSHAKE_TIMEOUT)),
                new OptionRow<>(
                        Options.TLS_PROVIDER,
                        TlsProvider.AUTO,
                        TlsProvider.JDK,
                        TlsProvider.AUTO,
                        List.of(),
                        (c, value) -> c.listener("l", l -> l.https(0, TLS.provider(value))),
                        c -> tls(c).get(Options.TLS_PROVIDER)),
                new OptionRow<>(
                        Options.FILTER_TIMEOUT,
                        ofMillis(100),
                        ofSeconds(60),
                        ofSeconds(5),
                        (c, value) -> filters(c, f -> f.timeout(value)),
                        c -> filters(c).get(Options.FILTER_TIMEOUT)),
                new OptionRow<>(
                        Options.FILTER_MAX_HELD,
                        1_024,
                        1_048_576,
                        65_536,
                        (c, value) -> filters(c, f -> f.maxHeld(value)),
                        c -> filters(c).get(Options.FILTER_MAX_HELD)),
                new OptionRow<>(
                        Options.FILTER_FAIL_OPEN,
                        true,
                        true,
                        false,
                        (c, value) -> filters(c, f -> f.failOpen(value)),
                        c -> filters(c).get(Options.FILTER_FAIL_OPEN)),
                new OptionRow<>(
                        Options.GZIP_MIN_SIZE,
                        0,
                        1_048_576,
                        1_024,
                        (c, value) -> gzip(c, Gzip.on().minSize(value)),
                        c -> gzip(c).get(Options.GZIP_MIN_SIZE)),
                new OptionRow<>(
                        Options.GZIP_LEVEL,
                        1,
                        9,
                        1,
                        (c, value) -> gzip(c, Gzip.on().level(value)),
                        c -> gzip(c).get(Options.GZIP_LEVEL)));
    }

    /** These times are whole seconds. */
    private static List<OptionRow<?>> ofStickiness() {
        return List.of(
                new OptionRow<>(
                        Options.STICKY_IDLE,
                        ofSeconds(1),
                        ofHours(1),
                        ofHours(1),
                        List.of(ofSeconds(0), ofSeconds(3_601), ofSeconds(-1)),
                        (c, value) -> sticky(c, Stickiness.sourceIp(value)),
                        c -> sourceIp(c).idle()),
                new OptionRow<>(
                        Options.STICKY_CAPACITY,
                        1_024,
                        16_777_216,
                        65_536,
                        (c, value) -> sticky(c, sourceIp(c.build()).capacity(value)),
                        c -> sourceIp(c).capacity()),
                new OptionRow<>(
                        Options.STICKY_MAX_AGE,
                        ofSeconds(1),
                        ofHours(24),
                        ofMinutes(30),
                        List.of(ofSeconds(0), ofSeconds(86_401), ofSeconds(-1)),
                        (c, value) -> c.listener("web", l -> l.sticky(Stickiness.insertCookie(value))),
                        c -> insertCookie(c).maxAge()));
    }

    private static List<OptionRow<?>> ofLimits() {
        return List.of(
                new OptionRow<>(
                        Options.LIMIT_KEYS,
                        1_024,
                        16_777_216,
                        65_536,
                        (c, value) -> c.listener(
                                "web", l -> l.limit(Limit.cpsPerClient(1).keys(value))),
                        OptionRows::limitKeys),
                new OptionRow<>(
                        Options.L4_NODES,
                        1,
                        10_000,
                        4,
                        (c, value) -> c.cluster(Cluster.fixed(value, 8)),
                        c -> c.cluster().l4()),
                new OptionRow<>(
                        Options.L7_NODES,
                        1,
                        10_000,
                        8,
                        (c, value) -> c.cluster(Cluster.fixed(4, value)),
                        c -> c.cluster().l7()),
                new OptionRow<>(
                        Options.REPORT_INTERVAL,
                        ofMillis(50),
                        ofSeconds(10),
                        ofMillis(100),
                        (c, value) -> c.cluster(Cluster.of("n", ClusterTest.NOWHERE)
                                .expectedNodes(2)
                                .reportInterval(value)),
                        c -> c.cluster().reportInterval()));
    }

    private static int limitKeys(Config c) {
        return c.listeners().values().stream()
                .flatMap(listener -> listener.limits().values().stream())
                .mapToInt(Limit::keys)
                .findFirst()
                .orElse(Limit.cpsPerClient(1).keys());
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

    private static TlsConfig tls(Config config) {
        TlsConfig set = listener(config).tls();
        return set == null ? TLS : set;
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

    private static RuleConfig rule(Config config) {
        return requireNonNull(config.listeners().get("h"))
                .rules()
                .values()
                .iterator()
                .next();
    }
}
