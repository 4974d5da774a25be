package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.HungServer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How copies of requests end when others do: clients, servers, the balancer. */
final class MirrorEndTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String HALF = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatGoesAwayTakesItsUnfinishedCopyAlong(NettyEngine engine) throws Exception {
        try (ScriptedServer web = ScriptedServer.hanging();
                ScriptedServer shadow = ScriptedServer.hanging();
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id())) {
            for (int i = 1; i <= 2; i++) {
                try (HttpClient client = HttpClient.to(lb, "front").send(HALF)) {
                    shadow.heads().take();
                    client.reset();
                }
                Mirrors.awaitGivenUp(lb, Reason.MIRROR_CUT_SHORT, i);
                assertThat(shadow.ends().take()).isNotNull();
            }
            assertThat(Mirrors.shadow(lb, shadow.id()).resets())
                    .as("its server is not to blame")
                    .isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatGoesAwayLeavesItsWholeCopy(NettyEngine engine) throws Exception {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        try (ScriptedServer web = ScriptedServer.hanging();
                WebServer shadow = WebServer.of(request -> {
                    gone.join();
                    return WebServer.ok("shadow");
                });
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .listener("front", l -> l.cancelOnDisconnect(true))
                        .start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(HALF + "world")) {
                shadow.requests().take();
                client.reset();
            }
            Balancers.awaitNothingActive(lb);
            gone.complete(null);
            Mirrors.awaitMirrored(lb, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerWhoseTimeToDrainIsOver(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = ScriptedServer.hanging();
                LoadBalancer lb = clock.start(
                        transport,
                        Mirrors.mirroring(web.id(), shadow.id())
                                .serverGroup("shadow", g -> g.draining(Duration.ofSeconds(10)))
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            shadow.heads().take();
            lb.update(c -> c.serverGroup("shadow", g -> g.drain(shadow.id())));
            clock.advance(Duration.ofMillis(9_900));
            assertThat(Mirrors.of(lb).active()).isEqualTo(1);
            clock.advance(Duration.ofMillis(200));
            Mirrors.awaitGivenUp(lb, Reason.SERVER_DRAINED, 1);
            assertThat(shadow.ends().take()).isNotNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noShutdownWaitsForIt(NettyEngine engine) throws Exception {
        CompletableFuture<Void> allowed = new CompletableFuture<>();
        try (WebServer web = WebServer.of(request -> {
                    if (request.path().equals("/waits")) {
                        allowed.join();
                    }
                    return WebServer.ok("web");
                });
                ScriptedServer shadow = ScriptedServer.hanging();
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
                HttpClient client = HttpClient.to(lb, "front");
                HttpClient waiting = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            waiting.send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
            shadow.heads().take();
            shadow.heads().take();
            CompletableFuture<Void> down = lb.shutdown(Duration.ofMinutes(1)).toCompletableFuture();
            Mirrors.awaitGivenUp(lb, Reason.SHUTDOWN, 2);
            assertThat(down).isNotDone();
            allowed.complete(null);
            assertThat(waiting.response().text()).isEqualTo("web");
            waiting.leave();
            client.leave();
            assertThat(down).succeedsWithin(Duration.ofSeconds(10));
            await().until(() -> shadow.open() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    @SuppressWarnings("try") // closing is what this is about
    void closeEndsIt(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                HungServer hung = new HungServer();
                ScriptedServer shadow = ScriptedServer.hanging();
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id(), hung.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 4; i++) {
                assertThat(client.send(GET).response().text()).isEqualTo("web");
            }
            await().until(() -> shadow.heads().size() == 2);
            lb.close();
            Mirrors.awaitGivenUp(lb, Reason.SHUTDOWN, 4);
            await().until(() -> shadow.open() == 0);
            await().untilAsserted(() -> assertThat(Balancers.threads("test")).isEmpty());
        }
    }
}
