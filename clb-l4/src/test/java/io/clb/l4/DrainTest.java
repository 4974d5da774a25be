package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What still runs on servers that take nothing new, when their time is over. */
@ExtendWith(LeakCheck.class)
final class DrainTest {

    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final Duration ALMOST = Duration.ofMillis(29_990);
    private static final Duration REST = Duration.ofMillis(10);

    private final FakeClock clock = new FakeClock();

    private static Config.Builder draining(TestServer... servers) {
        return Balancers.tcp(Balancers.unchecked(servers).andThen(g -> g.draining(WINDOW)));
    }

    private static void change(LoadBalancer lb, Consumer<ServerGroupConfig.Builder> group) {
        lb.update(c -> c.serverGroup("servers", group));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aConnectionIsResetOnBothSidesAtTheDeadlineAndNotBefore(String transport) throws Exception {
        Seen seen = new Seen();
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server.id()).andThen(g -> g.draining(WINDOW)))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front").send("x");
                Client accepted = server.accept()) {
            assertThat(accepted.read(1)).isEqualTo("x");
            Instant before = Instant.now();
            assertThat(Balancers.server(lb, server.id()).drainDeadline()).isNull();
            change(lb, g -> g.drain(server.id()));
            assertThat(Balancers.server(lb, server.id()).drainDeadline())
                    .isBetween(before.plus(WINDOW), Instant.now().plus(WINDOW));
            clock.advance(ALMOST);
            accepted.send("y");
            assertThat(client.read(1)).isEqualTo("y");
            clock.advance(REST);
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(accepted.end()).isEqualTo(End.RESET);
            assertThat(seen.next())
                    .returns(Reason.SERVER_DRAINED, Seen.Flow::reason)
                    .returns(server.id(), Seen.Flow::server);
            assertThat(Balancers.server(lb, server.id()).resets()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatIsUndrainedBeforeKeepsItsConnections(String transport) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(transport, draining(server).build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            change(lb, g -> g.drain(server.id()));
            clock.advance(ALMOST);
            change(lb, g -> g.undrain(server.id()));
            assertThat(Balancers.server(lb, server.id()).drainDeadline()).isNull();
            clock.advance(WINDOW);
            assertThat(client.echoes("undrained")).isTrue();

            // The time counts anew.
            change(lb, g -> g.drain(server.id()));
            clock.advance(ALMOST);
            assertThat(client.echoes("drained again")).isTrue();
            clock.advance(REST);
            assertThat(client.end()).isEqualTo(End.RESET);

            change(lb, g -> g.undrain(server.id()));
            try (Client next = Client.to(lb, "front")) {
                assertThat(next.echoes("back, after its time was over")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aRemovedServerHasTheSameTime(String transport) throws Exception {
        try (TestServer gone = TestServer.echo();
                TestServer stays = TestServer.echo();
                LoadBalancer lb = clock.start(transport, draining(gone).build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            change(lb, g -> g.removeServer(gone.id()).server(stays.id()));
            clock.advance(ALMOST);
            assertThat(client.echoes("removed")).isTrue();
            try (Client other = Client.to(lb, "front")) {
                assertThat(other.echoes("elsewhere")).isTrue();
                clock.advance(REST);
                assertThat(client.end()).isEqualTo(End.RESET);
                assertThat(other.echoes("still elsewhere")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aRemovedGroupHasTheSameTimeAndAServerAddedAgainKeepsWhatRan(String transport) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        draining(server)
                                .serverGroup("others", Balancers.unchecked("127.0.0.1:1"))
                                .build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            change(lb, g -> g.removeServer(server.id()));
            clock.advance(ALMOST);
            change(lb, g -> g.server(server.id()));
            clock.advance(WINDOW);
            assertThat(client.echoes("added again")).isTrue();
            try (Client second = Client.to(lb, "front")) {
                assertThat(second.echoes("begun")).isTrue();
                lb.update(c -> c.listener("front", l -> l.forwardTo("others")).removeServerGroup("servers"));
                clock.advance(WINDOW);
                assertThat(second.end()).isEqualTo(End.RESET);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerWhoseChecksFailHasTheSameTimeUnlessItRecovers(String transport) throws Exception {
        ManualCheck check = new ManualCheck();
        Duration interval = Duration.ofMillis(100);
        HealthCheck once = HealthCheck.custom(check)
                .interval(interval)
                .timeout(Duration.ofMinutes(5))
                .healthyThreshold(1)
                .unhealthyThreshold(1);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.checked(once, server.id()).andThen(g -> g.draining(WINDOW)))
                                .build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            check.next(clock, interval).answer().complete(Verdict.failed("on purpose"));
            await().until(() -> Balancers.server(lb, server.id()).drainDeadline() != null);
            check.next(clock, interval).answer().complete(Verdict.ok());
            await().until(() -> Balancers.server(lb, server.id()).drainDeadline() == null);
            ManualCheck.Asked next = check.next(clock, interval);
            clock.advance(WINDOW);
            assertThat(client.echoes("recovered")).isTrue();
            next.answer().complete(Verdict.failed("on purpose"));
            await().until(() -> Balancers.server(lb, server.id()).drainDeadline() != null);
            clock.advance(WINDOW);
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(Balancers.server(lb, server.id()).state()).isEqualTo(ServerState.DOWN);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatTheGroupFailsOpenToHasNoDeadline(String transport) throws Exception {
        ManualCheck check = new ManualCheck();
        HealthCheck once = HealthCheck.custom(check).unhealthyThreshold(1);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.checked(once, server.id())
                                        .andThen(g -> g.draining(WINDOW).failOpen(true)))
                                .build())) {
            check.next(clock, Duration.ofSeconds(1)).answer().complete(Verdict.failed("on purpose"));
            await().until(() -> lb.snapshot().serverGroup("servers").failingOpen());
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("open")).isTrue();
                clock.advance(WINDOW);
                assertThat(client.echoes("still open")).isTrue();
                change(lb, g -> g.failOpen(false));
                clock.advance(WINDOW);
                assertThat(client.end()).isEqualTo(End.RESET);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void withoutItOrInMaintenanceAConnectionEndsByItself(String transport) throws Exception {
        Duration almostIdle = Duration.ofSeconds(890);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport, Balancers.tcp(Balancers.unchecked(server)).build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            change(lb, g -> g.drain(server.id()));
            clock.advance(almostIdle);
            assertThat(client.echoes("no deadline")).isTrue();
            change(lb, g -> g.draining(WINDOW).maintenance(server.id(), true));
            clock.advance(almostIdle);
            assertThat(client.echoes("in maintenance")).isTrue();
            assertThat(Balancers.server(lb, server.id()).drainDeadline()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anotherTimeHoldsAtOnce(String transport) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(transport, draining(server).build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            change(lb, g -> g.drain(server.id()));
            clock.advance(ALMOST);
            change(lb, g -> g.draining(WINDOW.multipliedBy(2)));
            clock.advance(ALMOST);
            assertThat(client.echoes("twice as long")).isTrue();
            change(lb, g -> g.draining(WINDOW));
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aThousandConnectionsEndAndThoseOnOtherServersDoNot(String transport) throws Exception {
        int connections = 1_000;
        try (Crowd crowd = new Crowd();
                TestServer other = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(crowd.id()).andThen(g -> g.draining(WINDOW)))
                                .build())) {
            crowd.join(connections, lb.address("front").getPort());
            crowd.echo();
            change(lb, g -> g.server(other.id()).drain(crowd.id()));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("elsewhere")).isTrue();
                clock.advance(ALMOST);
                crowd.echo();
                clock.advance(REST);
                await().until(() -> Balancers.front(lb).active() == 1);
                assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.SERVER_DRAINED, (long) connections));
                assertThat(Balancers.server(lb, crowd.id()).active()).isZero();
                assertThat(client.echoes("still elsewhere")).isTrue();
            }
        }
    }

    /** The server has its time to drain, and the connect longer. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatAcceptsAfterItsTimeGetsNothingAndTheNextIsTried(String transport) throws Exception {
        Seen seen = new Seen();
        Duration window = Duration.ofSeconds(10);
        try (HungServer late = new HungServer();
                TestServer beside = TestServer.echo();
                TestServer next = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(beside).andThen(g -> g.draining(window)))
                                .listener("front", l -> l.connectTimeout(Duration.ofSeconds(30)))
                                .observer(seen)
                                .build());
                Client witness = Client.to(lb, "front")) {
            assertThat(witness.echoes("begun")).isTrue();
            change(lb, g -> g.server(late.id()).server(next.id()).scheduler(InOrder.of(late.id(), next.id())));
            try (Client client = Client.to(lb, "front").send("hello")) {
                Balancers.awaitConnecting(lb, late.id());
                change(lb, g -> g.drain(late.id()).drain(beside.id()));
                clock.advance(window.plus(REST));
                assertThat(witness.end()).isEqualTo(End.RESET);
                assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_DRAINED);
                late.recover();
                assertThat(client.read(5)).isEqualTo("hello");
                client.finish();
                assertThat(client.end()).isEqualTo(End.FIN);
                assertThat(seen.next().tries()).isEqualTo(late.id() + " server-drained, " + next.id() + " completed");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void ofMoreRemovedServersThanThereCanBeTheEldestEndsEarlyAndIsCounted(String transport) throws Exception {
        String[] others = IntStream.range(0, 65_535)
                .mapToObj(i -> "127.1." + i / 256 + "." + i % 256 + ":1")
                .toArray(String[]::new);
        try (TestServer eldest = TestServer.echo();
                LoadBalancer lb = clock.start(transport, draining(eldest).build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            change(lb, g -> g.removeServer(eldest.id()));
            Logged.quietly(() -> change(lb, Balancers.unchecked(others)));
            change(lb, g -> List.of(others).forEach(g::removeServer));
            assertThat(client.echoes("as many as there may be")).isTrue();
            assertThat(lb.snapshot().serverGroup("servers").drainsCutShort()).isZero();
            change(lb, g -> g.server("127.0.0.1:1"));
            change(lb, g -> g.removeServer("127.0.0.1:1"));
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(lb.snapshot().serverGroup("servers").drainsCutShort()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anAssociationIsForgottenAndTheNextDatagramBeginsAnother(String transport) throws Exception {
        Seen seen = new Seen();
        try (UdpServer one = UdpServer.named();
                UdpServer other = UdpServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(one)
                                .listener("front", l -> l.idleTimeout(Duration.ofMinutes(15)))
                                .serverGroup("servers", g -> g.draining(WINDOW))
                                .observer(seen)
                                .build());
                UdpClient client = UdpClient.to(lb, "front")) {
            assertThat(client.ask("who?")).isEqualTo(one.id());
            change(lb, g -> g.drain(one.id()).server(other.id()));
            clock.advance(ALMOST);
            assertThat(client.ask("who?")).isEqualTo(one.id());
            clock.advance(REST);
            assertThat(seen.next().reason()).isEqualTo(Reason.SERVER_DRAINED);
            assertThat(client.ask("who?")).isEqualTo(other.id());
        }
    }
}
