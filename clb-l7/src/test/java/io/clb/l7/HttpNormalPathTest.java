package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Config;
import io.clb.FixedResponse;
import io.clb.LoadBalancer;
import io.clb.RuleConfig.PathMatch;
import io.clb.l4.NettyEngine;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules are asked for the normal form of a path; servers get it as it came. */
final class HttpNormalPathTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder guarded(NettyEngine engine, WebServer server) {
        return Balancers.http(engine, server.id())
                .listener(
                        "front",
                        l -> l.maxRequestsPerConnection(1_000)
                                .rule(
                                        "admin",
                                        r -> r.path("/admin", PathMatch.SEGMENTS)
                                                .respond(FixedResponse.of(403))));
    }

    private static int ask(HttpClient client, String target) throws Exception {
        HttpClient.Response response = client.get(target);
        assertThat(response.field("connection")).as(target).isNull();
        return response.status();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noSpellingOfAPathEscapesARule(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("ok");
                LoadBalancer lb = guarded(engine, server).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String target : List.of(
                    "/admin",
                    "/%61dmin",
                    "/%61%64%6D%69%6e/x",
                    "/./admin",
                    "/%2e/admin",
                    "/x/../admin",
                    "/x/%2E%2e/admin/y",
                    "/x/y/./../../admin",
                    "/admin/",
                    "/admin/.",
                    "/admin/x/..",
                    "/admin/../admin?x=/../",
                    "http://b/x/../admin",
                    "/" + "x/".repeat(1_000) + "../".repeat(1_000) + "admin")) {
                assertThat(ask(client, target)).as(target).isEqualTo(403);
            }
            assertThat(server.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void serversGetWhatTheClientSent(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("ok");
                LoadBalancer lb = guarded(engine, server).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String target : List.of(
                    "/admin/../%78?a=%61",
                    "/administrator",
                    "/%41dmin",
                    "/admin%25",
                    "/%2561dmin",
                    "//admin",
                    "/x//../admin",
                    "/.admin",
                    "/..admin/admin",
                    "/x?/../admin")) {
                assertThat(ask(client, target)).as(target).isEqualTo(200);
                assertThat(server.requests().take().path()).isEqualTo(target);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void slashesAreMergedWhereTheListenerSaysSo(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("ok");
                LoadBalancer lb = guarded(engine, server)
                        .listener("front", l -> l.mergeSlashes(true))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String target : List.of("//admin", "///admin//x", "/x//../admin", "/x/.//../admin")) {
                assertThat(ask(client, target)).as(target).isEqualTo(403);
            }
            assertThat(ask(client, "//x//admin")).isEqualTo(200);
            assertThat(server.requests().take().path()).isEqualTo("//x//admin");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void escapedSlashesAreComparedAsTheyStand(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("ok");
                LoadBalancer lb = guarded(engine, server)
                        .listener(
                                "front",
                                l -> l.allowEscapedSlashes(true)
                                        .rule("escaped", r -> r.path("/a%2Fb").respond(FixedResponse.of(404))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, "/a%2fb")).isEqualTo(404);
            assertThat(ask(client, "/a/b")).isEqualTo(200);
            assertThat(ask(client, "/x%2F..%2Fadmin")).isEqualTo(200);
            assertThat(ask(client, "/x%5c../../admin")).isEqualTo(403);
        }
    }
}
