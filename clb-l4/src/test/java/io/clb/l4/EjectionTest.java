package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.Ejection;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.ServerState;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that fail their flows, and are given no more for a time. */
@ExtendWith(LeakCheck.class)
final class EjectionTest {

    private static final Duration TIME = Duration.ofSeconds(30);
    private static final Duration MOMENT = Duration.ofMillis(10);

    private final FakeClock clock = new FakeClock();
    private final AtomicBoolean sick = new AtomicBoolean(true);

    /** Tells its name, or resets at the first byte while it is sick. */
    private TestServer moody() {
        return TestServer.of(this::serve);
    }

    private void serve(Socket socket) throws IOException {
        if (sick.get()) {
            // Only once the balancer has connected for sure.
            assertThat(socket.getInputStream().read()).isPositive();
            socket.setSoLinger(true, 0);
        } else {
            TestServer.sayName(socket);
        }
    }

    /** Servers of which the first that is left is always picked. */
    private static Config.Builder inOrder(String... ids) {
        return Balancers.tcp(Balancers.unchecked(ids)
                .andThen(g -> g.scheduler(InOrder.of(ids)).ejection(Ejection.after(5))));
    }

    /** So many connections in a row that the server resets, each counted before the next. */
    private static void fail(LoadBalancer lb, String id, int connections) throws Exception {
        for (int i = 0; i < connections; i++) {
            long before = Balancers.server(lb, id).resets();
            assertThat(isReset(lb)).isTrue();
            await().until(() -> Balancers.server(lb, id).resets() == before + 1);
        }
    }

    private static boolean isReset(LoadBalancer lb) throws Exception {
        try (Client client = Client.to(lb, "front").send("x")) {
            return client.end() == End.RESET;
        }
    }

    private static void awaitState(LoadBalancer lb, String id, ServerState state) {
        await().until(() -> Balancers.server(lb, id).state() == state);
    }

    private static String served(LoadBalancer lb) throws Exception {
        try (Client client = Client.to(lb, "front")) {
            return client.line();
        }
    }

    private static void awaitServedBy(LoadBalancer lb, TestServer server) {
        await().untilAsserted(() -> assertThat(served(lb)).isEqualTo(server.id()));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void fiveRefusedConnectsInARowEjectAServerForThirtySeconds(String transport) throws Exception {
        Seen seen = new Seen();
        String nobody = ConnectTest.nobody();
        try (TestServer good = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport, inOrder(nobody, good.id()).observer(seen).build())) {
            for (int i = 0; i < 4; i++) {
                assertThat(served(lb)).isEqualTo(good.id());
            }
            assertThat(Balancers.server(lb, nobody).state()).isEqualTo(ServerState.UP);
            assertThat(served(lb)).isEqualTo(good.id());
            awaitState(lb, nobody, ServerState.EJECTED);
            String why = "for 30 s after 5 failures in a row, the last one: connect-refused";
            assertThat(Balancers.server(lb, nobody))
                    .returns(why, Snapshot.Server::why)
                    .returns(1L, Snapshot.Server::ejections);
            await().untilAsserted(
                            () -> assertThat(seen.states()).contains("servers " + nobody + " UP -> EJECTED: " + why));
            clock.advance(Duration.ofMillis(100));
            await().untilAsserted(() -> {
                long failures = Balancers.server(lb, nobody).connectFailures();
                assertThat(served(lb)).isEqualTo(good.id());
                assertThat(Balancers.server(lb, nobody).connectFailures()).isEqualTo(failures);
            });

            clock.advance(TIME);
            awaitState(lb, nobody, ServerState.UP);
            try (TestServer back =
                    TestServer.on(Integer.parseInt(nobody.substring(nobody.indexOf(':') + 1)), TestServer::sayName)) {
                awaitServedBy(lb, back);
            }
        }
    }

    /** What a client sends to a port where nobody is, is lost: the next one finds the server that lives at once. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void fivePortsUnreachableInARowEjectAServerOfDatagrams(String transport) throws Exception {
        String nobody = "127.0.0.1:" + Ports.free();
        List<UdpClient> clients = new ArrayList<>();
        try (UdpServer good = UdpServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(good)
                                .serverGroup(
                                        "servers",
                                        g -> g.server(nobody)
                                                .scheduler(InOrder.of(nobody, good.id()))
                                                .ejection(Ejection.after(5)))
                                .build())) {
            for (int i = 1; i <= 5; i++) {
                assertThat(Balancers.server(lb, nobody).state()).isEqualTo(ServerState.UP);
                loseOne(lb, clients, nobody, i);
                assertThat(clients.get(i - 1).ask("x")).isEqualTo(good.id());
            }
            awaitState(lb, nobody, ServerState.EJECTED);
            assertThat(Balancers.server(lb, nobody).why())
                    .isEqualTo("for 30 s after 5 failures in a row, the last one: connect-refused");
            clock.advance(Duration.ofMillis(100));
            awaitServedBy(lb, clients, good);
            assertThat(Balancers.server(lb, nobody).connectFailures()).isEqualTo(5);

            clock.advance(TIME);
            awaitState(lb, nobody, ServerState.UP);
            try (UdpServer back = UdpServer.namedOn(Integer.parseInt(nobody.substring(nobody.indexOf(':') + 1)))) {
                awaitServedBy(lb, clients, back);
            }
        } finally {
            clients.forEach(UdpClient::close);
        }
    }

    /** Sends a datagram of a new client to where nobody is. */
    private static void loseOne(LoadBalancer lb, List<UdpClient> clients, String nobody, int failures)
            throws IOException {
        clients.add(UdpClient.to(lb, "front").send("lost"));
        await().until(() -> Balancers.server(lb, nobody).connectFailures() == failures);
    }

