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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mirror groups whose servers fail: clients notice nothing, and the servers are counted as any. */
final class MirrorFaultTest {

    private static final int MIB = 1 << 20;
    private static final int BODY = 20_000;
    private static final String HALF = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Has requests with and without a body answered, whose copies are given up. */
    private static void assertUnharmed(NettyEngine engine, String shadow, Reason reason) throws Exception {
        try (WebServer web = WebServer.of(request -> WebServer.ok("web " + request.text()));
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow);
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

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerThatAnswersBeforeItHasTheBodyIsNotSentTheRest(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.of(request -> WebServer.ok(request.text()));
                ScriptedServer shadow = ScriptedServer.of(connection -> connection
                        .answer("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")
                        .awaitEnd());
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
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

    /** Answers, resets, closes, answers nonsense, or answers too early, as the path says. */
    private static ScriptedServer moody() {
        return ScriptedServer.of(connection -> {
            while (true) {
                String head = connection.head();
                switch (head.charAt("POST /".length())) {
                    case '0' -> {
                        connection.read(BODY);
                        connection.send(OK);
                    }
                    case '1' -> connection.reset();
                    case '2' -> {
                        connection.read(BODY);
                        return;
                    }
                    case '3' -> {
                        connection.read(BODY / 2);
                        connection.send("nonsense\r\n\r\n");
                        return;
                    }
                    default -> {
                        connection.send(OK);
                        return;
                    }
                }
            }
        });
    }

    private static void post(LoadBalancer lb, int requests) {
        try (HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < requests; i++) {
                client.send("POST /" + i % 5 + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY + "\r\n\r\n"
                        + "x".repeat(BODY));
                assertThat(client.response().text()).isEqualTo("" + BODY);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void eachCopyIsCountedOnceWhateverBecomesOfIt(NettyEngine engine) throws Exception {
        int clients = 4;
        int requests = 50;
        try (WebServer web = WebServer.of(request -> WebServer.ok("" + request.body().length));
                ScriptedServer shadow = moody();
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id())) {
            CompletableFuture<?>[] all = new CompletableFuture<?>[clients];
            for (int i = 0; i < clients; i++) {
                all[i] = CompletableFuture.runAsync(() -> post(lb, requests));
            }
            assertThat(CompletableFuture.allOf(all)).succeedsWithin(Duration.ofSeconds(30));
            await().until(() -> Mirrors.of(lb).active() == 0);
            long givenUp = Mirrors.of(lb).givenUp().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(Mirrors.of(lb).mirrored() + givenUp).isEqualTo((long) clients * requests);
            assertThat(Mirrors.of(lb).mirrored()).isPositive();
            assertThat(Mirrors.of(lb).givenUp())
                    .containsKeys(Reason.BAD_RESPONSE)
                    .doesNotContainKey(Reason.INTERNAL_ERROR);
            assertThat(Mirrors.shadow(lb, shadow.id()).active()).isZero();
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, (long) clients * requests));
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
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
                ScriptedServer shadow = ScriptedServer.hanging();
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
        AtomicInteger heard = new AtomicInteger();
        String block = "x".repeat(MIB);
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 200 OK\r\n\r\n");
                    // more than the system holds, so that the balancer has read of it
                    for (int i = 0; i < 16; i++) {
                        connection.send(block);
                    }
                    heard.incrementAndGet();
                    connection.sendForEver(block);
                });
                LoadBalancer lb = start(clock, transport, Mirrors.mirroring(web.id(), shadow.id()));
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").text()).isEqualTo("web");
            long much = 8L * MIB;
            await().until(() -> Mirrors.shadow(lb, shadow.id()).bytesFromServer() > much);
            assertThat(client.get("/404").text()).as("others are served").isEqualTo("web");
            await().until(() -> heard.get() == 2);
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
}
