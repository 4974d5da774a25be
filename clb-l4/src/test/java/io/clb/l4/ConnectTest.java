package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that do not take the connection. */
@ExtendWith(LeakCheck.class)
final class ConnectTest {

    private static final Duration PAST_THE_TIMEOUT = Duration.ofMillis(5_010);
    private static final Duration BEFORE_THE_TIMEOUT = Duration.ofMillis(4_990);

    /** An address where nothing listens: a port that was free a moment ago. */
    static String nobody() {
        return "127.0.0.1:" + Ports.free();
    }

    private static Consumer<ServerGroupConfig.Builder> inOrder(String... ids) {
        return Balancers.unchecked(ids).andThen(g -> g.scheduler(InOrder.of(ids)));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aClientDoesNotNoticeThatAServerRefused(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String nobody = nobody();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, inOrder(nobody, server.id()))
                        .observer(seen)
                        .start()) {
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                assertThat(Balancers.server(lb, nobody).active()).isZero();
                client.finish();
                assertThat(client.end()).isEqualTo(End.FIN);
            }
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
            assertThat(flow.server()).isEqualTo(server.id());
            assertThat(flow.tries()).isEqualTo(nobody + " connect-refused, " + server.id() + " completed");
            assertThat(Balancers.server(lb, nobody).connectFailures()).isEqualTo(1);
            assertThat(Balancers.server(lb, nobody).connections()).isZero();
            assertThat(Balancers.server(lb, server.id()).connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void theNextServerIsTriedAfterTheConnectTimeoutAndNotBefore(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (HungServer hung = new HungServer();
                TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(inOrder(hung.id(), server.id()))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front").send("hello")) {
            Balancers.awaitConnecting(lb, hung.id());
            clock.advance(BEFORE_THE_TIMEOUT);
            assertThat(server.accepted()).isZero();
            assertThat(Balancers.server(lb, hung.id()).active()).isEqualTo(1);
            clock.advance(PAST_THE_TIMEOUT.minus(BEFORE_THE_TIMEOUT));
            assertThat(client.read(5)).isEqualTo("hello");
            client.finish();
            assertThat(client.end()).isEqualTo(End.FIN);
            Seen.Flow flow = seen.next();
            assertThat(flow.tries()).isEqualTo(hung.id() + " connect-timeout, " + server.id() + " completed");
            assertThat(flow.tryNanos()).containsExactly(PAST_THE_TIMEOUT.toNanos(), 0L);
            assertThat(flow.durationNanos()).isEqualTo(PAST_THE_TIMEOUT.toNanos());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void eachServerHasTheWholeConnectTimeout(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (HungServer first = new HungServer();
                HungServer second = new HungServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(inOrder(first.id(), second.id()))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front")) {
            Balancers.awaitConnecting(lb, first.id());
            clock.advance(PAST_THE_TIMEOUT);
            Balancers.awaitConnecting(lb, second.id());
            clock.advance(BEFORE_THE_TIMEOUT);
            assertThat(Balancers.server(lb, second.id()).active()).isEqualTo(1);
            clock.advance(PAST_THE_TIMEOUT.minus(BEFORE_THE_TIMEOUT));
            assertThat(client.end()).isEqualTo(End.RESET);
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.CONNECT_TIMEOUT);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.CONNECT_TIMEOUT, 1L));
            assertThat(flow.server()).isNull();
            assertThat(flow.tries()).isEqualTo(first.id() + " connect-timeout, " + second.id() + " connect-timeout");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void noMoreServersAreTriedThanTheListenerAllows(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String[] nobodies = {nobody(), nobody(), nobody()};
        try (TestServer never = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, inOrder(nobodies[0], nobodies[1], nobodies[2], never.id()))
                        .observer(seen)
                        .start()) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(seen.next().tries())
                    .isEqualTo(nobodies[0] + " connect-refused, " + nobodies[1] + " connect-refused, " + nobodies[2]
                            + " connect-refused");
            assertThat(never.accepted()).isZero();
            lb.update(c -> c.listener("front", l -> l.connectTries(4)));
            try (Client next = Client.to(lb, "front")) {
                assertThat(next.echoes("at the fourth try")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aClientIsResetWhenEveryServerRefuses(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String nobody = nobody();
        try (LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(nobody))
                .observer(seen)
                .start()) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.CONNECT_REFUSED);
            assertThat(flow.tries()).isEqualTo(nobody + " connect-refused");
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.CONNECT_REFUSED, 1L));
            assertThat(Balancers.front(lb).active()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aClientIsResetWhenTheGroupHasNoServerForIt(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer idle = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, g -> {}).observer(seen).start()) {
            assertRefused(lb, seen, Reason.NO_SERVER_AVAILABLE);
            lb.update(c -> c.serverGroup("servers", Balancers.unchecked(idle)));
            lb.update(c -> c.serverGroup("servers", g -> g.server(idle.id(), s -> s.weight(0))));
            assertRefused(lb, seen, Reason.NO_SERVER_AVAILABLE);
            lb.update(c -> c.serverGroup(
                    "servers", g -> g.server(idle.id(), s -> s.weight(1)).maintenance(idle.id(), true)));
            assertRefused(lb, seen, Reason.NO_SERVER_AVAILABLE);
            assertThat(idle.accepted()).isZero();
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.NO_SERVER_AVAILABLE, 3L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aClientIsResetWhenEveryServerIsDown(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, nobody(), nobody()))
                .observer(seen)
                .start()) {
            await().until(() -> seen.states().size() == 2);
            await().untilAsserted(() -> assertRefused(lb, seen, Reason.ALL_SERVERS_DOWN));
            assertThat(Balancers.front(lb).ended()).containsKey(Reason.ALL_SERVERS_DOWN);
        }
    }

    private static void assertRefused(LoadBalancer lb, Seen seen, Reason reason) throws Exception {
        assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
        Seen.Flow flow = seen.next();
        assertThat(flow.reason()).isEqualTo(reason);
        assertThat(flow.tries()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerMayBeGivenByName(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked("localhost:" + server.port()))
                        .start()) {
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("at once")).isTrue();
            }
            lb.update(c -> c.serverGroup("named", Balancers.unchecked("localhost:" + server.port()))
                    .listener("front", l -> l.forwardTo("named")));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("at once, too")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aNameWithoutAnAddressIsTriedLikeAServerThatIsAway(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, inOrder("nowhere.invalid:80", server.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            client.finish();
            assertThat(client.end()).isEqualTo(End.FIN);
            assertThat(seen.next().tries())
                    .isEqualTo("nowhere.invalid:80 name-unresolved, " + server.id() + " completed");
        }
    }
}
