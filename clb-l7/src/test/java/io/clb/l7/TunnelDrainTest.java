package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How open WebSockets end when what they are on is about to go: both ends are told, and have a time to close. */
final class TunnelDrainTest {

    private static final Duration WINDOW = Duration.ofSeconds(60);
    private static final Duration FAREWELL = Duration.ofSeconds(30);
    private static final Duration TICK = Duration.ofMillis(20);
    private static final String CLIENT_CLOSES = Frames.frame(Frames.CLOSE, "\u0003\u00e9", true);
    private static final String SERVER_CLOSES = Frames.frame(Frames.CLOSE, "\u0003\u00e9", false);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** All that takes away what a WebSocket is on. */
    private enum Going {
        DRAINED,
        REMOVED,
        GROUP_REMOVED,
        LISTENER_REMOVED,
        SHUTDOWN;

        void begin(LoadBalancer lb, String id) {
            switch (this) {
                case DRAINED -> lb.update(c -> c.serverGroup("web", g -> g.drain(id)));
                case REMOVED ->
                    lb.update(c -> c.serverGroup("web", g -> g.removeServer(id).server("127.0.0.1:1")));
                case GROUP_REMOVED ->
                    lb.update(c -> c.serverGroup("other", g -> g.server("127.0.0.1:1"))
                            .listener("front", l -> l.forwardTo("other"))
                            .removeServerGroup("web"));
                case LISTENER_REMOVED -> lb.update(c -> c.removeListener("front"));
                case SHUTDOWN -> lb.shutdown(WINDOW);
            }
        }
    }

    static Stream<Arguments> all() {
        return Balancers.transports()
                .flatMap(transport -> Stream.of(Going.values()).map(going -> Arguments.of(transport, going)));
    }

    private static Config.Builder config(String server, Duration window) {
        return Balancers.http(server).serverGroup("web", g -> g.draining(window));
    }

