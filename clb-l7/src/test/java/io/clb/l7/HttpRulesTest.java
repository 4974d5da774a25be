package io.clb.l7;

import static io.clb.l7.WebServer.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.l4.NettyEngine;
import io.clb.spi.FlowRecord;
import io.clb.spi.Reason;
import io.clb.spi.TrafficObserver;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests through a listener with rules: which group each goes to. */
final class HttpRulesTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A listener with rules for a host, a wildcard and a path, and a group for all else. */
    private static Config.Builder ruled(
            NettyEngine engine, WebServer api, WebServer wild, WebServer deep, WebServer web) {
        return LoadBalancer.builder()
                .name("test")
                .engine(engine)
                .serverGroup("api", only(api))
                .serverGroup("wild", only(wild))
                .serverGroup("deep", only(deep))
                .serverGroup("web", only(web))
                .listener(
                        "front",
                        l -> l.http(0)
                                .bind("127.0.0.1")
                                .rule("api", r -> r.host("api.example.com").forwardTo("api"))
                                .rule("wild", r -> r.host("*.example.com").forwardTo("wild"))
                                .rule(
                                        "deep",
                                        r -> r.host("api.example.com")
                                                .path("/deep/")
                                                .forwardTo("deep"))
                                .forwardTo("web"));
    }

    private static Consumer<ServerGroupConfig.Builder> only(WebServer server) {
        return g -> g.server(server.id()).healthCheck(HealthCheck.none());
    }

    private static HttpClient.Response ask(HttpClient client, String host, String path) throws IOException {
        return client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .response();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void eachRequestOfAConnectionGoesWhereItsHostAndPathSay(NettyEngine engine) throws Exception {
        BlockingQueue<String> groups = new LinkedBlockingQueue<>();
        TrafficObserver observer = new TrafficObserver() {
            @Override
            public void flowEnded(FlowRecord record) {
                groups.add(record.group());
            }
        };
        try (WebServer api = WebServer.saying("api");
                WebServer wild = WebServer.saying("wild");
                WebServer deep = WebServer.saying("deep");
                WebServer web = WebServer.saying("web");
                LoadBalancer lb =
                        ruled(engine, api, wild, deep, web).observer(observer).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "api.example.com", "/").text()).isEqualTo("api");
            assertThat(ask(client, "API.example.com:8080", "/deep").text()).isEqualTo("api");
            assertThat(ask(client, "api.example.com", "/deep/er?x=/y").text()).isEqualTo("deep");
            assertThat(ask(client, "a.b.example.com", "/deep/").text()).isEqualTo("wild");
            assertThat(ask(client, "example.com", "/deep/").text()).isEqualTo("web");
            assertThat(ask(client, "ignored", "http://api.example.com/deep/").text())
                    .isEqualTo("deep");
            for (String group : new String[] {"api", "api", "deep", "wild", "web", "deep"}) {
                assertThat(groups.take()).isEqualTo(group);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withRulesOnlyAllElseIsNotFound(NettyEngine engine) throws Exception {
        try (WebServer api = WebServer.of(request -> ok(request.text()));
                LoadBalancer lb = LoadBalancer.builder()
                        .engine(engine)
                        .serverGroup("api", only(api))
                        .listener(
                                "front",
                                l -> l.http(0)
                                        .bind("127.0.0.1")
                                        .rule("v1", r -> r.path("/v1/").forwardTo("api")))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "a", "/v1/x").status()).isEqualTo(200);
            HttpClient.Response refused = ask(client, "a", "/v2/x");
            assertThat(refused.status()).isEqualTo(404);
            assertThat(refused.field("connection")).isNull();
            assertThat(ask(client, "a", "/v1/y").status()).isEqualTo(200);
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.NO_RULE_MATCHED, 1L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void hostsThatNoRuleNamesAreRefusedWhereTheListenerSaysSo(NettyEngine engine) throws Exception {
        try (WebServer api = WebServer.saying("api");
                WebServer wild = WebServer.saying("wild");
                WebServer deep = WebServer.saying("deep");
                WebServer web = WebServer.saying("web");
                LoadBalancer lb = ruled(engine, api, wild, deep, web)
                        .listener(
                                "front",
                                l -> l.knownHostsOnly(true)
                                        .rule("any", r -> r.path("/any/").forwardTo("web")))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "API.example.com.", "/any/").text()).isEqualTo("api");
            assertThat(ask(client, "a.example.com:81", "/any/").text()).isEqualTo("wild");
            for (String host : new String[] {"example.com", "api.example.com.test", "127.0.0.1", "[::1]"}) {
                HttpClient.Response refused = ask(client, host, "/any/");
                assertThat(refused.status()).isEqualTo(421);
                assertThat(refused.field("connection")).isNull();
            }
            assertThat(ask(client, "api.example.com", "http://elsewhere.test/any/")
                            .status())
                    .isEqualTo(421);
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.UNKNOWN_HOST, 5L);
            assertThat(client.send("GET /any/ HTTP/1.0\r\n\r\n").response().status())
                    .isEqualTo(421);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anUpdateSendsTheNextRequestElsewhere(NettyEngine engine) throws Exception {
        try (WebServer api = WebServer.saying("api");
                WebServer wild = WebServer.saying("wild");
                WebServer deep = WebServer.saying("deep");
                WebServer web = WebServer.saying("web");
                LoadBalancer lb = ruled(engine, api, wild, deep, web).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "api.example.com", "/").text()).isEqualTo("api");
            lb.update(c -> c.listener("front", l -> l.removeRule("api")));
            assertThat(ask(client, "api.example.com", "/deep/").text()).isEqualTo("deep");
            assertThat(ask(client, "api.example.com", "/").text()).isEqualTo("web");
            lb.update(c -> c.listener("front", l -> l.removeRule("deep")));
            assertThat(ask(client, "api.example.com", "/").text()).isEqualTo("wild");
        }
    }
}
