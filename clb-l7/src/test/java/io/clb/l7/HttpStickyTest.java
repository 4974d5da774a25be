package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.Rewrite;
import io.clb.l4.NettyEngine;
import io.clb.stick.Stickiness;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
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

    /** What the product does: its clients are scheduled anew after a redirect. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theProductsWaysAreToBeHadToo(NettyEngine engine) throws Exception {
        String[] status = {"404 Not Found"};
        try (WebServer server = WebServer.of(request ->
                        WebServer.bytes("HTTP/1.1 " + status[0] + "\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"));
                LoadBalancer lb = sticky(engine, server)
                        .listener(
                                "front",
                                l -> l.sticky(Stickiness.insertCookie(Duration.ofMinutes(30))
                                        .productStatuses(true)))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "").field("set-cookie")).isNull();
            status[0] = "200 OK";
            String set = String.valueOf(ask(client, "").field("set-cookie"));
            String cookie = "Cookie: " + set.substring(0, set.indexOf(';')) + "\r\n";
            assertThat(ask(client, cookie).field("set-cookie")).isNull();
            status[0] = "302 Found";
            assertThat(ask(client, cookie).field("set-cookie")).startsWith("SERVERID=-;");
        }
    }

    private static Config.Builder rewriting(NettyEngine engine, String cookie, WebServer... servers) {
        return sticky(engine, servers).listener("front", l -> l.sticky(Stickiness.rewriteCookie(cookie)));
    }

    /** Says which cookies came, and sets two of its own. */
    private static WebServer withSession(String session) {
        return WebServer.of(request -> {
            String came = request.head()
                    .lines()
                    .filter(line -> line.startsWith("Cookie"))
                    .collect(Collectors.joining("|"));
            String set = came.contains(session) ? "" : "Set-Cookie: ID=" + session + "; Path=/app; Secure\r\n";
            return WebServer.bytes("HTTP/1.1 200 OK\r\nSet-Cookie: theme=ID=; Path=/\r\n" + set + "Content-Length: "
                    + came.length() + "\r\n\r\n" + came);
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aCookieOfTheServersCarriesAMarkThatTheServerNeverSees(NettyEngine engine) throws Exception {
        try (WebServer one = withSession("one");
                WebServer two = withSession("two");
                LoadBalancer lb = rewriting(engine, "ID", one, two).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 4; i++) {
                HttpClient.Response first = ask(client, "");
                assertThat(first.field("set-cookie")).isEqualTo("theme=ID=; Path=/");
                String set = first.fields().stream()
                        .filter(field -> field.startsWith("Set-Cookie: ID="))
                        .findFirst()
                        .orElseThrow();
                assertThat(set).matches("Set-Cookie: ID=[A-Za-z0-9_-]{22}~(one|two); Path=/app; Secure");
                String cookie = set.substring("Set-Cookie: ".length(), set.indexOf(';'));
                String session = cookie.substring(cookie.indexOf('~') + 1);
                for (int again = 0; again < 3; again++) {
                    HttpClient.Response next =
                            ask(client, "Cookie: XID=x~y; " + cookie + "; theme=dark\r\nCookie: " + cookie + "\r\n");
                    assertThat(next.text())
                            .isEqualTo("Cookie: XID=x~y; ID=" + session + "; theme=dark|Cookie: ID=" + session);
                    assertThat(next.fields()).noneMatch(field -> field.startsWith("Set-Cookie: ID="));
                }
            }
        }
    }

    /** A mark that nobody signed leads nowhere, and is no word of the server's either; what has no mark is the server's own. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aForgedMarkIsTakenOffAndAPlainValueIsLeft(NettyEngine engine) throws Exception {
        try (WebServer server = withSession("one");
                LoadBalancer lb = rewriting(engine, "ID", server).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            String forged = "A".repeat(22) + "~one";
            assertThat(ask(client, "Cookie: ID=" + forged + "\r\n").text()).isEqualTo("Cookie: ID=one");
            for (String plain : new String[] {"one", "~one", "A".repeat(21) + "~one", "A".repeat(21) + "!~one"}) {
                assertThat(ask(client, "Cookie: ID=" + plain + "\r\n").text()).isEqualTo("Cookie: ID=" + plain);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRuleThatRewritesLeavesTheMarkToItself(NettyEngine engine) throws Exception {
        try (WebServer server = withSession("one");
                LoadBalancer lb = rewriting(engine, "ID", server)
                        .listener(
                                "front",
                                l -> l.rule(
                                        "all",
                                        r -> r.path("/")
                                                .rewrite(Rewrite.request().path("/v2${path}"))
                                                .forwardTo("web")))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "Cookie: ID=" + "A".repeat(22) + "~one\r\n").text())
                    .isEqualTo("Cookie: ID=one");
        }
    }
}
