package io.clb.l7;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.AccessLog;
import io.clb.Cluster;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.RequestFilters;
import io.clb.Rewrite;
import io.clb.Snapshot;
import io.clb.Snapshot.Metric;
import io.clb.XForwardedFor;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.l4.Seen;
import io.clb.schedule.Schedulers;
import io.clb.spi.HttpFlow;
import io.clb.spi.Reason;
import io.clb.spi.RequestFilter;
import io.clb.spi.Ruling;
import io.clb.stick.Stickiness;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What copies of requests a mirror group gets, and what else does not know of them. */
final class MirrorTest {

    private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: a.test\r\nX-Mine: 1\r\n\r\n";
    private static final String POST = "POST /a HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello";
    private static final String CHUNKED =
            "PUT /a HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n3\r\n to\r\n0\r\nX-End: 1\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static WebServer.Request take(WebServer server) throws InterruptedException {
        return requireNonNull(server.requests().poll(10, TimeUnit.SECONDS), "no request came");
    }

    /** Shows that both servers got the same, to the byte. */
    private static WebServer.Request assertCopied(WebServer web, WebServer shadow) throws InterruptedException {
        WebServer.Request original = take(web);
        WebServer.Request copy = take(shadow);
        assertThat(copy.head()).isEqualTo(original.head());
        assertThat(copy.body()).isEqualTo(original.body());
        return copy;
    }

    /** So that two versions of a service can be compared by what the snapshot tells of their groups. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void isCountedForItsGroupAndServerAndForNobodyElse(NettyEngine engine) throws Exception {
        byte[] broken = WebServer.bytes("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.of(request -> broken);
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
            }
            Mirrors.awaitMirrored(lb, 3);
            Snapshot snapshot = lb.snapshot();
            Snapshot.ServerGroup group = snapshot.serverGroup("shadow");
            for (Snapshot.Part part : List.of(group, group.server(shadow.id()))) {
                assertThat(part.count(Metric.REQUESTS)).isEqualTo(3);
                assertThat(part.count(Metric.UPSTREAM_5XX)).isEqualTo(3);
                assertThat(part.ended()).isEqualTo(Map.of(Reason.COMPLETED, 3L));
            }
            assertThat(group.active()).isZero();
            Snapshot.Rule rule = snapshot.listener("front").rule("r");
            for (Snapshot.Part part : List.of(snapshot.listener("front"), rule, snapshot.serverGroup("web"))) {
                assertThat(part.count(Metric.REQUESTS)).isEqualTo(3);
                assertThat(part.count(Metric.UPSTREAM_2XX)).isEqualTo(3);
                assertThat(part.count(Metric.UPSTREAM_5XX)).isZero();
                assertThat(part.ended()).isEqualTo(Map.of(Reason.COMPLETED, 3L));
            }
            await().untilAsserted(() -> assertThat(lb.snapshot()
                            .serverGroup("shadow")
                            .latency()
                            .lastMinute()
                            .count())
                    .isEqualTo(3));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsWhatTheServerGetsOverAConnectionThatIsKept(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .listener(
                                "front",
                                l -> l.xForwardedHost(true)
                                        .rule(
                                                "r",
                                                r -> r.rewrite(Rewrite.request()
                                                        .path("/new${path}")
                                                        .insertHeader("X-Added", "yes")
                                                        .removeHeader("X-Mine"))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            long mirrored = 0;
            for (String request : List.of(GET, POST, CHUNKED, GET)) {
                assertThat(client.send(request).response().text()).isEqualTo("web");
                WebServer.Request copy = assertCopied(web, shadow);
                assertThat(copy.path()).startsWith("/new/a");
                assertThat(copy.head())
                        .contains("X-Added: yes\r\n", "X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-Host: a.test\r\n")
                        .doesNotContain("X-Mine");
                Mirrors.awaitMirrored(lb, ++mirrored);
            }
            assertThat(shadow.accepted()).isEqualTo(1);
            assertThat(Mirrors.of(lb).serverGroup()).isEqualTo("shadow");
            Snapshot.Server server = Mirrors.shadow(lb, shadow.id());
            assertThat(server.connections()).isEqualTo(1);
            assertThat(server.bytesFromServer()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsALargeBodyWhole(NettyEngine engine) throws Exception {
        String body = "0123456789abcdef".repeat(25_000);
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            String head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n";
            assertThat(client.send(GET).response().text()).isEqualTo("web");
            assertCopied(web, shadow);
            for (int i = 2; i <= 4; i++) {
                assertThat(client.send(head + body).response().text()).isEqualTo("web");
                assertThat(assertCopied(web, shadow).text()).isEqualTo(body);
                Mirrors.awaitMirrored(lb, i);
            }
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsTheBodyThatTheServerAskedForWithoutBeingAsked(NettyEngine engine) throws Exception {
        try (ScriptedServer web = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 100 Continue\r\n\r\n").read(5);
                    connection
                            .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                            .awaitEnd();
                });
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nEXPECT: 100-continue\r\nContent-Length: 5\r\nX-After: 1\r\n\r\n");
            assertThat(client.line()).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(client.line()).isEmpty();
            assertThat(client.send("hello").response().status()).isEqualTo(200);
            WebServer.Request copy = take(shadow);
            String head = web.heads().take();
            assertThat(head).contains("EXPECT: 100-continue\r\n");
            assertThat(copy.head()).isEqualTo(head.replace("EXPECT: 100-continue\r\n", ""));
            assertThat(copy.text()).isEqualTo("hello");
            Mirrors.awaitMirrored(lb, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsARequestForTheHeadAlone(NettyEngine engine) throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        ScriptedServer.Script script = connection -> {
            connection.answer(head);
            connection.answer(head).awaitEnd();
        };
        try (ScriptedServer web = ScriptedServer.of(script);
                ScriptedServer shadow = ScriptedServer.of(script);
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 2; i++) {
                client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(client.response(true).status()).isEqualTo(200);
                Mirrors.awaitMirrored(lb, i);
            }
            assertThat(shadow.accepted()).isEqualTo(1);
        }
    }

    /** Its own server closes the idle connection under each second request, which goes to it once more. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsOnceWhatIsSentAgain(NettyEngine engine) throws Exception {
        try (ScriptedServer web = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    connection.head();
                });
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.get("/").status()).isEqualTo(200);
                Mirrors.awaitMirrored(lb, i);
            }
            assertThat(web.accepted()).isEqualTo(3);
            assertThat(shadow.requests()).hasSize(3);
        }
    }

    /** It is sent only once, so it goes over no connection that is known to be closed. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void goesOverNoConnectionThatItsServerHasClosed(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .serverGroup(
                                "shadow",
                                g -> g.scheduler((eligible, previous) -> (flow, now) -> {
                                    shadow.hangUp();
                                    return eligible.server(0);
                                }))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("web");
                Mirrors.awaitMirrored(lb, i);
            }
            assertThat(shadow.accepted()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsNothingThatNoServerGets(NettyEngine engine) throws Exception {
        try (WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.start(engine, "127.0.0.1:" + Ports.free(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(502);
            Mirrors.awaitMirrored(lb, 0);
            assertThat(shadow.accepted()).isZero();
        }
    }

    /** Its scheduler is its own, and stickiness is nothing to it. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itsOwnSchedulerPicksTheServer(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer first = WebServer.saying("first");
                WebServer second = WebServer.saying("second");
                LoadBalancer lb = Mirrors.mirroring(web.id(), first.id(), second.id())
                        .engine(engine)
                        .serverGroup("shadow", g -> g.scheduler(Schedulers.roundRobin()))
                        .listener(
                                "front",
                                l -> l.sticky(Stickiness.sourceIp(Duration.ofMinutes(1)))
                                        .rule("r", r -> r.scheduler(Schedulers.sourceHash())))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 6; i++) {
                assertThat(client.get("/").text()).isEqualTo("web");
                Mirrors.awaitMirrored(lb, i);
            }
            assertThat(first.requests()).hasSize(3);
            assertThat(second.requests()).hasSize(3);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsAShareOfTheRequestsByChance(NettyEngine engine) throws Exception {
        int requests = 200;
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .listener(
                                "front",
                                l -> l.maxRequestsPerConnection(requests).rule("r", r -> r.mirrorTo("shadow", 50)))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < requests; i++) {
                assertThat(client.get("/").text()).isEqualTo("web");
            }
            await().until(() -> Mirrors.of(lb).active() == 0);
            // Outside of that once in 10^11 times.
            assertThat(Mirrors.of(lb).mirrored()).isBetween(50L, 150L);
            assertThat(Mirrors.of(lb).givenUp()).isEmpty();
            assertThat(shadow.requests()).hasSize((int) Mirrors.of(lb).mirrored());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noLimitLogOrObserverKnowsOfIt(NettyEngine engine, @TempDir Path directory) throws Exception {
        Path file = directory.resolve("access.log");
        Seen seen = new Seen();
        String answer = "x".repeat(100_000);
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying(answer);
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .cluster(Cluster.single())
                        .observer(seen)
                        .accessLog(AccessLog.file(file))
                        .listener(
                                "front",
                                l -> l.maxConnections(1)
                                        .limit(Limit.qps(40))
                                        // With which the answers to copies would take half a minute.
                                        .rule("r", r -> r.limit(Limit.bandwidth(100_000))))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 4; i++) {
                assertThat(client.get("/").text()).isEqualTo("web");
                Mirrors.awaitMirrored(lb, i);
            }
            Snapshot.Listener front = Balancers.front(lb);
            assertThat(front.active()).isEqualTo(1);
            assertThat(front.requests()).isEqualTo(4);
            assertThat(front.bytesFromServers()).isLessThan(answer.length());
            assertThat(front.ended()).isEqualTo(Map.of(Reason.COMPLETED, 4L));
            for (int i = 0; i < 4; i++) {
                assertThat(seen.next().group()).isEqualTo("web");
            }
            assertThat(seen.flows()).isEmpty();
            await().until(() -> lb.snapshot().accessLog().lines() >= 4);
            assertThat(Files.readAllLines(file)).hasSize(4).noneMatch(line -> line.contains(shadow.id()));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsNoRequestForAWebSocket(NettyEngine engine) throws Exception {
        try (ScriptedServer web = ScriptedServer.answering("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(Frames.REQUEST);
            assertThat(client.response().status()).isEqualTo(400);
            assertThat(web.heads().take().toLowerCase(Locale.ROOT)).contains("upgrade: websocket");
            Mirrors.awaitMirrored(lb, 0);
            assertThat(shadow.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void getsWhatFiltersHeldAndLetGoOn(NettyEngine engine) throws Exception {
        RequestFilter whole = new RequestFilter() {
            @Override
            public void request(HttpFlow request, Ruling ruling) {
                ruling.pass();
            }

            @Override
            public void body(ByteBuffer bytes, boolean last, Ruling ruling) {
                if (!last) {
                    ruling.more();
                } else if (bytes.remaining() > 0 && bytes.get(0) == 'x') {
                    ruling.deny(403);
                } else {
                    ruling.pass();
                }
            }
        };
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .requestFilters(RequestFilters.of(whole))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
            for (String part : List.of("he", "llo ", "you!")) {
                client.send(part);
                lb.update(c -> {});
            }
            assertThat(client.response().text()).isEqualTo("web");
            assertThat(assertCopied(web, shadow).text()).isEqualTo("hello you!");
            Mirrors.awaitMirrored(lb, 1);
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx123456789");
            assertThat(client.response().status()).isEqualTo(403);
            await().until(() -> Mirrors.of(lb).active() == 0);
            assertThat(Mirrors.of(lb).mirrored()).isEqualTo(1);
            assertThat(shadow.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void isIntroducedWithAHeaderOfTheProxyProtocol(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .listener(
                                "front",
                                l -> l.proxyProtocolOut(ProxyProtocol.Version.V1)
                                        .xForwardedFor(XForwardedFor.REMOVE))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 2; i++) {
                assertThat(client.send(POST).response().text()).isEqualTo("web");
                assertThat(assertCopied(web, shadow).head()).startsWith("PROXY TCP4 127.0.0.1 ");
                Mirrors.awaitMirrored(lb, i);
            }
            assertThat(shadow.accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anUpdateTakesItAwayAndWhatIsUnderWayGoesOn(NettyEngine engine) throws Exception {
        Semaphore allowed = new Semaphore(0);
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.of(request -> {
                    allowed.acquireUninterruptibly();
                    return WebServer.ok("shadow");
                });
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            take(shadow);
            lb.update(c -> c.removeServerGroup("shadow").listener("front", l -> l.rule("r", r -> r.noMirror())));
            assertThat(Balancers.front(lb).mirrors()).isEmpty();
            assertThat(client.get("/").text()).isEqualTo("web");
            allowed.release(2);
            lb.update(c -> c.serverGroup(
                            "shadow", g -> g.healthCheck(HealthCheck.none()).server(shadow.id()))
                    .listener("front", l -> l.rule("r", r -> r.mirrorTo("shadow"))));
            Mirrors.awaitMirrored(lb, 1);
            assertThat(client.get("/").text()).isEqualTo("web");
            Mirrors.awaitMirrored(lb, 2);
            assertThat(shadow.requests()).hasSize(1);
        }
    }
}
