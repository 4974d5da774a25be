package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.Ejection;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.HungServer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Ports;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mirror groups whose servers fail, are slow, or answer without end: clients notice nothing, and what is spent on copies is bounded. */
final class MirrorFaultTest {

    private static final int MIB = 1 << 20;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String HALF = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Has requests with and without a body answered, whose copies are given up. */
    private static void assertUnharmed(NettyEngine engine, String shadow, Reason reason) throws Exception {
        try (WebServer web = WebServer.of(request -> WebServer.ok("web " + request.text()));
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 2; i++) {
                assertThat(client.get("/").text()).isEqualTo("web ");
                Mirrors.awaitGivenUp(lb, reason, 2L * i - 1);
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
                assertThat(client.response().text()).isEqualTo("web hello");
                Mirrors.awaitGivenUp(lb, reason, 2L * i);
            }
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 4L));
            assertThat(lb.snapshot().bufferedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void nobodyListens(NettyEngine engine) throws Exception {
        assertUnharmed(engine, "127.0.0.1:" + Ports.free(), Reason.CONNECT_REFUSED);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aNameThatHasNoAddress(NettyEngine engine) throws Exception {
        assertUnharmed(engine, "nowhere.invalid:80", Reason.NAME_UNRESOLVED);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatCloses(NettyEngine engine) throws Exception {
        try (ScriptedServer shadow = ScriptedServer.of(connection -> {
            if (connection.head().startsWith("POST")) {
                connection.read(5);
            }
        })) {
            assertUnharmed(engine, shadow.id(), Reason.SERVER_CLOSED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatResets(NettyEngine engine) throws Exception {
        try (ScriptedServer shadow = ScriptedServer.of(connection -> {
            if (connection.head().startsWith("POST")) {
                connection.read(5);
            }
            connection.reset();
        })) {
            assertUnharmed(engine, shadow.id(), Reason.SERVER_RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatAnswersNonsense(NettyEngine engine) throws Exception {
        try (ScriptedServer shadow = ScriptedServer.of(connection -> {
            if (connection.head().startsWith("POST")) {
                connection.read(5);
            }
            connection.send("no response\r\n\r\n").awaitEnd();
        })) {
            assertUnharmed(engine, shadow.id(), Reason.BAD_RESPONSE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void noServerMayTakeIt(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .serverGroup("shadow", g -> g.drain(shadow.id()))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            Mirrors.awaitGivenUp(lb, Reason.NO_SERVER_AVAILABLE, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itsSchedulerThrows(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .serverGroup(
                                "shadow",
                                g -> g.scheduler((eligible, previous) -> (flow, now) -> {
                                    throw new IllegalStateException("on purpose");
                                }))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            Mirrors.awaitGivenUp(lb, Reason.EXTENSION_FAILED, 1);
        }
    }

    /** Copies are not worth waiting for. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theServerHasAsManyRequestsAsItMay(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = hanging();
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .serverGroup("shadow", g -> g.server(shadow.id(), s -> s.maxConnections(1)))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            shadow.heads().take();
            assertThat(client.get("/").text()).isEqualTo("web");
            await().until(() -> Mirrors.of(lb).givenUp().equals(Map.of(Reason.SERVER_QUEUE_FULL, 1L)));
            assertThat(lb.snapshot().serverGroup("shadow").waiting()).isZero();
            assertThat(Mirrors.of(lb).active()).isEqualTo(1);
        }
    }

    private static ScriptedServer hanging() {
        return ScriptedServer.of(connection -> {
            connection.head();
            connection.awaitEnd();
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thereAreAsManyCopiesAsThereMayBe(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = hanging();
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .listener("front", l -> l.rule("r", r -> r.maxMirrored(3)))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.get("/").text()).isEqualTo("web");
            }
            assertThat(Mirrors.of(lb).active()).isEqualTo(3);
            assertThat(Mirrors.of(lb).givenUp()).isEqualTo(Map.of(Reason.MAX_MIRRORED, 7L));
            await().until(() -> shadow.heads().size() == 3);
            assertThat(Mirrors.shadow(lb, shadow.id()).active()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatDoesNotReadTheBody(NettyEngine engine) throws Exception {
        int size = 64 * MIB;
        CompletableFuture<Void> done = new CompletableFuture<>();
        try (ScriptedServer web = ScriptedServer.of(connection -> {
                    connection.head();
                    for (int left = size; left > 0; left -= MIB) {
                        connection.read(MIB);
                    }
                    connection.send(OK).awaitEnd();
                });
                ScriptedServer shadow = ScriptedServer.of(connection -> {
                    connection.head();
                    done.join();
                });
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
            CompletableFuture<Void> pouring = client.pour(size);
            assertThat(client.response().status()).isEqualTo(200);
            pouring.join();
            Mirrors.awaitGivenUp(lb, Reason.MIRROR_TOO_SLOW, 1);
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
            assertThat(Mirrors.shadow(lb, shadow.id()).resets()).isZero();
        } finally {
            done.complete(null);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatDoesNotAcceptWhileABodyComes(NettyEngine engine) throws Exception {
        int size = 4 * MIB;
        try (WebServer web = WebServer.of(request -> WebServer.ok("" + request.body().length));
                HungServer shadow = new HungServer();
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
            client.pour(size);
            assertThat(client.response().text()).isEqualTo("" + size);
            Mirrors.awaitGivenUp(lb, Reason.MIRROR_TOO_SLOW, 1);
            assertThat(Mirrors.shadow(lb, shadow.id()).connectFailures()).isZero();
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsHeldForItCountsAgainstTheMemoryOfAll(NettyEngine engine) throws Exception {
        try (ScriptedServer web = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.read(30_000);
                    connection.awaitEnd();
                });
                HungServer shadow = new HungServer();
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n" + "x".repeat(30_000));
            await().untilAsserted(
                            () -> assertThat(lb.snapshot().bufferedBytes()).isBetween(30_000L, 40_000L));
            client.reset();
            Mirrors.awaitGivenUp(lb, Reason.MIRROR_CUT_SHORT, 1);
            assertThat(lb.snapshot().bufferedBytes()).isZero();
        }
    }

    /** Copies go first where memory is short: the request they are of goes on. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thereIsNoMemoryForCopies(NettyEngine engine) throws Exception {
        int clients = 30;
        HttpClient[] all = new HttpClient[clients];
        try (WebServer web = WebServer.of(request -> WebServer.ok("" + request.body().length));
                HungServer shadow = new HungServer();
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id())
                        .engine(engine)
                        .maxBufferedMiB(1)
                        .start()) {
            for (int i = 0; i < clients; i++) {
                all[i] = HttpClient.to(lb, "front");
                all[i].send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40001\r\n\r\n" + "x".repeat(40_000));
                int sent = i + 1;
                await().pollInterval(Mirrors.POLL)
                        .until(() -> Balancers.front(lb).bytesFromClients() > 40_000L * sent);
            }
            await().until(() -> Mirrors.of(lb).givenUp().containsKey(Reason.MEMORY));
            assertThat(Mirrors.of(lb).active()).isPositive();
            assertThat(lb.snapshot().bufferedBytes()).isBetween(MIB / 2L, (long) MIB);
            for (HttpClient client : all) {
                assertThat(client.send("y").response().text()).isEqualTo("40001");
            }
            assertThat(Balancers.front(lb).ended()).containsOnlyKeys(Reason.COMPLETED);
        } finally {
            for (HttpClient client : all) {
                if (client != null) {
                    client.close();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientThatGoesAwayTakesItsUnfinishedCopyAlong(NettyEngine engine) throws Exception {
        try (ScriptedServer web = hanging();
                ScriptedServer shadow = hanging();
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start()) {
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
        try (ScriptedServer web = hanging();
                WebServer shadow = WebServer.of(request -> {
                    gone.join();
                    return WebServer.ok("shadow");
                });
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start()) {
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
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatAnswersBeforeItHasTheBodyIsNotSentTheRest(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.of(request -> WebServer.ok(request.text()));
                ScriptedServer shadow = ScriptedServer.of(connection -> connection
                        .answer("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")
                        .awaitEnd());
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 2; i++) {
                client.send(HALF);
                Mirrors.awaitMirrored(lb, i);
                assertThat(client.send("world").response().text()).isEqualTo("helloworld");
                assertThat(shadow.accepted()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatFailsIsEjected(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                WebServer shadow =
                        WebServer.of(request -> WebServer.bytes("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"));
                WebServer other = WebServer.saying("other");
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id(), other.id())
                        .engine(engine)
                        .serverGroup("shadow", g -> g.ejection(Ejection.after(2)))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 4; i++) {
                assertThat(client.get("/").text()).isEqualTo("web");
                Mirrors.awaitMirrored(lb, i);
            }
            await().until(() -> Mirrors.shadow(lb, shadow.id()).state() == ServerState.EJECTED);
            assertThat(client.get("/").text()).isEqualTo("web");
            Mirrors.awaitMirrored(lb, 5);
        }
    }

    private static LoadBalancer start(FakeClock clock, String transport, Config.Builder config) {
        return clock.start(
                transport,
                config.listener(
                                "front",
                                l -> l.requestTimeout(Duration.ofSeconds(20)).connectTimeout(Duration.ofSeconds(3)))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatDoesNotAccept(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer web = WebServer.saying("web");
                HungServer shadow = new HungServer();
                LoadBalancer lb = start(clock, transport, Mirrors.mirroring(web.id(), shadow.id()));
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            assertThat(Mirrors.of(lb).active()).isEqualTo(1);
            clock.advance(Duration.ofMillis(3_100));
            Mirrors.awaitGivenUp(lb, Reason.CONNECT_TIMEOUT, 1);
            assertThat(Mirrors.shadow(lb, shadow.id()).connectFailures()).isEqualTo(1);
            assertThat(client.get("/").text()).isEqualTo("web");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatDoesNotAnswer(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = hanging();
                LoadBalancer lb = start(clock, transport, Mirrors.mirroring(web.id(), shadow.id()));
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            shadow.heads().take();
            clock.advance(Duration.ofMillis(19_900));
            assertThat(Mirrors.of(lb).active()).isEqualTo(1);
            clock.advance(Duration.ofMillis(200));
            Mirrors.awaitGivenUp(lb, Reason.RESPONSE_TIMEOUT, 1);
            assertThat(shadow.ends().take()).isNotNull();
        }
    }

    /** Nor is it hurried while the client takes its time. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatHasToWaitForTheBody(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer web = WebServer.saying("web");
                WebServer shadow = WebServer.saying("shadow");
                LoadBalancer lb = start(
                        clock,
                        transport,
                        Mirrors.mirroring(web.id(), shadow.id())
                                .listener(
                                        "front",
                                        l -> l.headTimeout(Duration.ofSeconds(60))
                                                .minDataRate(0)));
                HttpClient client = HttpClient.to(lb, "front").send(HALF)) {
            await().until(() -> shadow.open() == 1);
            clock.advance(Duration.ofSeconds(25));
            clock.advance(Duration.ofSeconds(25));
            assertThat(client.send("world").response().text()).isEqualTo("web");
            Mirrors.awaitMirrored(lb, 1);
        }
    }

    /** A stream of events does not end with that of the client: it is given as long as a silent server. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatAnswersWithoutEnd(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String block = "x".repeat(64 * 1_024);
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = ScriptedServer.of(connection ->
                        connection.answer("HTTP/1.1 200 OK\r\n\r\n").sendForEver(block));
                LoadBalancer lb = start(clock, transport, Mirrors.mirroring(web.id(), shadow.id()));
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            long much = 8L * MIB;
            await().until(() -> Mirrors.shadow(lb, shadow.id()).bytesFromServer() > much);
            assertThat(client.get("/404").text()).as("others are served").isEqualTo("web");
            clock.advance(Duration.ofSeconds(19));
            long before = Mirrors.shadow(lb, shadow.id()).bytesFromServer();
            await().until(() -> Mirrors.shadow(lb, shadow.id()).bytesFromServer() > before + much);
            assertThat(Mirrors.of(lb).active()).isEqualTo(2);
            clock.advance(Duration.ofMillis(1_100));
            Mirrors.awaitGivenUp(lb, Reason.MIRROR_TOO_SLOW, 2);
            assertThat(Mirrors.shadow(lb, shadow.id()).resets()).isZero();
            assertThat(lb.snapshot().bufferedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerWhoseTimeToDrainIsOver(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = hanging();
                LoadBalancer lb = start(
                        clock,
                        transport,
                        Mirrors.mirroring(web.id(), shadow.id())
                                .serverGroup("shadow", g -> g.draining(Duration.ofSeconds(10))));
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
                ScriptedServer shadow = hanging();
                LoadBalancer lb =
                        Mirrors.mirroring(web.id(), shadow.id()).engine(engine).start();
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
                ScriptedServer shadow = hanging();
                LoadBalancer lb = Mirrors.mirroring(web.id(), shadow.id(), hung.id())
                        .engine(engine)
                        .start();
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
