package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.Cluster;
import io.clb.Config;
import io.clb.FixedResponse;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.IOException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Listeners that send everybody to HTTPS. */
final class HttpsRedirectTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** A listener that has nothing else to do, no server group either. */
    private static Config.Builder plain(Consumer<ListenerConfig.Builder> settings) {
        return LoadBalancer.builder()
                .listener("front", l -> settings.accept(l.http(0).bind("127.0.0.1")));
    }

    private static String location(HttpClient client, String request, String host) throws IOException {
        HttpClient.Response response =
                client.send(request + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response();
        assertThat(response.field("content-length")).isEqualTo("0");
        assertThat(response.field("connection")).isNull();
        return response.status() + " " + response.field("location");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void hostPathAndQueryAreKept(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (LoadBalancer lb = plain(ListenerConfig.Builder::redirectToHttps)
                        .engine(engine)
                        .observer(seen)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(location(client, "GET /a/%3f?b=c&d?e", "example.com"))
                    .isEqualTo("302 https://example.com/a/%3f?b=c&d?e");
            assertThat(location(client, "GET /", "example.com:8080")).isEqualTo("302 https://example.com/");
            assertThat(location(client, "GET /?", "[2001:db8::1]:80")).isEqualTo("302 https://[2001:db8::1]/");
            assertThat(location(client, "GET //evil.com/", "a")).isEqualTo("302 https://a//evil.com/");
            assertThat(location(client, "GET http://target:81/x", "field")).isEqualTo("302 https://target/x");
            assertThat(location(client, "GET http://target?q", "field")).isEqualTo("302 https://target/?q");
            assertThat(location(client, "OPTIONS *", "a")).isEqualTo("302 https://a/");
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.REDIRECTED_TO_HTTPS);
            assertThat(flow.status()).isEqualTo(302);
            assertThat(flow.request()).isEqualTo("GET /a/%3f?b=c&d?e");
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.REDIRECTED_TO_HTTPS, 7L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void portAndStatusMayBeOthersAndChangeForOpenConnections(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener(
                                "front",
                                l -> l.rule("rule", r -> r.path("/rule").respond(FixedResponse.of(404))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(200);
            for (int status : new int[] {301, 302, 303, 307, 308}) {
                lb.update(c -> c.listener("front", l -> l.redirectToHttps(8_443).redirectStatus(status)));
                assertThat(location(client, "GET /rule/x", "a:80")).isEqualTo(status + " https://a:8443/rule/x");
            }
            lb.update(c -> c.listener("front", l -> l.redirectToHttps(0)));
            assertThat(client.get("/").text()).isEqualTo("hello");
            assertThat(client.get("/rule").status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whoNamesNoHostCannotBeSentAnywhere(NettyEngine engine) throws Exception {
        try (LoadBalancer lb = plain(ListenerConfig.Builder::redirectToHttps)
                        .engine(engine)
                        .start();
                HttpClient old = HttpClient.to(lb, "front");
                HttpClient nameless = HttpClient.to(lb, "front")) {
            HttpClient.Response response =
                    old.send("GET /x HTTP/1.0\r\nHost: a\r\n\r\n").response();
            assertThat(response.field("location")).isEqualTo("https://a/x");
            assertThat(response.field("connection")).isEqualTo("close");
            assertThat(nameless.send("GET /x HTTP/1.0\r\n\r\n").response().status())
                    .isEqualTo(400);
            assertThat(nameless.endsInOrder()).isTrue();
            assertThat(Balancers.front(lb).ended())
                    .containsEntry(Reason.BAD_HOST, 1L)
                    .containsEntry(Reason.REDIRECTED_TO_HTTPS, 1L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyIsNotWaitedForAndHeadHasNone(NettyEngine engine) throws Exception {
        try (LoadBalancer lb = plain(l -> l.redirectToHttps().redirectStatus(307))
                        .engine(engine)
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(location(client, "HEAD /x", "a")).isEqualTo("307 https://a/x");
            client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
            HttpClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(307);
            assertThat(response.field("connection")).isEqualTo("close");
            assertThat(client.endsInOrder()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void accessListsAndLimitsComeFirst(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (LoadBalancer lb = clock.start(
                        transport,
                        plain(l -> l.redirectToHttps()
                                        .access(AccessControl.deny("127.0.0.3"))
                                        .limit(Limit.qps(10)))
                                .cluster(Cluster.single())
                                .build());
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient denied = HttpClient.from("127.0.0.3", lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(302);
            assertThat(client.get("/").status()).isEqualTo(503);
            assertThat(denied.response().status()).isEqualTo(403);
        }
    }
}
