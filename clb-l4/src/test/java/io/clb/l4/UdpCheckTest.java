package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.Snapshot;
import io.clb.UdpCheck;
import io.clb.engine.FakeClock;
import io.clb.spi.ServerState;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Health checks by datagram. */
@ExtendWith(LeakCheck.class)
final class UdpCheckTest {

    private static final Duration TIMEOUT = Duration.ofMillis(300);

    /** What a server answers, and what the balancer should make of it. */
    private record Case(String name, UdpCheck check, Supplier<UdpServer> server, ServerState state, String why) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Case> cases() {
        UdpCheck ping = UdpCheck.request("ping");
        return Stream.of(
                new Case("any answer", ping, UdpServer::echo, ServerState.UP, "answered"),
                new Case("none", ping, UdpServer::silent, ServerState.UP, "silent for 300 ms"),
                new Case("the reply", ping.expect("ping"), UdpServer::echo, ServerState.UP, "answered as expected"),
                new Case("its start", ping.expect("pi"), UdpServer::echo, ServerState.UP, "answered as expected"),
                new Case(
                        "bytes",
                        UdpCheck.requestHex("00ff80").expectHex("00FF"),
                        UdpServer::echo,
                        ServerState.UP,
                        "answered as expected"),
                new Case(
                        "512 bytes",
                        UdpCheck.request("x".repeat(512)).expect("x".repeat(512)),
                        UdpServer::echo,
                        ServerState.UP,
                        "answered as expected"),
                new Case(
                        "another reply",
                        ping.expect("pong"),
                        UdpServer::echo,
                        ServerState.DOWN,
                        "unexpected reply of 4 bytes: ping"),
                new Case(
                        "too short a reply",
                        ping.expect("ping pong"),
                        UdpServer::echo,
                        ServerState.DOWN,
                        "unexpected reply of 4 bytes: ping"),
                new Case(
                        "another long reply",
                        UdpCheck.request("x".repeat(500)).expect("y"),
                        UdpServer::echo,
                        ServerState.DOWN,
                        "unexpected reply of 500 bytes: " + "x".repeat(32) + "..."),
                new Case(
                        "other bytes",
                        UdpCheck.requestHex("00ff80").expectHex("01"),
                        UdpServer::echo,
                        ServerState.DOWN,
                        "unexpected reply of 3 bytes: 0x00ff80"),
                new Case(
                        "no reply",
                        ping.expect("pong"),
                        UdpServer::silent,
                        ServerState.DOWN,
                        "no answer within 300 ms"));
    }

    private static Stream<Arguments> casesOnEngines() {
        return Balancers.engines().flatMap(engine -> cases().map(c -> Arguments.of(engine, c)));
    }

    private static HealthCheck quick(HealthCheck check) {
        return check.timeout(TIMEOUT)
                .interval(Duration.ofMillis(100))
                .healthyThreshold(1)
                .unhealthyThreshold(1);
    }

    private static Config.Builder udp(NettyEngine engine, HealthCheck check, UdpServer... servers) {
        return Balancers.udp(servers).engine(engine).serverGroup("servers", g -> g.healthCheck(check));
    }

    private static void awaitState(LoadBalancer lb, String id, ServerState state, String why) {
        await().untilAsserted(() -> {
            Snapshot.Server seen = Balancers.server(lb, id);
            assertThat(seen.state() + ": " + seen.why()).isEqualTo(state + ": " + why);
        });
    }

    @ParameterizedTest
    @MethodSource("casesOnEngines")
    void theAnswerDecides(NettyEngine engine, Case c) {
        try (UdpServer server = c.server.get();
                LoadBalancer lb =
                        udp(engine, quick(HealthCheck.udp(c.check)), server).start()) {
            awaitState(lb, server.id(), c.state, c.why);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aPortWhereNobodyIsFailsAndOneThatIsSilentDoesNot(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (UdpServer steady = UdpServer.named();
                UdpServer leaving = UdpServer.silent();
                LoadBalancer lb = udp(engine, quick(HealthCheck.udp()), steady, leaving)
                        .observer(seen)
                        .start()) {
            awaitState(lb, leaving.id(), ServerState.UP, "silent for 300 ms");
            assertThat(leaving.next().text()).isEqualTo("clb-health-check");

            leaving.stop();
            awaitState(lb, leaving.id(), ServerState.DOWN, "port unreachable");
            awaitState(lb, steady.id(), ServerState.UP, "answered");
            // What goes to the one that has left is lost.
            await().ignoreExceptionsInstanceOf(SocketTimeoutException.class).untilAsserted(() -> {
                try (UdpClient first = UdpClient.to(lb, "front").waiting(100);
                        UdpClient second = UdpClient.to(lb, "front").waiting(100)) {
                    assertThat(first.ask("x") + second.ask("x")).isEqualTo(steady.id() + steady.id());
                }
            });

            try (UdpServer back = UdpServer.namedOn(leaving.port())) {
                awaitState(lb, back.id(), ServerState.UP, "answered");
            }
            await().untilAsserted(() -> assertThat(seen.states())
                    .containsSubsequence(
                            "servers " + leaving.id() + " CHECKING -> UP: silent for 300 ms",
                            "servers " + leaving.id() + " UP -> DOWN: port unreachable",
                            "servers " + leaving.id() + " DOWN -> UP: answered"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void itIsForServersOfConnectionsToo(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                UdpServer beside = UdpServer.echo();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(quick(HealthCheck.udp()).port(beside.port()), server.id()))
                        .start()) {
            awaitState(lb, server.id(), ServerState.UP, "answered");
            beside.stop();
            awaitState(lb, server.id(), ServerState.DOWN, "port unreachable");
            assertThat(server.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatInsistsOnAHeaderAnswersProbesThatBeginWithOne(NettyEngine engine) {
        HealthCheck without = quick(HealthCheck.udp(UdpCheck.request("ping").expect("ping")));
        HealthCheck with = without.proxyProtocol(ProxyProtocol.Version.V2);
        try (UdpServer server = UdpServer.behind(ProxyHeaders.binary(ProxyHeaders.LOCAL, 0, new byte[0]));
                LoadBalancer lb = udp(engine, with, server).start()) {
            awaitState(lb, server.id(), ServerState.UP, "answered as expected");
            lb.update(c -> c.serverGroup("servers", g -> g.healthCheck(without)));
            awaitState(lb, server.id(), ServerState.DOWN, "no answer within 300 ms");
            lb.update(c -> c.serverGroup("servers", g -> g.healthCheck(with)));
            awaitState(lb, server.id(), ServerState.UP, "answered as expected");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void silenceIsAVerdictAtTheEndOfTheTimeout(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(server)
                                .serverGroup("servers", g -> g.healthCheck(HealthCheck.udp()))
                                .build())) {
            // The first probe begins within a quarter of the interval.
            clock.advance(Duration.ofMillis(1_250));
            assertThat(server.next().text()).isEqualTo("clb-health-check");
            clock.advance(Duration.ofMillis(9_990));
            assertThat(Balancers.server(lb, server.id()).state()).isEqualTo(ServerState.CHECKING);
            clock.advance(Duration.ofMillis(20));
            awaitState(lb, server.id(), ServerState.UP, "silent for 10 s");
            assertThat(Balancers.server(lb, server.id()).lastProbe()).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
            assertThat(server.waiting()).isZero();
        }
    }
}