    private static HttpClient open(LoadBalancer lb) throws Exception {
        HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST);
        assertThat(client.response().status()).isEqualTo(101);
        return client;
    }

    private static void drain(LoadBalancer lb, Peer peer) {
        Going.DRAINED.begin(lb, peer.id());
    }

    /** Until control has told the loops, and they the flows. */
    private static void drained(FakeClock clock, LoadBalancer lb, Peer peer) {
        drain(lb, peer);
        lb.update(c -> {});
        clock.advance(Duration.ZERO);
    }

    private static String text(HttpClient client, int bytes) throws Exception {
        return new String(client.exactly(bytes), ISO_8859_1);
    }

    private static void awaitGoodbye(Peer peer) {
        await().until(() -> Frames.isMaskedGoingAway(peer.received()));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("all")
    void bothEndsAreToldAndHaveTheirConnectionsClosed(String transport, Going going) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = clock.start(
                        transport, config(peer.id(), WINDOW).observer(seen).build());
                HttpClient client = open(lb)) {
            ScriptedServer.Connection connection = peer.opened();
            going.begin(lb, peer.id());
            assertThat(text(client, 4)).isEqualTo(Frames.GOING_AWAY);
            awaitGoodbye(peer);
            assertThat(client.send(CLIENT_CLOSES).endsInOrder()).isTrue();
            assertThat(seen.flows()).as("the server has not answered").isEmpty();
            connection.send(SERVER_CLOSES);
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.FIN);
            client.leave();
            assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            assertThat(peer.received()).as("one close frame, ours").hasSize(8);
        }
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("all")
    void whoDoesNotCloseIsResetAfterATime(String transport, Going going) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = clock.start(
                        transport, config(peer.id(), WINDOW).observer(seen).build());
                HttpClient client = open(lb)) {
            peer.opened();
            going.begin(lb, peer.id());
            assertThat(text(client, 4)).isEqualTo(Frames.GOING_AWAY);
            client.send(CLIENT_CLOSES);
            assertThat(client.endsInOrder()).isTrue();
            clock.advance(FAREWELL.minus(TICK));
            assertThat(seen.flows()).isEmpty();
            clock.advance(TICK.multipliedBy(2));
            assertThat(seen.next().reason())
                    .isEqualTo(
                            switch (going) {
                                case DRAINED, REMOVED, GROUP_REMOVED -> Reason.SERVER_DRAINED;
                                case LISTENER_REMOVED -> Reason.LISTENER_REMOVED;
                                case SHUTDOWN -> Reason.SHUTDOWN;
                            });
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.RST);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void theTimeOfTheServerMayBeShorter(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        Duration window = Duration.ofSeconds(10);
        try (Peer peer = Peer.leaving();
                LoadBalancer lb = clock.start(
                        transport, config(peer.id(), window).observer(seen).build());
                HttpClient client = open(lb)) {
            peer.opened();
            drain(lb, peer);
            assertThat(text(client, 4)).isEqualTo(Frames.GOING_AWAY);
            lb.update(c -> {});
            clock.advance(window.minus(TICK));
            assertThat(seen.flows()).isEmpty();
            clock.advance(TICK);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_DRAINED);
            assertThat(client.endsInOrder()).isFalse();
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.RST);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aFrameThatHasBegunComesToItsEnd(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String fromServer = Frames.frame(Frames.BINARY, "s".repeat(1_000), false);
        String fromClient = Frames.frame(Frames.BINARY, "c".repeat(70_000), true);
        try (Peer peer = Peer.leaving();
                LoadBalancer lb =
                        clock.start(transport, config(peer.id(), WINDOW).build());
                HttpClient client = open(lb).send(fromClient.substring(0, 6))) {
            ScriptedServer.Connection connection = peer.opened().send(fromServer.substring(0, 500));
            assertThat(text(client, 500)).isEqualTo(fromServer.substring(0, 500));
            await().until(() -> peer.received().length() == 6);
            drained(clock, lb, peer);
            connection.send(fromServer.substring(500) + fromServer + fromServer);
            assertThat(text(client, 508)).isEqualTo(fromServer.substring(500) + Frames.GOING_AWAY);
            client.send(fromClient.substring(6) + fromClient + CLIENT_CLOSES);
            assertThat(client.endsInOrder()).as("nothing follows a close frame").isTrue();
            await().until(() -> peer.received().length() == fromClient.length() + 8);
            assertThat(peer.received()).startsWith(fromClient);
            assertThat(Frames.isMaskedGoingAway(peer.received().substring(fromClient.length())))
                    .isTrue();
            connection.send(SERVER_CLOSES);
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.FIN);
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void endsThatCloseByThemselvesAreLetAlone(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        String bye = Frames.frame(Frames.CLOSE, "\u0003\u00e8", true);
        try (Peer peer = Peer.leaving();
                LoadBalancer lb =
                        clock.start(transport, config(peer.id(), WINDOW).build());
                HttpClient client = open(lb).send(bye)) {
            ScriptedServer.Connection connection = peer.opened();
            await().until(() -> peer.received().equals(bye));
            drained(clock, lb, peer);
            connection.send(SERVER_CLOSES);
            assertThat(text(client, 4)).isEqualTo(SERVER_CLOSES);
            assertThat(client.endsInOrder()).isTrue();
            client.leave();
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.FIN);
            assertThat(peer.received()).isEqualTo(bye);
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anEndThatHasSentItsFinIsToldAllTheSame(NettyEngine engine) throws Exception {
        try (Peer peer = Peer.staying();
                LoadBalancer lb = config(peer.id(), WINDOW).engine(engine).start();
                HttpClient client = open(lb).finish()) {
            ScriptedServer.Connection connection = peer.opened();
            assertThat(peer.end()).isEqualTo(ScriptedServer.End.FIN);
            drain(lb, peer);
            assertThat(text(client, 4)).isEqualTo(Frames.GOING_AWAY);
            connection.send(SERVER_CLOSES);
            assertThat(client.endsInOrder()).isTrue();
            Balancers.awaitNothingActive(lb);
            assertThat(peer.received()).as("its FIN has gone before").isEmpty();
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aHandshakeThatWasUnderWayIsFinishedAndThenTold(NettyEngine engine) throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    String head = connection.head();
                    answer.join();
                    connection.send(Frames.response(head)).awaitEnd();
                });
                LoadBalancer lb = config(server.id(), WINDOW).engine(engine).start();
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST)) {
            server.heads().take();
            Going.DRAINED.begin(lb, server.id());
            lb.update(c -> {});
            answer.complete(null);
            assertThat(client.response().status()).isEqualTo(101);
            assertThat(text(client, 4)).isEqualTo(Frames.GOING_AWAY);
        }
    }

    /** Without a time to drain, what runs goes on until it ends by itself. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void nobodyIsToldWhereServersDrainForEver(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (Peer peer = Peer.leaving();
                LoadBalancer lb =
                        clock.start(transport, config(peer.id(), Duration.ZERO).build());
                HttpClient client = open(lb)) {
            ScriptedServer.Connection connection = peer.opened();
            drained(clock, lb, peer);
            connection.send("as ever");
            assertThat(text(client, 7)).isEqualTo("as ever");
            assertThat(peer.received()).isEmpty();
        }
    }
}
