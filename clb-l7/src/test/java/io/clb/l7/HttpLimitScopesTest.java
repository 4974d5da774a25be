package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.RuleConfig;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits of requests of rules, listeners, the balancer, clients and values of a field, on a clock that stands still until it is moved. */
final class HttpLimitScopesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A balancer that is alone, with listeners {@code front} and {@code back}, and on both a rule {@code api}. */
    private static Config.Builder web(WebServer server) {
        return Balancers.http(server.id())
                .cluster(Cluster.single())
                .listener(
                        "front",
                        l -> l.maxRequestsPerConnection(1_000_000)
                                .rule("api", r -> r.path("/api/").forwardTo("web")))
                .listener(
                        "back",
                        l -> l.http(0).bind("127.0.0.1").forwardTo("web").maxRequestsPerConnection(1_000_000));
    }

    private static Consumer<Config.Builder> rule(Consumer<RuleConfig.Builder> change) {
        return c -> c.listener("front", l -> l.rule("api", change));
    }

    /** Limits the rule. */
    private static Config.Builder limited(WebServer server, Limit limit) {
        Config.Builder web = web(server);
        rule(r -> r.limit(limit)).accept(web);
        return web;
    }

    private static HttpClient.Response get(HttpClient client, String path, String fields) throws IOException {
        return client.send("GET " + path + " HTTP/1.1\r\nHost: example.org\r\n" + fields + "\r\n")
                .response();
    }

    /** Asks until it is refused, and returns how many requests were served. */
    private static int drain(HttpClient client, String path, String fields) throws IOException {
        int served = 0;
        HttpClient.Response response = get(client, path, fields);
        for (; response.status() == 200; response = get(client, path, fields)) {
            served++;
        }
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("connection")).isNull();
        assertThat(response.field("retry-after")).isNull();
        return served;
    }

    private static int drain(HttpClient client, String path) throws IOException {
        return drain(client, path, "");
    }

    private static Snapshot.EnforcedLimit ofRule(LoadBalancer lb) {
        List<Snapshot.EnforcedLimit> limits = Balancers.front(lb).ruleLimits().getOrDefault("api", List.of());
        assertThat(limits).hasSize(1);
        return limits.get(0);
    }

    /** Two at once, ten and twenty: what is refused by one takes nothing of the others. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRequestTakesAPermitOfItsRuleItsListenerAndTheBalancerOrOfNone(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.qps(20))
                                .limit(Limit.qps(200))
                                .listener("front", l -> l.limit(Limit.qps(100)))
                                .build());
                HttpClient front = HttpClient.to(lb, "front");
                HttpClient back = HttpClient.to(lb, "back")) {
            for (int i = 0; i < 30; i++) {
                assertThat(front.get("/api/").status()).isEqualTo(i < 2 ? 200 : 503);
            }
            for (int i = 0; i < 30; i++) {
                assertThat(front.get("/").status()).isEqualTo(i < 8 ? 200 : 503);
            }
            assertThat(drain(back, "/")).isEqualTo(10);
            assertThat(ofRule(lb).dropped()).isEqualTo(28);
            assertThat(Balancers.front(lb).limits()).singleElement().returns(22L, Snapshot.EnforcedLimit::dropped);
            assertThat(lb.snapshot().limits()).singleElement().returns(1L, Snapshot.EnforcedLimit::dropped);

            // The balancer's is the one that has nothing: the rule keeps its two.
            clock.advance(SECOND);
            assertThat(drain(back, "/")).isEqualTo(20);
            for (int i = 0; i < 2; i++) {
                assertThat(drain(front, "/api/")).isZero();
                clock.advance(Duration.ofMillis(5));
                assertThat(drain(front, "/api/")).isEqualTo(1);
            }
            clock.advance(Duration.ofMillis(5));
            assertThat(drain(front, "/api/")).isZero();
            assertThat(drain(back, "/")).isEqualTo(1);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.LIMIT_QPS, 28L + 22 + 5);
            assertThat(server.requests()).hasSize(20 + 20 + 3);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void eachClientAddressHasALimitOfItsOwn(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.qpsPerClient(50)).observer(seen).build());
                HttpClient one = HttpClient.from("127.0.0.1", lb, "front");
                HttpClient same = HttpClient.from("127.0.0.1", lb, "front");
                HttpClient other = HttpClient.from("127.0.0.2", lb, "front")) {
            assertThat(drain(one, "/api/")).isEqualTo(5);
            assertThat(drain(same, "/api/")).isZero();
            assertThat(drain(other, "/api/")).isEqualTo(5);
            assertThat(one.get("/").status()).isEqualTo(200);
            clock.advance(Duration.ofMillis(20));
            assertThat(drain(same, "/api/")).isEqualTo(1);
            assertThat(drain(one, "/api/")).isZero();
            assertThat(drain(other, "/api/")).isEqualTo(1);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.LIMIT_QPS_PER_CLIENT, 6L);
            assertThat(ofRule(lb))
                    .returns(Limit.Kind.QPS_PER_CLIENT, Snapshot.EnforcedLimit::kind)
                    .returns("qps per client", Snapshot.EnforcedLimit::name)
                    .returns(6L, Snapshot.EnforcedLimit::dropped)
                    .returns(0L, Snapshot.EnforcedLimit::sharedKeys);
            assertThat(seen.flows())
                    .filteredOn(flow -> flow.reason() == Reason.LIMIT_QPS_PER_CLIENT)
                    .hasSize(6)
                    .allSatisfy(flow -> {
                        assertThat(flow.status()).isEqualTo(503);
                        assertThat(flow.server()).isNull();
                        assertThat(flow.tries()).isEmpty();
                        assertThat(flow.request()).isEqualTo("GET /api/");
                    });
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void eachValueOfAFieldHasALimitOfItsOwnAndRequestsWithoutItHaveNone(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        web(server)
                                .observer(seen)
                                .listener("front", l -> l.limit(Limit.qpsPerHeader("X-API-Key", 50)))
                                .build());
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient other = HttpClient.from("127.0.0.2", lb, "front")) {
            assertThat(drain(client, "/", "X-API-Key: red\r\n")).isEqualTo(5);
            assertThat(drain(other, "/api/", "x-api-key:red\r\n")).isZero();
            assertThat(drain(client, "/", "x-Api-Key: blue\r\n")).isEqualTo(5);
            for (int i = 0; i < 50; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            clock.advance(Duration.ofMillis(20));
            assertThat(drain(client, "/", "X-API-Key: red\r\n")).isEqualTo(1);
            assertThat(drain(client, "/", "X-API-Key: Red\r\n")).isEqualTo(5);
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.LIMIT_QPS_PER_HEADER, 5L);
            assertThat(seen.flows())
                    .filteredOn(flow -> flow.reason() == Reason.LIMIT_QPS_PER_HEADER)
                    .hasSize(5);
        }
    }

    /** Once an hour. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void tellsWhenToComeAgainInWholeSeconds(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Limit hourly = Limit.qps(1).per(Duration.ofHours(1));
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport, limited(server, hourly.retryAfter()).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response served = client.get("/api/");
            assertThat(served.status()).isEqualTo(200);
            assertThat(served.field("retry-after")).isNull();
            assertRefusedFor(client, "3600");
            clock.advance(Duration.ofMillis(1_500));
            assertRefusedFor(client, "3599");
            HttpClient.Response toHead =
                    client.send("HEAD /api/ HTTP/1.1\r\nHost: a\r\n\r\n").response(true);
            assertThat(toHead.status()).isEqualTo(503);
            assertThat(toHead.field("retry-after")).isEqualTo("3599");
            clock.advance(Duration.ofMinutes(59));
            try (HttpClient later = HttpClient.to(lb, "front")) {
                assertRefusedFor(later, "59");
            }
            clock.advance(MINUTE);
            try (HttpClient later = HttpClient.to(lb, "front")) {
                assertThat(later.get("/api/").status()).isEqualTo(200);
                assertThat(later.get("/").status()).isEqualTo(200);
                lb.update(rule(r -> r.limit(hourly)));
                HttpClient.Response silent = later.get("/api/");
                assertThat(silent.status()).isEqualTo(503);
                assertThat(silent.field("retry-after")).isNull();
            }
        }
    }

    private static void assertRefusedFor(HttpClient client, String seconds) throws IOException {
        HttpClient.Response refused = client.get("/api/");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("retry-after")).isEqualTo(seconds);
        assertThat(refused.field("connection")).isNull();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void tellsAConnectionTooManyWhenToComeAgain(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Limit once = Limit.cps(1).per(MINUTE);
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        web(server)
                                .listener("front", l -> l.limit(once.retryAfter()))
                                .listener("back", l -> l.limit(once))
                                .build())) {
            for (String listener : List.of("front", "back")) {
                try (HttpClient first = HttpClient.to(lb, listener)) {
                    assertThat(first.get("/").status()).isEqualTo(200);
                }
                try (HttpClient second = HttpClient.to(lb, listener)) {
                    HttpClient.Response refused = second.response();
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.field("retry-after")).isEqualTo(listener.equals("front") ? "60" : null);
                    assertThat(second.endsInOrder()).isTrue();
                }
            }
            clock.advance(MINUTE.minusMillis(1));
            try (HttpClient third = HttpClient.to(lb, "front")) {
                assertThat(third.response().field("retry-after")).isEqualTo("1");
            }
            clock.advance(Duration.ofMillis(1));
            try (HttpClient fourth = HttpClient.to(lb, "front")) {
                assertThat(fourth.get("/").status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void anUpdateOfARulesLimitGivesNoFreeBurst(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, limited(server, Limit.qps(50)).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(drain(client, "/api/")).isEqualTo(5);
            lb.update(rule(r -> r.path("/a")));
            assertThat(drain(client, "/api/")).isZero();
            lb.update(rule(r -> r.limit(Limit.qps(100))));
            assertThat(drain(client, "/api/")).isZero();
            clock.advance(Duration.ofMillis(20));
            assertThat(drain(client, "/api/")).isEqualTo(2);
            assertThat(ofRule(lb))
                    .returns(100L, Snapshot.EnforcedLimit::total)
                    .returns(4L, Snapshot.EnforcedLimit::dropped);
            lb.update(rule(r -> r.limit(Limit.qps(100).retryAfter())));
            assertThat(client.get("/api/").field("retry-after")).isEqualTo("1");
            lb.update(rule(r -> r.removeLimit(Limit.Kind.QPS)));
            for (int i = 0; i < 100; i++) {
                assertThat(client.get("/api/").status()).isEqualTo(200);
            }
            assertThat(Balancers.front(lb).ruleLimits()).isEmpty();
            lb.update(rule(r -> r.limit(Limit.qps(50))));
            assertThat(drain(client, "/api/")).as("a new limit").isEqualTo(5);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void anUpdateKeepsWhatKeysHaveUsedUnlessItIsAnotherField(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String both = "X-A: 1\r\nX-B: 1\r\n";
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.qpsPerHeader("x-a", 50)).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(drain(client, "/api/", both)).isEqualTo(5);
            lb.update(rule(r -> r.limit(Limit.qpsPerHeader("x-a", 100))));
            assertThat(drain(client, "/api/", both)).isZero();
            lb.update(rule(r -> r.limit(Limit.qpsPerHeader("x-a", 100).keys(2_048))));
            assertThat(drain(client, "/api/", both)).isZero();
            clock.advance(Duration.ofMillis(20));
            assertThat(drain(client, "/api/", both)).isEqualTo(2);
            lb.update(rule(r -> r.limit(Limit.qpsPerHeader("x-b", 100))));
            assertThat(drain(client, "/api/", both)).as("another field").isEqualTo(10);
            assertThat(ofRule(lb)).returns(1L, Snapshot.EnforcedLimit::dropped);
            assertThat(client.send("GET /api/ HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theBalancersConnectionsAreThoseOfAllListeners(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport, web(server).limit(Limit.cps(20).retryAfter()).build())) {
            for (int round = 0; round < 2; round++) {
                try (HttpClient front = HttpClient.to(lb, "front");
                        HttpClient back = HttpClient.to(lb, "back")) {
                    assertThat(front.get("/").status()).isEqualTo(200);
                    assertThat(back.get("/").status()).isEqualTo(200);
                }
                for (String listener : List.of("front", "back")) {
                    try (HttpClient third = HttpClient.to(lb, listener)) {
                        HttpClient.Response refused = third.response();
                        assertThat(refused.status()).isEqualTo(503);
                        assertThat(refused.field("retry-after")).isEqualTo("1");
                    }
                    assertThat(lb.snapshot().listener(listener).ended()).containsEntry(Reason.LIMIT_CPS, round + 1L);
                }
                clock.advance(Duration.ofMillis(100));
            }
            assertThat(lb.snapshot().limits()).singleElement().returns(4L, Snapshot.EnforcedLimit::dropped);
            assertThat(Balancers.front(lb).limits()).isEmpty();
            lb.update(c -> c.removeLimit(Limit.Kind.CPS));
            assertThat(lb.snapshot().limits()).isEmpty();
        }
    }

    /** In the product's default of four nodes on L4 and eight on L7. */
    @Test
    void showsWhatThisNodeEnforcesOfEachLimit() {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = new FakeClock()
                        .start(
                                "nio",
                                limited(server, Limit.qps(1_000).per(MINUTE))
                                        .cluster(Cluster.fixed(4, 8))
                                        .limit(Limit.qps(7_000))
                                        .limit(Limit.cps(3_000))
                                        .limit(Limit.bandwidthMbps(10))
                                        .listener(
                                                "front",
                                                l -> l.limit(Limit.qpsPerClient(1_000))
                                                        .limit(Limit.cps(7)))
                                        .build())) {
            assertThat(lb.snapshot().limits())
                    .extracting(HttpLimitScopesTest::enforced)
                    .containsExactly(
                            "qps: 7000 in PT1S over 8 even: 1000 = 1,000",
                            "cps: 3000 in PT1S over 4 even: 1000 = 1,000",
                            "bandwidth from clients: 10000000 in PT1S over 4 even: 10000000/3 = 3.33 Mbit/s",
                            "bandwidth to clients: 10000000 in PT1S over 4 even: 10000000/3 = 3.33 Mbit/s");
            assertThat(Balancers.front(lb).limits())
                    .extracting(HttpLimitScopesTest::enforced)
                    .containsExactly(
                            "qps per client: 1000 in PT1S over 8 even: 1000/7 = 142",
                            "cps: 7 in PT1S over 8 even: 1 = 1");
            assertThat(Balancers.front(lb).ruleLimits()).containsOnlyKeys("api");
            assertThat(enforced(ofRule(lb))).isEqualTo("qps: 1000 in PT1M over 8 even: 50/21 = 2");
            assertThat(lb.snapshot().listener("back").limits()).isEmpty();
            assertThat(lb.snapshot().listener("back").ruleLimits()).isEmpty();
        }
    }

    private static String enforced(Snapshot.EnforcedLimit limit) {
        return limit.name() + ": " + limit.total() + " in " + limit.period() + " over " + limit.nodes() + " "
                + limit.mode() + ": " + limit.share() + " = " + limit.enforced();
    }

    /** The clock begins with a full second. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void showsWhatWasUsedAndTheSecondsInWhichWhichLimitBit(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.qps(20))
                                .listener("front", l -> l.limit(Limit.qps(40)))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.get("/api/").status()).isEqualTo(i < 2 ? 200 : 503);
            }
            assertThat(ofRule(lb).used()).isZero();
            clock.advance(SECOND);
            assertThat(ofRule(lb).used()).isEqualTo(2);
            for (int i = 0; i < 6; i++) {
                assertThat(client.get("/").status()).isEqualTo(i < 4 ? 200 : 503);
            }
            clock.advance(Duration.ofMillis(1_250));
            Snapshot snapshot = lb.snapshot();
            Snapshot.Listener front = snapshot.listener("front");
            Snapshot.EnforcedLimit ofListener = front.limits().get(0);
            Snapshot.EnforcedLimit ofRule =
                    front.ruleLimits().getOrDefault("api", List.of()).get(0);
            assertThat(ofRule.used()).isZero();
            assertThat(ofListener.used()).isEqualTo(4);
            assertThat(ofRule.dropped()).isEqualTo(3);
            assertThat(ofListener.dropped()).isEqualTo(2);
            assertThat(ofRule.putOff() + ofListener.putOff()).isZero();
            assertBitten(ofRule, snapshot, 2_250, 3);
            assertBitten(ofListener, snapshot, 1_250, 2);
        }
    }

    private static void assertBitten(Snapshot.EnforcedLimit limit, Snapshot snapshot, long millisAgo, long count) {
        assertThat(limit.history())
                .singleElement()
                .returns(
                        snapshot.taken().minusMillis(millisAgo).truncatedTo(ChronoUnit.MILLIS),
                        Snapshot.EnforcedLimit.BittenSecond::start)
                .returns(count, Snapshot.EnforcedLimit.BittenSecond::count);
    }
}
