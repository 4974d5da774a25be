package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Flow;
import io.clb.spi.Outcome;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What flows through an open WebSocket, and how it ends by itself; how it ends when its time is over, see {@link TunnelDrainTest}. */
final class TunnelTest {

    private static final int MIB = 1 << 20;
    private static final Duration IDLE = Duration.ofHours(1);

    /** It looks eight times in a period. */
    private static final Duration LOOK = IDLE.dividedBy(8);

    private static final Duration TICK = Duration.ofMillis(20);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static HttpClient open(LoadBalancer lb) throws Exception {
        return opened(HttpClient.to(lb, "front"));
    }

    private static HttpClient opened(HttpClient client) throws Exception {
        assertThat(client.send(Frames.REQUEST).response().status()).isEqualTo(101);
        return client;
    }

    private static String text(HttpClient client, int bytes) throws Exception {
        return new String(client.exactly(bytes), ISO_8859_1);
    }

    private static void awaitReceived(Peer peer, String bytes) {
        await().untilAsserted(() -> assertThat(peer.received()).isEqualTo(bytes));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatFlowsIsCounted(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb =
                        Balancers.http(engine, peer.id()).observer(seen).start();
                HttpClient client = open(lb).send("four")) {
            peer.opened().send("seven77");
            assertThat(text(client, 7)).isEqualTo("seven77");
            awaitReceived(peer, "four");
            long sent = Balancers.server(lb, peer.id()).bytesToServer();
            long head = peer.server().heads().take().length();
            assertThat(sent).isEqualTo(head + 4);
            client.finish();
            assertThat(client.endsInOrder()).isTrue();
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
            assertThat(flow.status()).isEqualTo(101);
            assertThat(flow.request()).isEqualTo("GET /chat");
            assertThat(flow.server()).isEqualTo(peer.id());
            assertThat(flow.bytesFromClient()).isEqualTo(Frames.REQUEST.length() + 4);
            assertThat(flow.bytesFromServer()).isEqualTo(Frames.RESPONSE.length() + 7);
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(flow.bytesFromClient());
            assertThat(Balancers.front(lb).bytesFromServers()).isEqualTo(flow.bytesFromServer());
            await().until(() -> peer.server().open() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerSpeaksOnAfterTheClientsFin(NettyEngine engine) throws Exception {
        try (Peer peer = Peer.staying();
                LoadBalancer lb = Balancers.http(engine, peer.id()).start();
                HttpClient client = open(lb).send("last words").finish()) {
            ScriptedServer.Connection connection = peer.opened();
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.FIN);
            assertThat(peer.received()).isEqualTo("last words");
            connection.send("and mine");
            assertThat(text(client, 8)).isEqualTo("and mine");
            assertThat(Balancers.front(lb).webSockets()).isEqualTo(1);
            peer.leave();
            assertThat(client.endsInOrder()).isTrue();
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aClientSpeaksOnAfterTheServersFin(NettyEngine engine) throws Exception {
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = Balancers.http(engine, peer.id()).start();
                HttpClient client = open(lb)) {
            peer.opened().send("done").finish();
            assertThat(text(client, 4)).isEqualTo("done");
            assertThat(client.endsInOrder()).isTrue();
            client.send("not me");
            awaitReceived(peer, "not me");
            client.finish();
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.FIN);
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aResetOfOneEndResetsTheOther(NettyEngine engine) throws Exception {
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = Balancers.http(engine, peer.id()).start();
                HttpClient toBeReset = open(lb)) {
            peer.opened().reset();
            assertThat(toBeReset.endsInOrder()).isFalse();
            open(lb).reset();
            await().untilAsserted(() -> assertThat(Balancers.front(lb).ended())
                    .isEqualTo(Map.of(Reason.SERVER_RESET, 1L, Reason.CLIENT_RESET, 1L)));
            await().until(() -> peer.server().open() == 0);
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.server(lb, peer.id()).resets()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aSlowClientSlowsItsServerAndLosesNothing(NettyEngine engine) throws Exception {
        int size = 32 * MIB;
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.send(Frames.response(connection.head()));
                    String block = "x".repeat(64 * 1_024);
                    for (int sent = 0; sent < size; sent += block.length()) {
                        connection.send(block);
                    }
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = opened(HttpClient.slowTo(lb, "front"))) {
            await().until(() -> lb.snapshot().bufferedBytes() > 0);
            Balancers.awaitStill(lb);
            assertThat(Balancers.front(lb).bytesFromServers()).isLessThan(size / 2);
            assertThat(lb.snapshot().bufferedBytes()).isLessThan(MIB);
            client.finish();
            assertThat(client.rest()).isEqualTo(size);
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatNobodyReadsCountsAgainstTheBudget(NettyEngine engine) throws Exception {
        String block = "x".repeat(64 * 1_024);
        List<HttpClient> clients = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.of(connection ->
                        connection.send(Frames.response(connection.head())).sendForEver(block));
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).maxBufferedMiB(1).start()) {
            // One after the other: what the system holds for each is full first.
            await().pollInterval(Balancers.STILL).until(() -> {
                HttpClient client = HttpClient.slowTo(lb, "front");
                clients.add(client);
                client.send(Frames.REQUEST);
                return Balancers.front(lb).ended().getOrDefault(Reason.MEMORY, 0L) > 0;
            });
            for (HttpClient client : clients) {
                client.close();
            }
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).webSockets()).isZero();
            await().until(() -> lb.snapshot().bufferedBytes() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void bothEndsOfAnIdleOneAreReset(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = clock.start(
                        transport, Balancers.http(peer.id()).observer(seen).build());
                HttpClient client = open(lb)) {
            ScriptedServer.Connection connection = peer.opened();
            clock.advance(IDLE.minus(TICK));
            client.send("a");
            awaitReceived(peer, "a");
            clock.advance(IDLE.minus(TICK));
            connection.send("b");
            assertThat(text(client, 1)).isEqualTo("b");
            clock.advance(IDLE.minus(TICK));
            assertThat(seen.flows()).isEmpty();
            clock.advance(LOOK);
            assertThat(seen.next().reason()).isEqualTo(Reason.IDLE_TIMEOUT);
            assertThat(client.endsInOrder()).isFalse();
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.RST);
            Balancers.awaitNothingActive(lb);
        }
    }

    /** The rule's limit holds for all that flows, as for a response. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aRulesBandwidthHoldsBothWays(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        int size = 60_000;
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(peer.id())
                                .cluster(Cluster.single())
                                .listener(
                                        "front",
                                        l -> l.rule(
                                                "slow",
                                                r -> r.path("/chat")
                                                        .forwardTo("web")
                                                        .limit(Limit.bandwidth(80_000))))
                                .build());
                HttpClient client = open(lb).send("x".repeat(size))) {
            ScriptedServer.Connection connection = peer.opened();
            connection.send("y".repeat(size));
            CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> {
                try {
                    return text(client, size);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            // 10,000 bytes a second.
            clock.advance(Duration.ofSeconds(2));
            await().until(() -> peer.received().length() > 1_000);
            assertThat(peer.received().length()).isLessThan(size / 2);
            assertThat(read).isNotDone();
            await().pollInterval(Duration.ofMillis(2)).until(() -> {
                clock.advance(Duration.ofMillis(100));
                return read.isDone() && peer.received().length() == size;
            });
            assertThat(read.get()).isEqualTo("y".repeat(size));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itKeepsItsPlaceOnTheServer(NettyEngine engine) throws Exception {
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = Balancers.http(engine, peer.id())
                        .serverGroup("web", g -> g.server(peer.id(), s -> s.maxConnections(1)))
                        .start();
                HttpClient client = open(lb);
                HttpClient next = HttpClient.to(lb, "front").send(Frames.REQUEST)) {
            peer.opened();
            await().until(() -> lb.snapshot().serverGroup("web").waiting() == 1);
            client.finish();
            assertThat(next.response().status()).isEqualTo(101);
            assertThat(peer.server().accepted())
                    .as("none of the connections is used again")
                    .isEqualTo(2);
        }
    }

    /** How long it lasts says nothing about the server. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void schedulersAreToldHowLongTheHandshakeTook(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        BlockingQueue<Long> told = new LinkedBlockingQueue<>();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(peer.id())
                                .serverGroup(
                                        "web",
                                        g -> g.scheduler((eligible, previous) -> telling(eligible.server(0), told)))
                                .build());
                HttpClient client = open(lb)) {
            peer.opened();
            clock.advance(IDLE.dividedBy(2));
            client.finish();
            assertThat(told.poll(10, TimeUnit.SECONDS)).isZero();
        }
    }

    private static Scheduler telling(Server only, BlockingQueue<Long> told) {
        return new Scheduler() {
            @Override
            public Server pick(Flow flow, long nowNanos) {
                return only;
            }

            @Override
            public void released(Server server, Outcome outcome, long durationNanos, long nowNanos) {
                told.add(durationNanos);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void allAreResetWhenTheBalancerCloses(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb =
                        Balancers.http(engine, peer.id()).observer(seen).start();
                HttpClient client = open(lb)) {
            peer.opened();
            lb.shutdown(Duration.ZERO);
            assertThat(seen.next().reason()).isEqualTo(Reason.SHUTDOWN);
            assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.RST);
            await().untilAsserted(() -> assertThat(Balancers.threads("test")).isEmpty());
        }
    }
}
