package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerConfig;
import io.clb.Snapshot;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups of a primary and a secondary. */
@ExtendWith(LeakCheck.class)
final class PrimaryTest {

    /** The ids of servers that the check finds bad. */
    private final Set<String> bad = ConcurrentHashMap.newKeySet();

    private final HealthCheck check = HealthCheck.custom(probe -> CompletableFuture.completedFuture(
                    bad.contains(probe.server().id()) ? Verdict.failed("on purpose") : Verdict.ok()))
            .interval(Duration.ofMillis(100))
            .healthyThreshold(1)
            .unhealthyThreshold(1);

    private static Set<String> served(LoadBalancer lb) throws Exception {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 4; i++) {
            try (Client client = Client.to(lb, "front")) {
                names.add(client.line());
            }
        }
        return names;
    }

    private static void awaitServedBy(LoadBalancer lb, TestServer server) {
        await().untilAsserted(() -> assertThat(served(lb)).containsExactly(server.id()));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void allGoesToThePrimaryWhileItsCheckIsGoodAndBackWhenItIsAgain(NettyEngine engine) throws Exception {
        try (TestServer primary = TestServer.named();
                TestServer secondary = TestServer.named();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                g -> g.healthCheck(check).primary(primary.id()).secondary(secondary.id()))
                        .start()) {
            awaitServedBy(lb, primary);
            assertThat(lb.snapshot().serverGroup("servers"))
                    .returns("primary", Snapshot.ServerGroup::scheduler)
                    .returns(
                            ServerConfig.Role.PRIMARY,
                            g -> g.server(primary.id()).role())
                    .returns(
                            ServerConfig.Role.SECONDARY,
                            g -> g.server(secondary.id()).role());
            bad.add(primary.id());
            awaitServedBy(lb, secondary);
            try (Client open = Client.to(lb, "front")) {
                assertThat(open.line()).isEqualTo(secondary.id());
                bad.remove(primary.id());
                awaitServedBy(lb, primary);
                assertThat(Balancers.server(lb, secondary.id()).active())
                        .as("what runs on the secondary stays")
                        .isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void theOperatorSwitchesOverAndBack(NettyEngine engine) throws Exception {
        try (TestServer primary = TestServer.named();
                TestServer secondary = TestServer.named();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                g -> g.healthCheck(HealthCheck.none())
                                        .primary(primary.id())
                                        .secondary(secondary.id()))
                        .start()) {
            assertThat(served(lb)).containsExactly(primary.id());
            lb.update(c -> c.serverGroup("servers", g -> g.maintenance(primary.id(), true)));
            assertThat(served(lb)).containsExactly(secondary.id());
            lb.update(c -> c.serverGroup("servers", g -> g.maintenance(primary.id(), false)));
            assertThat(served(lb)).containsExactly(primary.id());
            lb.update(
                    c -> c.serverGroup("servers", g -> g.primary(secondary.id()).secondary(primary.id())));
            assertThat(served(lb)).containsExactly(secondary.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aConnectThatThePrimaryRefusesGoesToTheSecondary(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String nobody = ConnectTest.nobody();
        try (TestServer secondary = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                g -> g.healthCheck(HealthCheck.none())
                                        .primary(nobody)
                                        .secondary(secondary.id()))
                        .observer(seen)
                        .start();
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            client.finish();
            assertThat(client.end()).isEqualTo(End.FIN);
            assertThat(seen.next().tries()).isEqualTo(nobody + " connect-refused, " + secondary.id() + " completed");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void associationsGoThereToo(NettyEngine engine) throws Exception {
        try (UdpServer primary = UdpServer.named();
                UdpServer secondary = UdpServer.named();
                LoadBalancer lb = Balancers.udp()
                        .engine(engine)
                        .serverGroup("servers", g -> g.primary(primary.id()).secondary(secondary.id()))
                        .start();
                UdpClient first = UdpClient.to(lb, "front");
                UdpClient second = UdpClient.to(lb, "front")) {
            assertThat(first.ask("who?")).isEqualTo(primary.id());
            lb.update(c -> c.serverGroup("servers", g -> g.drain(primary.id())));
            assertThat(second.ask("who?")).isEqualTo(secondary.id());
            assertThat(first.ask("who?")).isEqualTo(primary.id());
        }
    }
}
