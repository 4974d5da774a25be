package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.stick.Stickiness;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that are kept on their server by a cookie. */
final class HttpStickyTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder sticky(NettyEngine engine, WebServer... servers) {
        return Balancers.http(engine, Stream.of(servers).map(WebServer::id).toArray(String[]::new))
                .listener("front", l -> l.sticky(Stickiness.insertCookie(Duration.ofMinutes(30))));
    }

    private static HttpClient.Response ask(HttpClient client, String cookies) throws IOException {
        return client.send("GET / HTTP/1.1\r\nHost: a\r\n" + cookies + "\r\n").response();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theFirstResponseSetsACookieThatBringsTheClientBack(NettyEngine engine) throws Exception {
        try (WebServer one = WebServer.saying("1");
                WebServer two = WebServer.saying("2");
                WebServer three = WebServer.saying("3");
                LoadBalancer lb = sticky(engine, one, two, three).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            Set<String> cookies = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                HttpClient.Response first = ask(client, "");
                String set = String.valueOf(first.field("set-cookie"));
                assertThat(set).matches("SERVERID=[A-Za-z0-9_-]{22}; Path=/; HttpOnly; Max-Age=1800");
                String cookie = set.substring(0, set.indexOf(';'));
                assertThat(cookies.add(cookie)).isTrue();
                for (int again = 0; again < 5; again++) {
                    HttpClient.Response next = ask(client, "Cookie: theme=dark; " + cookie + "\r\n");
                    assertThat(next.text()).isEqualTo(first.text());
                    assertThat(next.field("set-cookie")).isNull();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientWhoseServerIsGoneIsGivenAnother(NettyEngine engine) throws Exception {
        try (WebServer one = WebServer.saying("1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = sticky(engine, one, two).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response first = ask(client, "");
            String set = String.valueOf(first.field("set-cookie"));
            String cookie = "Cookie: " + set.substring(0, set.indexOf(';')) + "\r\n";
            String gone = first.text().equals("1") ? one.id() : two.id();
            lb.update(c -> c.serverGroup("web", g -> g.removeServer(gone)));
            HttpClient.Response next = ask(client, cookie);
            assertThat(next.text()).isNotEqualTo(first.text());
            assertThat(next.field("set-cookie")).startsWith("SERVERID=").isNotEqualTo(set);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anErrorOfTheServersAndARedirectKeepTheCookie(NettyEngine engine) throws Exception {
        byte[] notFound = WebServer.bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        try (WebServer server = WebServer.of(request -> notFound);
                LoadBalancer lb = sticky(engine, server).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response response = ask(client, "Cookie: SERVERID=forged\r\n");
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.field("set-cookie")).startsWith("SERVERID=");
        }
    }
}