    /** A state shows a moment before it is heeded, and what is sent between the two is lost: not at once. */
    private static void awaitServedBy(LoadBalancer lb, List<UdpClient> clients, UdpServer server) {
        await().pollDelay(Duration.ofMillis(100)).untilAsserted(() -> {
            UdpClient client = UdpClient.to(lb, "front");
            clients.add(client);
            assertThat(client.ask("x")).isEqualTo(server.id());
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatFailsAgainIsEjectedForTwiceAsLongUntilItHasBehaved(String transport) throws Exception {
        try (TestServer bad = moody();
                TestServer good = TestServer.named();
                LoadBalancer lb =
                        clock.start(transport, inOrder(bad.id(), good.id()).build())) {
            Duration[] times = {TIME, TIME.multipliedBy(2), TIME.multipliedBy(4)};
            for (Duration time : times) {
                fail(lb, bad.id(), 5);
                awaitState(lb, bad.id(), ServerState.EJECTED);
                clock.advance(Duration.ofMillis(100));
                awaitServedBy(lb, good);
                clock.advance(time.minusMillis(100).minus(MOMENT));
                assertThat(served(lb)).isEqualTo(good.id());
                clock.advance(MOMENT);
                awaitState(lb, bad.id(), ServerState.UP);
                clock.advance(Duration.ofMillis(100));
                sick.set(false);
                awaitServedBy(lb, bad);
                sick.set(true);
            }
            clock.advance(TIME.multipliedBy(7));
            fail(lb, bad.id(), 5);
            awaitState(lb, bad.id(), ServerState.EJECTED);
            assertThat(Balancers.server(lb, bad.id()).why()).startsWith("for 30 s after");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anAnswerBeginsTheCountAnew(String transport) throws Exception {
        try (TestServer bad = moody();
                TestServer good = TestServer.named();
                LoadBalancer lb =
                        clock.start(transport, inOrder(bad.id(), good.id()).build())) {
            for (int i = 0; i < 3; i++) {
                sick.set(true);
                fail(lb, bad.id(), 4);
                sick.set(false);
                assertThat(served(lb)).isEqualTo(bad.id());
            }
            assertThat(Balancers.server(lb, bad.id()))
                    .returns(ServerState.UP, Snapshot.Server::state)
                    .returns(0L, Snapshot.Server::ejections);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void theLastServerIsSparedAndThatIsCounted(String transport) throws Exception {
        try (TestServer one = moody();
                TestServer other = moody();
                LoadBalancer lb =
                        clock.start(transport, inOrder(one.id(), other.id()).build())) {
            fail(lb, one.id(), 5);
            awaitState(lb, one.id(), ServerState.EJECTED);
            clock.advance(Duration.ofMillis(100));
            await().until(() -> {
                assertThat(isReset(lb)).isTrue();
                return lb.snapshot().serverGroup("servers").ejectionsSpared() == 1;
            });
            assertThat(Balancers.server(lb, other.id()).state()).isEqualTo(ServerState.UP);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void isOffUnlessSetAndItsEndLetsServersBackAtOnce(String transport) throws Exception {
        try (TestServer bad = moody();
                TestServer good = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        inOrder(bad.id(), good.id())
                                .serverGroup("servers", g -> g.ejection(Ejection.none()))
                                .build())) {
            fail(lb, bad.id(), 10);
            assertThat(Balancers.server(lb, bad.id()).state()).isEqualTo(ServerState.UP);
            lb.update(c -> c.serverGroup("servers", g -> g.ejection(Ejection.after(1))));
            fail(lb, bad.id(), 1);
            awaitState(lb, bad.id(), ServerState.EJECTED);
            lb.update(c -> c.serverGroup("servers", g -> g.ejection(Ejection.none())));
            assertThat(Balancers.server(lb, bad.id()).state()).isEqualTo(ServerState.UP);
            sick.set(false);
            clock.advance(Duration.ofMillis(100));
            awaitServedBy(lb, bad);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anEjectedServerIsTheLastResortOfAGroupThatFailsOpen(String transport) throws Exception {
        try (TestServer bad = moody();
                TestServer good = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        inOrder(bad.id(), good.id())
                                .serverGroup("servers", g -> g.failOpen(true))
                                .build())) {
            fail(lb, bad.id(), 5);
            awaitState(lb, bad.id(), ServerState.EJECTED);
            sick.set(false);
            lb.update(c -> c.serverGroup("servers", g -> g.drain(good.id())));
            assertThat(lb.snapshot().serverGroup("servers").failingOpen()).isTrue();
            assertThat(served(lb)).isEqualTo(bad.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatIsBackBeginsSlowlyWhereTheGroupSaysSo(String transport) throws Exception {
        try (TestServer bad = moody();
                TestServer good = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        inOrder(bad.id(), good.id())
                                .serverGroup("servers", g -> g.slowStart(TIME).healthCheck(HealthCheck.none()))
                                .build())) {
            fail(lb, bad.id(), 5);
            awaitState(lb, bad.id(), ServerState.EJECTED);
            clock.advance(Duration.ofMillis(100));
            awaitServedBy(lb, good);
            clock.advance(TIME);
            awaitState(lb, bad.id(), ServerState.UP);
            await().until(() -> Balancers.server(lb, bad.id()).weightInForce() == 10);
        }
    }
}
