package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.Rewrite;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What servers get of requests that a rule changes. */
final class HttpRewriteTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static LoadBalancer start(NettyEngine engine, StrictServer server, Rewrite changes) {
        return Balancers.http(engine, server.id())
                .listener(
                        "front",
                        l -> l.rule("rule", r -> r.path("/").forwardTo("web").rewrite(changes)))
                .start();
    }

    /** What a server gets of a request, but for what it is told about the client. */
    private static String told(HttpClient client, StrictServer server, String request) throws Exception {
        assertThat(client.send(request).response().status()).isEqualTo(200);
        return server.request().replace(Edge.FORWARDED, "");
    }

    private static String get(String target, String... fields) {
        return "GET " + target + " HTTP/1.1\r\nHost: a.test:81\r\n" + String.join("", fields) + "\r\n";
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void hostPathAndQueryAreReplaced(NettyEngine engine) throws Exception {
        Rewrite changes =
                Rewrite.request().host("www.${host}:8080").path("/v2${path}").query("from=${host}&${query}&x=1");
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = start(engine, server, changes);
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(told(client, server, get("/a/%2e?b=c&d")))
                    .isEqualTo("GET /v2/a/%2e?from=a.test&b=c&d&x=1 HTTP/1.1\r\nHost: www.a.test:8080\r\n\r\n");
            assertThat(told(client, server, get("/a")))
                    .isEqualTo("GET /v2/a?from=a.test&x=1 HTTP/1.1\r\nHost: www.a.test:8080\r\n\r\n");
            assertThat(told(client, server, get("http://b.test")))
                    .isEqualTo("GET /v2/?from=b.test&x=1 HTTP/1.1\r\nHost: www.b.test:8080\r\n\r\n");
            client.send("GET /a HTTP/1.0\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(400);
            assertThat(lb.snapshot().listener("front").ended()).containsEntry(Reason.BAD_HOST, 1L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void eachByItself(NettyEngine engine) throws Exception {
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = start(engine, server, Rewrite.request().query(""));
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(told(client, server, get("/a?b"))).isEqualTo(get("/a"));
            lb.update(c -> c.listener(
                    "front",
                    l -> l.rule("rule", r -> r.rewrite(Rewrite.request().query("${query}&c")))));
            assertThat(told(client, server, get("/a?b"))).isEqualTo(get("/a?b&c"));
            assertThat(told(client, server, get("/a"))).isEqualTo(get("/a?c"));
            lb.update(c -> c.listener(
                    "front",
                    l -> l.rule("rule", r -> r.rewrite(Rewrite.request().path("/new")))));
            assertThat(told(client, server, get("/a?b"))).isEqualTo(get("/new?b"));
            assertThat(told(client, server, get("/a?"))).isEqualTo(get("/new?"));
            lb.update(c -> c.listener(
                    "front",
                    l -> l.rule("rule", r -> r.rewrite(Rewrite.request().host("b.test")))));
            assertThat(told(client, server, get("/a?b"))).isEqualTo("GET /a?b HTTP/1.1\r\nHost: b.test\r\n\r\n");
            lb.update(c -> c.listener("front", l -> l.rule("rule", r -> r.rewrite(null))));
            assertThat(told(client, server, get("/a?b"))).isEqualTo(get("/a?b"));
        }
    }

    /** A client's own field of the name does not survive, however it is spelt. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void headerFieldsAreInsertedAndRemoved(NettyEngine engine) throws Exception {
        Rewrite changes = Rewrite.request()
                .insertHeader("X-Env", "beta 2")
                .insertHeader("X-Client", "${client_ip}:${client_port} ${protocol}://${host}:${port}${path}?${query}")
                .insertHeader("Authorization", "Bearer x")
                .removeHeader("X-Debug");
        try (StrictServer server = new StrictServer();
                LoadBalancer lb = start(engine, server, changes);
                HttpClient client = HttpClient.to(lb, "front")) {
            String added = "X-Env: beta 2\r\nX-Client: 127.0.0.1:"
                    + client.socket().getLocalPort()
                    + " http://a.test:81/a?b\r\nAuthorization: Bearer x\r\n";
            assertThat(told(
                            client,
                            server,
                            get(
                                    "/a?b",
                                    "x-ENV: mine\r\n",
                                    "X-Keep: 1\r\n",
                                    "x-debug: 1\r\nX-Debug: 2\r\n",
                                    "authorization: Basic y\r\n",
                                    "X-Client: me\r\n")))
                    .isEqualTo("GET /a?b HTTP/1.1\r\nHost: a.test:81\r\nX-Keep: 1\r\n" + added + "\r\n");
        }
    }
}
