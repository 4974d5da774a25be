package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.HungServer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is spent on copies of requests is bounded. */
final class MirrorBoundsTest {

    private static final int MIB = 1 << 20;
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Copies are not worth waiting for. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theServerHasAsManyRequestsAsItMay(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = ScriptedServer.hanging();
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

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void thereAreAsManyCopiesAsThereMayBe(NettyEngine engine) throws Exception {
        try (WebServer web = WebServer.saying("web");
                ScriptedServer shadow = ScriptedServer.hanging();
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
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
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
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
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
                LoadBalancer lb = Mirrors.start(engine, web.id(), shadow.id());
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
}
