package io.clb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits: what they say, and where they may not be. */
final class LimitTest {

    private static Config.Builder sound() {
        return LoadBalancer.builder()
                .serverGroup("web", g -> g.server("10.0.0.1:80"))
                .listener("front", l -> l.http(8080).forwardTo("web"))
                .listener("raw", l -> l.tcp(8081).forwardTo("web"));
    }

    private static Config.Builder onBalancer(Limit... limits) {
        Config.Builder config = sound();
        List.of(limits).forEach(config::limit);
        return config;
    }

    private static Config.Builder onListener(Limit... limits) {
        return sound().listener("front", l -> List.of(limits).forEach(l::limit));
    }

    private static Config.Builder onTcp(Limit... limits) {
        return sound().listener("raw", l -> List.of(limits).forEach(l::limit));
    }

    private static Config.Builder onRule(Limit... limits) {
        return sound().listener(
                        "front",
                        l -> l.rule("api", r -> {
                            r.path("/api/").forwardTo("web");
                            List.of(limits).forEach(r::limit);
                        }));
    }

    private static ListenerConfig front(Config config) {
        return requireNonNull(config.listeners().get("front"));
    }

    private static RuleConfig api(Config config) {
        return requireNonNull(front(config).rules().get("api"));
    }

    private static void assertRefused(Config.Builder config, String... mistakes) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(config::build)
                .satisfies(refused -> assertThat(refused.mistakes())
                        .extracting(ConfigException.Mistake::toString)
                        .containsExactly(mistakes));
    }

    private static Limit of(Limit.Kind kind, long total) {
        return switch (kind) {
            case QPS -> Limit.qps(total);
            case QPS_PER_CLIENT -> Limit.qpsPerClient(total);
            case QPS_PER_HEADER -> Limit.qpsPerHeader("x-api-key", total);
            case CPS -> Limit.cps(total);
            case CPS_PER_CLIENT -> Limit.cpsPerClient(total);
            case BANDWIDTH -> Limit.bandwidth(total);
        };
    }

    private static String range(Limit.Kind kind) {
        return switch (kind) {
            case QPS, CPS -> "1 to 1,000,000,000";
            case QPS_PER_CLIENT, QPS_PER_HEADER, CPS_PER_CLIENT -> "1 to 1,000,000";
            case BANDWIDTH -> "1,000 to 100,000,000,000";
        };
    }

    @ParameterizedTest
    @EnumSource(Limit.Kind.class)
    void hasARangeForEachKind(Limit.Kind kind) {
        String[] ends = range(kind).replace(",", "").split(" to ", 2);
        long least = Long.parseLong(ends[0]);
        long most = Long.parseLong(ends[1]);
        assertThat(front(onListener(of(kind, least)).build()).limits())
                .containsExactly(Map.entry(kind, of(kind, least)));
        onListener(of(kind, most)).build();
        for (long outside : new long[] {least - 1, 0, -1, most + 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertRefused(
                    onListener(of(kind, outside)),
                    "listener front: limit " + kind + ": " + outside + " (expected: " + range(kind) + ")");
        }
    }

    @Test
    void takesAMillionRequestsASecondOnARuleAtMost() {
        onRule(Limit.qps(1_000_000)).build();
        assertRefused(
                onRule(Limit.qps(1_000_001)),
                "listener front: rule api: limit qps: 1000001 (expected: 1 to 1,000,000)");
        onRule(Limit.bandwidth(100_000_000_000L)).build();
        assertRefused(
                onRule(Limit.bandwidth(100_000_000_001L)),
                "listener front: rule api: limit bandwidth: 100000000001 (expected: 1,000 to 100,000,000,000)");
    }

    @Test
    void takesMegabitsAndKeepsWhatIsOutOfRangeOutOfIt() {
        assertThat(Limit.bandwidthMbps(10)).isEqualTo(Limit.bandwidth(10_000_000));
        onBalancer(Limit.bandwidthMbps(100_000)).build();
        for (long outside : new long[] {100_001, 0, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatExceptionOfType(ConfigException.class)
                    .as("%s megabits", outside)
                    .isThrownBy(onBalancer(Limit.bandwidthMbps(outside))::build)
                    .withMessageContaining("(expected: 1,000 to 100,000,000,000)");
        }
    }

    @Test
    void refusesWhatIsNoLimitOfItsPlace() {
        assertRefused(
                onBalancer(
                        Limit.qps(9),
                        Limit.qpsPerClient(1),
                        Limit.qpsPerHeader("k", 2),
                        Limit.cps(9),
                        Limit.cpsPerClient(3),
                        Limit.bandwidth(9_000)),
                "balancer: limit qps per client: 1 (expected: not set: it is a limit of listeners and rules)",
                "balancer: limit qps per header: 2 (expected: not set: it is a limit of listeners and rules)",
                "balancer: limit cps per client: 3 (expected: not set: it is a limit of listeners)");
        assertRefused(
                onRule(
                        Limit.qps(9),
                        Limit.qpsPerClient(9),
                        Limit.qpsPerHeader("k", 9),
                        Limit.cps(4),
                        Limit.cpsPerClient(3),
                        Limit.bandwidth(9_000)),
                "listener front: rule api: limit cps: 4 (expected: not set: it is a limit of listeners and the balancer)",
                "listener front: rule api: limit cps per client: 3 (expected: not set: it is a limit of listeners)");
    }

    @Test
    void refusesLimitsOfRequestsOnTcp() {
        assertRefused(
                onTcp(
                        Limit.qps(9),
                        Limit.qpsPerClient(8),
                        Limit.qpsPerHeader("k", 7),
                        Limit.cps(6),
                        Limit.cpsPerClient(5),
                        Limit.bandwidth(4_000)),
                "listener raw: limit qps: 9 (expected: not set: it is a limit of HTTP listeners, this one is TCP)",
                "listener raw: limit qps per client: 8"
                        + " (expected: not set: it is a limit of HTTP listeners, this one is TCP)",
                "listener raw: limit qps per header: 7"
                        + " (expected: not set: it is a limit of HTTP listeners, this one is TCP)");
    }

    @Test
    void refusesALimitOfOneThatIsAboveThatOfAll() {
        onListener(Limit.qps(10), Limit.qpsPerClient(10), Limit.qpsPerHeader("k", 10), Limit.cpsPerClient(11))
                .build();
        assertRefused(
                onListener(
                        Limit.qps(10),
                        Limit.qpsPerClient(11),
                        Limit.qpsPerHeader("k", 12),
                        Limit.cps(13),
                        Limit.cpsPerClient(14)),
                "listener front: limit qps per client: 11 (expected: not above the qps 10 of all together)",
                "listener front: limit qps per header: 12 (expected: not above the qps 10 of all together)",
                "listener front: limit cps per client: 14 (expected: not above the cps 13 of all together)");
        assertRefused(
                onRule(Limit.qps(10), Limit.qpsPerClient(11)),
                "listener front: rule api: limit qps per client: 11 (expected: not above the qps 10 of all together)");
    }

    @Test
    void comparesLimitsOverDifferentTimesByTheirRates() {
        Duration minute = Duration.ofMinutes(1);
        onListener(Limit.qps(10), Limit.qpsPerClient(600).per(minute)).build();
        assertRefused(
                onListener(Limit.qps(10), Limit.qpsPerClient(601).per(minute)),
                "listener front: limit qps per client: 601 (expected: not above the qps 10 of all together)");
        assertRefused(
                onListener(Limit.qps(59).per(minute), Limit.qpsPerClient(1)),
                "listener front: limit qps per client: 1 (expected: not above the qps 59 in 60 s of all together)");
    }

    @Test
    void countsOverASecondToAnHourInWholeSeconds() {
        assertThat(Limit.qps(1).period()).isEqualTo(Duration.ofSeconds(1));
        assertThat(Limit.qps(1).per(Duration.ofHours(1)).period()).isEqualTo(Duration.ofHours(1));
        onBalancer(Limit.qps(1).per(Duration.ofHours(1))).build();
        for (Duration outside : List.of(
                Duration.ZERO,
                Duration.ofMillis(999),
                Duration.ofMillis(1_500),
                Duration.ofSeconds(2).plusNanos(1),
                Duration.ofSeconds(3_601),
                Duration.ofSeconds(-1),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            assertRefused(
                    onBalancer(Limit.qps(1).per(outside)),
                    "balancer: limit qps per: " + outside + " (expected: 1 s to 3,600 s in whole seconds)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "x api", "x:api", "x\r\n", "\u00e4", "(x)"})
    void refusesWhatIsNoNameOfAField(String name) {
        assertRefused(
                onListener(Limit.qpsPerHeader(name, 1)),
                "listener front: limit qps per header: " + name + " (expected: the name of a header field)");
    }

    @Test
    void takesTheNameOfAFieldInAnyCase() {
        Limit limit = Limit.qpsPerHeader("X-API-Key", 5);
        assertThat(limit.header()).isEqualTo("x-api-key");
        assertThat(limit).isEqualTo(Limit.qpsPerHeader("x-api-key", 5));
        onListener(limit).build();
        assertThat(Limit.qps(5).header()).isNull();
    }

    @Test
    void tellsSoManyKeysApart() {
        assertThat(Limit.qpsPerClient(1).keys()).isEqualTo(65_536);
        onListener(Limit.qpsPerClient(1).keys(1_024)).build();
        onListener(Limit.cpsPerClient(1).keys(16_777_216)).build();
        assertRefused(
                onListener(
                        Limit.qpsPerClient(1).keys(1_023), Limit.cpsPerClient(1).keys(16_777_217)),
                "listener front: limit qps per client: keys: 1023 (expected: 1,024 to 16,777,216)",
                "listener front: limit cps per client: keys: 16777217 (expected: 1,024 to 16,777,216)");
    }

    @Test
    void refusesOnlyBandwidthInPlaceOfPuttingItOff() {
        onListener(Limit.bandwidth(1_000).refuse()).build();
        assertRefused(
                onListener(Limit.qps(1).refuse()),
                "listener front: limit qps refuse: true (expected: not set: only bandwidth is put off otherwise)");
    }

    @Test
    void refusesToSayWhenToComeAgainWhereNothingIsRefused() {
        onListener(Limit.bandwidth(1_000).refuse().retryAfter()).build();
        assertRefused(
                onListener(Limit.bandwidth(1_000).retryAfter()),
                "listener front: limit bandwidth retryAfter: true (expected: refuse() too: nothing is refused otherwise)");
    }

    @Test
    void refusesToRemoveWhatIsNotSet() {
        assertRefused(
                onBalancer(Limit.qps(1)).removeLimit(Limit.Kind.CPS),
                "balancer: removeLimit: cps (expected: one of [qps])");
        assertRefused(
                onRule().listener("front", l -> l.rule("api", r -> r.removeLimit(Limit.Kind.QPS_PER_CLIENT))),
                "listener front: rule api: removeLimit: qps per client (expected: one of [])");
        assertThat(onBalancer(Limit.qps(1)).removeLimit(Limit.Kind.QPS).build().limits())
                .isEmpty();
    }

    @Test
    void hasOneLimitOfEachKindTheLastOneSetInTheOrderOfTheKinds() {
        Config config = onRule(Limit.bandwidth(7_000), Limit.qps(1), Limit.qpsPerClient(1), Limit.qps(2))
                .build();
        RuleConfig rule = api(config);
        assertThat(rule.limits().values()).containsExactly(Limit.qps(2), Limit.qpsPerClient(1), Limit.bandwidth(7_000));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> rule.limits().clear());
    }

    @Test
    void staysAsItWasWhenAConfigurationIsChanged() {
        Config config = onRule(Limit.qps(1)).limit(Limit.cps(2)).build();
        Config changed = config.toBuilder()
                .limit(Limit.bandwidth(3_000))
                .listener("front", l -> l.rule("api", r -> r.limit(Limit.qps(4))))
                .build();
        assertThat(config.limits().values()).containsExactly(Limit.cps(2));
        assertThat(changed.limits().values()).containsExactly(Limit.cps(2), Limit.bandwidth(3_000));
        assertThat(api(changed).limits().values()).containsExactly(Limit.qps(4));
    }

    @Test
    void isEqualToWhatSaysTheSame() {
        Limit limit = Limit.qpsPerHeader("k", 5);
        assertThat(limit).isEqualTo(Limit.qpsPerHeader("k", 5)).hasSameHashCodeAs(Limit.qpsPerHeader("k", 5));
        List<UnaryOperator<Limit>> others = List.of(
                l -> Limit.qpsPerHeader("k", 6),
                l -> Limit.qpsPerHeader("j", 5),
                l -> Limit.qpsPerClient(5),
                l -> l.per(Duration.ofSeconds(2)),
                l -> l.keys(2_048),
                Limit::retryAfter,
                Limit::refuse);
        for (UnaryOperator<Limit> other : others) {
            assertThat(other.apply(limit)).isNotEqualTo(limit);
        }
        assertThat(limit).isNotEqualTo("qps per header k 5");
        assertThat(limit.per(Duration.ofSeconds(9)).keys(2_048).retryAfter())
                .isEqualTo(limit.retryAfter().keys(2_048).per(Duration.ofSeconds(9)));
    }

    @Test
    void tellsWhatItIs() {
        assertThat(Limit.qps(5)).hasToString("qps 5");
        assertThat(Limit.qpsPerClient(5).per(Duration.ofHours(1))).hasToString("qps per client 5 in 3600 s");
        assertThat(Limit.qpsPerHeader("X-Key", 5)).hasToString("qps per header x-key 5");
        assertThat(Limit.bandwidthMbps(5)).hasToString("bandwidth 5000000");
        assertThat(Limit.cps(5).saysRetryAfter()).isFalse();
        assertThat(Limit.cps(5).retryAfter().saysRetryAfter()).isTrue();
        assertThat(Limit.bandwidth(5_000).isRefusing()).isFalse();
        assertThat(Limit.bandwidth(5_000).refuse().isRefusing()).isTrue();
    }
}
