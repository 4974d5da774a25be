package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ProxyProtocol;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that come and go, and what their checks make of it. */
@ExtendWith(LeakCheck.class)
final class HealthCheckTest {

    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration TEN_MILLIS = Duration.ofMillis(10);

    private static void awaitState(LoadBalancer lb, String id, ServerState state) {
        await().until(() -> Balancers.server(lb, id).state() == state);
    }

    /** The servers that four connections in a row are given. */
    private static Set<String> served(LoadBalancer lb) throws Exception {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            try (Client client = Client.to(lb, "front")) {
                names.add(client.line());
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatFailsIsTakenOutAndComesBack(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer good = TestServer.named();
                TestServer bad = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, good.id(), bad.id()))
                        .observer(seen)
                        .start()) {
            awaitState(lb, bad.id(), ServerState.UP);
            awaitState(lb, good.id(), ServerState.UP);
            assertThat(served(lb)).containsExactlyInAnyOrder(good.id(), bad.id());

            bad.stop();
            awaitState(lb, bad.id(), ServerState.DOWN);
            assertThat(Balancers.server(lb, bad.id()).why()).isEqualTo("connection refused");
            await().untilAsserted(() -> assertThat(served(lb)).containsExactly(good.id()));
            long failures = Balancers.server(lb, bad.id()).connectFailures();
            assertThat(served(lb)).containsExactly(good.id());
            assertThat(Balancers.server(lb, bad.id()).connectFailures()).isEqualTo(failures);

            try (TestServer back = TestServer.on(bad.port(), TestServer::sayName)) {
                awaitState(lb, back.id(), ServerState.UP);
                await().untilAsserted(() -> assertThat(served(lb)).containsExactlyInAnyOrder(good.id(), back.id()));
            }
            assertThat(seen.states())
                    .containsSubsequence(
                            "servers " + bad.id() + " CHECKING -> UP: healthy",
                            "servers " + bad.id() + " UP -> DOWN: connection refused",
                            "servers " + bad.id() + " DOWN -> UP: healthy");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void connectionsOnAServerThatFailsGoOn(NettyEngine engine) throws Exception {
        ManualCheck check = new ManualCheck();
        HealthCheck once = HealthCheck.custom(check).unhealthyThreshold(1);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(once, server.id()))
                        .start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("before")).isTrue();
            check.next().answer().complete(Verdict.failed("on purpose"));
            awaitState(lb, server.id(), ServerState.DOWN);
            assertThat(client.echoes("after")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void itTakesAsManyProbesAsTheThresholdsSay(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        ManualCheck check = new ManualCheck();
        HealthCheck twoThree = HealthCheck.custom(check).healthyThreshold(2).unhealthyThreshold(3);
        String id = "127.0.0.1:1";
        try (LoadBalancer lb = clock.start(
                transport, Balancers.tcp(Balancers.checked(twoThree, id)).build())) {
            String[] expected = {
                "good UP",
                "bad UP",
                "bad UP",
                "good UP",
                "bad UP",
                "bad UP",
                "bad DOWN",
                "bad DOWN",
                "good DOWN",
                "bad DOWN",
                "good DOWN",
                "good UP",
                "bad UP"
            };
            for (int i = 0; i < expected.length; i++) {
                String why = "verdict " + i;
                boolean good = expected[i].startsWith("good");
                check.next(clock, INTERVAL).answer().complete(new Verdict(good, why));
                await().pollInterval(TEN_MILLIS)
                        .until(() -> Balancers.server(lb, id).why().equals(why));
                assertThat((good ? "good " : "bad ") + Balancers.server(lb, id).state())
                        .as(why)
                        .isEqualTo(expected[i]);
            }
        }
    }

    private static Stream<Arguments> thresholds() {
        return Balancers.transports()
                .flatMap(transport -> Stream.of(1, 2, 10).map(probes -> Arguments.of(transport, probes)));
    }

    @ParameterizedTest
    @MethodSource("thresholds")
    void aServerThatFlapsStaysWhatItIsUntilItMeansIt(String transport, int probes) throws Exception {
        FakeClock clock = new FakeClock();
        ManualCheck check = new ManualCheck();
        HealthCheck slow = HealthCheck.custom(check).healthyThreshold(probes).unhealthyThreshold(probes);
        String id = "127.0.0.1:1";
        Seen seen = new Seen();
        // One good, one short of enough bad ones, a good one, enough bad ones; then the same the other way round.
        String verdicts = "g" + "b".repeat(probes - 1) + "g" + "b".repeat(probes)
                + (probes > 1 ? "g".repeat(probes - 1) + "b" : "") + "g".repeat(probes);
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.tcp(Balancers.checked(slow, id)).observer(seen).build())) {
            for (int i = 0; i < verdicts.length(); i++) {
                String why = verdicts.charAt(i) + " " + i;
                check.next(clock, INTERVAL).answer().complete(new Verdict(verdicts.charAt(i) == 'g', why));
                await().pollInterval(TEN_MILLIS)
                        .until(() -> Balancers.server(lb, id).why().equals(why));
            }
        }
        assertThat(seen.states())
                .containsExactly(
                        "servers " + id + " CHECKING -> UP: g 0",
                        "servers " + id + " UP -> DOWN: b " + 2 * probes,
                        "servers " + id + " DOWN -> UP: g " + (verdicts.length() - 1));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void theFirstServersTakeTrafficAtOnceAndLaterOnesAfterTheirFirstSuccess(NettyEngine engine) throws Exception {
        ManualCheck check = new ManualCheck();
        try (TestServer first = TestServer.named();
                TestServer later = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(HealthCheck.custom(check), first.id()))
                        .start()) {
            assertThat(served(lb)).containsExactly(first.id());
            assertThat(Balancers.server(lb, first.id()).state()).isEqualTo(ServerState.CHECKING);
            check.next();
            lb.update(c -> c.serverGroup("servers", g -> g.server(later.id())));
            assertThat(served(lb)).containsExactly(first.id());
            assertThat(Balancers.server(lb, later.id()).state()).isEqualTo(ServerState.CHECKING);
            ManualCheck.Asked asked = check.next();
            assertThat(asked.probe().server().id()).isEqualTo(later.id());
            asked.answer().complete(Verdict.ok());
            await().untilAsserted(() -> assertThat(served(lb)).containsExactlyInAnyOrder(first.id(), later.id()));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerOfWeightZeroIsHealthyAndIsGivenNothing(NettyEngine engine) throws Exception {
        try (TestServer used = TestServer.named();
                TestServer spare = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, used.id()))
                        .serverGroup("servers", g -> g.server(spare.id(), s -> s.weight(0)))
                        .start()) {
            awaitState(lb, spare.id(), ServerState.UP);
            awaitState(lb, used.id(), ServerState.UP);
            assertThat(served(lb)).containsExactly(used.id());
            assertThat(Balancers.server(lb, spare.id()).connections()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void withoutAHealthCheckAServerIsUp(NettyEngine engine) throws Exception {
        String nobody = ConnectTest.nobody();
        try (LoadBalancer lb =
                Balancers.tcp(engine, Balancers.unchecked(nobody)).start()) {
            assertThat(Balancers.server(lb, nobody).state()).isEqualTo(ServerState.UP);
            assertThat(Balancers.server(lb, nobody).lastProbe()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void groupsThatCheckAnAddressAlikeShareItsProbes(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        HealthCheck other = HealthCheck.tcp().interval(INTERVAL.multipliedBy(2));
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.checked(HealthCheck.tcp(), server.id()))
                                .serverGroup("alike", Balancers.checked(HealthCheck.tcp(), server.id()))
                                .build())) {
            clock.advance(INTERVAL);
            await().until(() -> lb.snapshot().serverGroups().stream()
                    .allMatch(group -> group.server(server.id()).state() == ServerState.UP));
            acceptAll(server);
            assertThat(server.accepted()).isEqualTo(2);
            lb.update(c -> c.serverGroup("other", Balancers.checked(other, server.id())));
            clock.advance(Duration.ofSeconds(1));
            await().until(() ->
                    lb.snapshot().serverGroup("other").server(server.id()).state() == ServerState.UP);
            acceptAll(server);
            assertThat(server.accepted()).isEqualTo(4);
        }
    }

    /** One connection more, served after all before it: a probe is over before the server has accepted it. */
    private static void acceptAll(TestServer server) throws IOException {
        try (Client last = Client.to(server.port())) {
            assertThat(last.echoes("last")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aProbeSendsNothingAndLeavesWithAReset(NettyEngine engine) throws Exception {
        try (ManualServer server = new ManualServer();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, server.id()))
                        .start();
                Client probe = server.accept()) {
            assertThatThrownBy(() -> probe.read(1)).isInstanceOf(SocketException.class);
            awaitState(lb, server.id(), ServerState.UP);
            assertThat(Balancers.server(lb, server.id()).lastProbe()).isPositive();
        }
    }

    private static Stream<Arguments> headers() {
        byte[] local = ProxyHeaders.binary(ProxyHeaders.LOCAL, 0, new byte[0]);
        return Balancers.allEngines()
                .flatMap(engine -> Stream.of(
                        Arguments.of(engine, ProxyProtocol.Version.V1, ProxyHeaders.line("PROXY UNKNOWN")),
                        Arguments.of(engine, ProxyProtocol.Version.V2, local)));
    }

    /** Of the port that is probed, too; and with FIN, as with a reset a server might never see the header. */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("headers")
    void aProbeSendsAHeaderIfItIsToAndNothingElse(NettyEngine engine, ProxyProtocol.Version version, byte[] header)
            throws Exception {
        try (ManualServer beside = new ManualServer();
                TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(
                                        Balancers.QUICK.proxyProtocol(version).port(portOf(beside.id())), server.id()))
                        .start();
                Client probe = beside.accept()) {
            assertThat(probe.readAll()).isEqualTo(header);
            awaitState(lb, server.id(), ServerState.UP);
            beside.stop();
            awaitState(lb, server.id(), ServerState.DOWN);
            assertThat(Balancers.server(lb, server.id()).why()).isEqualTo("connection refused");
        }
    }

    /** The server is a listener that takes nobody without a header. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatInsistsOnAHeaderTakesProbesThatBeginWithOne(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer strict = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.proxyProtocolIn(ProxyProtocol.required("127.0.0.1")))
                        .start();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(
                                        Balancers.QUICK.proxyProtocol(ProxyProtocol.Version.V2),
                                        "127.0.0.1:" + strict.address("front").getPort()))
                        .start()) {
            await().until(() -> Balancers.front(strict).ended().getOrDefault(Reason.COMPLETED, 0L) >= 2);
            assertThat(Balancers.front(strict).ended()).containsOnlyKeys(Reason.COMPLETED);
            lb.update(c -> c.serverGroup("servers", g -> g.healthCheck(Balancers.QUICK)));
            await().until(() -> Balancers.front(strict).ended().containsKey(Reason.CLIENT_GONE));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void aServerThatDoesNotAnswerInTimeIsDown(NettyEngine engine) throws Exception {
        try (HungServer hung = new HungServer();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(
                                        Balancers.QUICK.unhealthyThreshold(1).timeout(Duration.ofMillis(100)),
                                        hung.id()))
                        .start()) {
            awaitState(lb, hung.id(), ServerState.DOWN);
            assertThat(Balancers.server(lb, hung.id()).why()).isEqualTo("no answer within 100 ms");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerWhoseNameHasNoAddressIsDown(NettyEngine engine) throws Exception {
        // No name ends so (RFC 6761).
        String id = "nobody.invalid:80";
        try (LoadBalancer lb =
                Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, id)).start()) {
            awaitState(lb, id, ServerState.DOWN);
            assertThat(Balancers.server(lb, id).why()).isEqualTo("the name nobody.invalid has no address");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anotherPortMayBeProbed(NettyEngine engine) throws Exception {
        try (TestServer serving = TestServer.named();
                TestServer health = TestServer.of(socket -> {});
                LoadBalancer lb = Balancers.tcp(
                                engine, Balancers.checked(Balancers.QUICK.port(health.port()), serving.id()))
                        .start()) {
            awaitState(lb, serving.id(), ServerState.UP);
            assertThat(serving.accepted()).isZero();
            health.stop();
            awaitState(lb, serving.id(), ServerState.DOWN);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateThatChangesTheCheckIsHeededAtOnce(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named();
                TestServer other = TestServer.named();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(Balancers.QUICK.port(portOf(ConnectTest.nobody())), server.id()))
                        .start()) {
            awaitState(lb, server.id(), ServerState.DOWN);
            lb.update(c -> c.serverGroup("servers", g -> g.healthCheck(HealthCheck.none())));
            assertThat(served(lb)).containsExactly(server.id());
            assertThat(Balancers.server(lb, server.id()).state()).isEqualTo(ServerState.UP);
            lb.update(c -> c.serverGroup("servers", g -> g.server(other.id())));
            assertThat(served(lb)).containsExactlyInAnyOrder(server.id(), other.id());
            lb.update(c -> c.serverGroup("servers", g -> g.removeServer(server.id())));
            assertThat(served(lb)).containsExactly(other.id());
        }
    }

    private static int portOf(String id) {
        return Integer.parseInt(id.substring(id.lastIndexOf(':') + 1));
    }
}
