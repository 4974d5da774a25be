package io.clb.l7;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.FixedResponse;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Redirect;
import io.clb.RuleConfig;
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

/** Rules that ask for more than host and path, and rules that answer by themselves, through a listener. */
final class HttpRuleConditionTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A rule that answers what fits with its name, and a server for all else. */
    private static Config.Builder front(NettyEngine engine, WebServer other, Consumer<RuleConfig.Builder> asked) {
        return LoadBalancer.builder()
                .engine(engine)
                .serverGroup("other", g -> g.server(other.id()).healthCheck(HealthCheck.none()))
                .listener(
                        "front",
                        l -> l.http(0)
                                .bind("127.0.0.1")
                                .rule(
                                        "rule",
                                        r -> asked.accept(
                                                r.respond(FixedResponse.of(200).body("rule"))))
                                .forwardTo("other"));
    }

    private static String ask(HttpClient client, String method, String target, String... fields) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: example.com\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return client.send(request + "\r\n").response().text();
    }

    private static String get(HttpClient client, String target, String... fields) throws IOException {
        return ask(client, "GET", target, fields);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void methods(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb =
                        front(engine, other, r -> r.method("DELETE", "PURGE")).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "DELETE", "/")).isEqualTo("rule");
            assertThat(ask(client, "PURGE", "/")).isEqualTo("rule");
            assertThat(ask(client, "delete", "/")).isEqualTo("other");
            assertThat(get(client, "/")).isEqualTo("other");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void headerFields(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(engine, other, r -> r.header("X-Beta", "yes", "v?*"))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(get(client, "/", "x-BETA:  yes ")).isEqualTo("rule");
            assertThat(get(client, "/", "X-Beta: v2.1")).isEqualTo("rule");
            assertThat(get(client, "/", "X-Beta: v")).isEqualTo("other");
            assertThat(get(client, "/", "X-Beta: no", "X-Beta: yes"))
                    .as("the first counts")
                    .isEqualTo("other");
            assertThat(get(client, "/")).isEqualTo("other");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void parametersOfQueries(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(engine, other, r -> r.query("full name", "J\u00e4n *", ""))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(get(client, "/?full+name=J%C3%A4n%20Doe")).isEqualTo("rule");
            assertThat(get(client, "/?a&b=c&&%66ull%20name=J%c3%a4n+x")).isEqualTo("rule");
            assertThat(get(client, "/?full+name=")).isEqualTo("rule");
            assertThat(get(client, "/?full+name")).isEqualTo("rule");
            assertThat(get(client, "/?full+name=Bob&full+name="))
                    .as("the first counts")
                    .isEqualTo("other");
            assertThat(get(client, "/?full+name2=")).isEqualTo("other");
            assertThat(get(client, "/?")).isEqualTo("other");
            assertThat(get(client, "/full+name=")).isEqualTo("other");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void cookies(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb =
                        front(engine, other, r -> r.cookie("group", "b?ta")).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(get(client, "/", "Cookie: a=1; group=beta")).isEqualTo("rule");
            assertThat(get(client, "/", "Cookie: a=1", "Cookie: group=bota; x=y"))
                    .isEqualTo("rule");
            assertThat(get(client, "/", "Cookie: Group=beta")).isEqualTo("other");
            assertThat(get(client, "/", "Cookie: group=alpha; group=beta")).isEqualTo("other");
            assertThat(get(client, "/")).isEqualTo("other");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void addressesOfClients(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(engine, other, r -> r.source("127.1.0.0/16", "2001:db8::/32"))
                        .start();
                HttpClient near = HttpClient.from("127.1.2.3", lb, "front");
                HttpClient far = HttpClient.from("127.2.0.1", lb, "front")) {
            assertThat(get(near, "/")).isEqualTo("rule");
            assertThat(get(far, "/")).isEqualTo("other");
        }
    }

    /** All conditions hold, or the next shorter path is asked. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void severalOfThem(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(
                                engine, other, r -> r.path("/a/b").method("GET").header("x", "1"))
                        .listener(
                                "front",
                                l -> l.rule(
                                        "short",
                                        r -> r.path("/a", RuleConfig.PathMatch.SEGMENTS)
                                                .respond(FixedResponse.of(200).body("short"))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(get(client, "/a/bc", "X: 1")).isEqualTo("rule");
            assertThat(get(client, "/a/bc", "X: 2")).isEqualTo("short");
            assertThat(ask(client, "PUT", "/a/bc", "X: 1")).isEqualTo("short");
            assertThat(get(client, "/ab", "X: 1")).isEqualTo("other");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void fixedResponsesAreWhatTheySayAndTheConnectionGoesOn(NettyEngine engine) throws Exception {
        BlockingQueue<FlowRecord> ended = new LinkedBlockingQueue<>();
        FixedResponse down = FixedResponse.of(503).contentType("text/html").body("<p>B\u00e4ck at nine");
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(engine, other, r -> r.path("/down").respond(down))
                        .listener(
                                "front",
                                l -> l.rule("none", r -> r.path("/none").respond(FixedResponse.of(204))))
                        .observer(new TrafficObserver() {
                            @Override
                            public void flowEnded(FlowRecord record) {
                                assertThat(record.reason()).isEqualTo(Reason.RULE_ANSWERED);
                                ended.add(record);
                            }
                        })
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response response =
                    client.send("GET /down HTTP/1.1\r\nHost: a\r\n\r\n").response();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.field("content-type")).isEqualTo("text/html");
            assertThat(response.field("content-length")).isEqualTo("16");
            assertThat(response.field("connection")).isNull();
            assertThat(response.body()).isEqualTo(down.body().getBytes(UTF_8));
            client.send("HEAD /down HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response(true).field("content-length")).isEqualTo("16");
            response = client.response();
            assertThat(response.status()).isEqualTo(204);
            assertThat(response.field("content-length")).isNull();
            // A body that nobody reads: the next request would begin in it.
            client.send("POST /down HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.response().field("connection")).isEqualTo("close");
            for (int i = 0; i < 4; i++) {
                ended.take();
            }
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.RULE_ANSWERED, 4L);
        }
    }

    private static String location(HttpClient client, String target, String host) throws IOException {
        HttpClient.Response response = client.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .response();
        assertThat(response.body()).isEmpty();
        return response.status() + " " + response.field("location");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void redirectsFillInWhatTheClientAskedFor(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(
                                engine,
                                other,
                                r -> r.path("/secure")
                                        .redirect(Redirect.to("https://${host}${path}?${query}")
                                                .status(308)))
                        .listener(
                                "front",
                                l -> l.rule(
                                                "port",
                                                r -> r.path("/port")
                                                        .redirect(
                                                                Redirect.to(
                                                                        "${protocol}://www.${host}:${port}/x?from=${path}&${query}#top")))
                                        .rule("old", r -> r.path("/old").redirect(Redirect.to("/new${path}"))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(location(client, "/secure/%c3?a=b&c?d", "a.test:8080"))
                    .isEqualTo("308 https://a.test/secure/%c3?a=b&c?d");
            assertThat(location(client, "/secure", "[::1]:80")).isEqualTo("308 https://[::1]/secure");
            assertThat(location(client, "/secure?", "a.test")).isEqualTo("308 https://a.test/secure");
            assertThat(location(client, "/port?q", "a.test:8080"))
                    .isEqualTo("302 http://www.a.test:8080/x?from=/port&q#top");
            assertThat(location(client, "/port", "a.test")).isEqualTo("302 http://www.a.test:80/x?from=/port&#top");
            assertThat(location(client, "http://b.test/old", "a.test")).isEqualTo("302 /new/old");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRedirectToTheHostOfTheRequestNeedsOne(NettyEngine engine) throws Exception {
        try (WebServer other = WebServer.saying("other");
                LoadBalancer lb = front(engine, other, r -> r.path("/secure").redirect(Redirect.to("https://${host}/")))
                        .listener(
                                "front", l -> l.rule("old", r -> r.path("/old").redirect(Redirect.to("/new"))))
                        .start();
                HttpClient nameless = HttpClient.to(lb, "front");
                HttpClient alsoNameless = HttpClient.to(lb, "front")) {
            nameless.send("GET /secure HTTP/1.0\r\n\r\n");
            assertThat(nameless.response().status()).isEqualTo(400);
            alsoNameless.send("GET /old HTTP/1.0\r\n\r\n");
            assertThat(alsoNameless.response().field("location")).isEqualTo("/new");
        }
    }
}
