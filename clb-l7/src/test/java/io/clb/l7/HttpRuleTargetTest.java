package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.FixedResponse;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Redirect;
import io.clb.RuleConfig;
import io.clb.engine.FakeClock;
import io.clb.l4.InOrder;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import io.clb.stick.Stickiness;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that share their requests among groups, or have a scheduler, a stickiness or an answer to what is too much of their own. */
final class HttpRuleTargetTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** The first two servers are group one, the third is group two; clients are kept by cookie. */
    private static Config.Builder front(WebServer[] servers, Consumer<RuleConfig.Builder> target) {
        return LoadBalancer.builder()
                .serverGroup(
                        "one",
                        g -> g.server(servers[0].id()).server(servers[1].id()).healthCheck(HealthCheck.none()))
                .serverGroup("two", g -> g.server(servers[2].id()).healthCheck(HealthCheck.none()))
                .listener(
                        "front",
                        l -> l.http(0)
                                .bind("127.0.0.1")
                                .maxRequestsPerConnection(1_000_000)
                                .sticky(Stickiness.insertCookie(Duration.ofMinutes(30)))
                                .rule("rule", r -> target.accept(r.path("/")))
                                .forwardTo("one"));
    }

    private static WebServer[] servers() {
        return new WebServer[] {WebServer.saying("1a"), WebServer.saying("1b"), WebServer.saying("2")};
    }

    private static void close(WebServer... servers) {
        for (WebServer server : servers) {
            server.close();
        }
    }

    private static HttpClient.Response ask(HttpClient client, String cookie) throws IOException {
        return client.send("GET / HTTP/1.1\r\nHost: a\r\n" + cookie + "\r\n").response();
    }

    /** How many of 1,000 clients come to group two. */
    private static int share(HttpClient client) throws IOException {
        int two = 0;
        for (int i = 0; i < 1_000; i++) {
            two += ask(client, "").text().equals("2") ? 1 : 0;
        }
        return two;
    }

    /** 750 of 1,000 are expected, with a deviation of 14. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void groupsGetTheirShare(NettyEngine engine) throws Exception {
        WebServer[] servers = servers();
        try (LoadBalancer lb = front(servers, r -> r.forwardTo("one", 25).forwardTo("two", 75))
                        .engine(engine)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(share(client)).isBetween(650, 850);
            lb.update(c -> c.listener("front", l -> l.rule("rule", r -> r.forwardTo("one", 0))));
            assertThat(share(client)).isEqualTo(1_000);
        } finally {
            close(servers);
        }
    }

    /** Also in a group that takes nobody new. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientStaysWhereItIsRemembered(NettyEngine engine) throws Exception {
        WebServer[] servers = servers();
        try (LoadBalancer lb =
                        front(servers, r -> r.forwardTo("one")).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response first = ask(client, "");
            String set = String.valueOf(first.field("set-cookie"));
            String cookie = "Cookie: " + set.substring(0, set.indexOf(';')) + "\r\n";
            lb.update(c -> c.listener(
                    "front", l -> l.rule("rule", r -> r.forwardTo("two").forwardTo("one", 0))));
            for (int i = 0; i < 20; i++) {
                assertThat(ask(client, cookie).text()).isEqualTo(first.text());
            }
            assertThat(ask(client, "").text()).isEqualTo("2");
        } finally {
            close(servers);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRuleHasASchedulerAndAStickinessOfItsOwn(NettyEngine engine) throws Exception {
        WebServer[] servers = servers();
        try (LoadBalancer lb = front(
                                servers,
                                r -> r.forwardTo("one")
                                        .scheduler(InOrder.of(servers[1].id(), servers[0].id()))
                                        .notSticky())
                        .engine(engine)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 5; i++) {
                HttpClient.Response response = ask(client, "");
                assertThat(response.text()).isEqualTo("1b");
                assertThat(response.field("set-cookie")).isNull();
            }
            lb.update(c -> c.listener(
                    "front",
                    l -> l.rule(
                            "rule",
                            r -> r.sticky(Stickiness.insertCookie(Duration.ofMinutes(1))
                                    .cookieName("OWN")))));
            assertThat(ask(client, "").field("set-cookie")).startsWith("OWN=");
        } finally {
            close(servers);
        }
    }

    /** 7/(8-1): one a second. */
    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void whatALimitRefusesIsAnsweredAsTheRuleSays(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        WebServer[] servers = servers();
        try (LoadBalancer lb = clock.start(
                        transport,
                        front(
                                        servers,
                                        r -> r.forwardTo("two")
                                                .limit(Limit.qps(7))
                                                .overLimit(FixedResponse.of(429).body("later")))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "").text()).isEqualTo("2");
            HttpClient.Response refused = ask(client, "");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.text()).isEqualTo("later");
            assertThat(refused.field("connection")).isNull();
            lb.update(c -> c.listener(
                    "front", l -> l.rule("rule", r -> r.overLimit(Redirect.to("https://busy.test${path}")))));
            refused = ask(client, "");
            assertThat(refused.status()).isEqualTo(302);
            assertThat(refused.field("location")).isEqualTo("https://busy.test/");
            lb.update(c -> c.listener("front", l -> l.rule("rule", RuleConfig.Builder::removeOverLimit)));
            assertThat(ask(client, "").status()).isEqualTo(503);
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.LIMIT_QPS, 3L);
            clock.advance(Duration.ofSeconds(1));
            assertThat(ask(client, "").text()).isEqualTo("2");
        } finally {
            close(servers);
        }
    }
}
