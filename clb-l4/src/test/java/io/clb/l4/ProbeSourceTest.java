package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.spi.Probe;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Probes from an address of the operator's choice. */
@ExtendWith(LeakCheck.class)
final class ProbeSourceTest {

    private static final String SOURCE = "127.0.0.3";

    /** One for documentation (RFC 5737), which no machine has. */
    private static final String FOREIGN = "192.0.2.7";

    private static HealthCheck quick(HealthCheck check) {
        return check.interval(Duration.ofMillis(100))
                .timeout(Duration.ofSeconds(2))
                .healthyThreshold(1)
                .unhealthyThreshold(1);
    }

    private static Stream<Arguments> checksOnEngines() {
        return Balancers.engines()
                .flatMap(engine -> Stream.of(HealthCheck.tcp(), HealthCheck.udp())
                        .map(check -> Arguments.of(engine, quick(check))));
    }

    private static void awaitState(LoadBalancer lb, String id, ServerState state, String why) {
        await().untilAsserted(() -> {
            Snapshot.Server seen = Balancers.server(lb, id);
            assertThat(seen.state() + ": " + seen.why()).isEqualTo(state + ": " + why);
        });
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#allEngines")
    void connectsComeFromThere(NettyEngine engine) throws Exception {
        BlockingQueue<String> clients = new LinkedBlockingQueue<>();
        HealthCheck check = quick(HealthCheck.tcp()).sourceAddress(SOURCE);
        try (TestServer server = TestServer.of(
                        socket -> clients.add(socket.getInetAddress().getHostAddress()));
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(check, server.id()))
                        .start()) {
            awaitState(lb, server.id(), ServerState.UP, "healthy");
            assertThat(clients.poll(10, TimeUnit.SECONDS)).isEqualTo(SOURCE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void datagramsComeFromThere(NettyEngine engine) throws Exception {
        HealthCheck check = quick(HealthCheck.udp()).sourceAddress(SOURCE);
        try (UdpServer server = UdpServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(check, server.id()))
                        .start()) {
            awaitState(lb, server.id(), ServerState.UP, "answered");
            assertThat(server.next().from().getAddress().getHostAddress()).isEqualTo(SOURCE);
            server.stop();
            awaitState(lb, server.id(), ServerState.DOWN, "port unreachable");
        }
    }

    @ParameterizedTest
    @MethodSource("checksOnEngines")
    void fromAnAddressThatTheMachineDoesNotHaveNothingIsHealthy(NettyEngine engine, HealthCheck check) {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(check.sourceAddress(FOREIGN), server.id()))
                        .start()) {
            awaitState(
                    lb, server.id(), ServerState.DOWN, "cannot probe from 192.0.2.7: cannot assign requested address");
        }
    }

    @ParameterizedTest
    @MethodSource("checksOnEngines")
    void fromAnAddressOfAnotherFamilyNothingIsHealthy(NettyEngine engine, HealthCheck check) {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(check.sourceAddress("::1"), server.id()))
                        .start()) {
            awaitState(
                    lb, server.id(), ServerState.DOWN, "cannot probe 127.0.0.1 from ::1: one is IPv4, the other IPv6");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aCheckOfTheApplicationsOwnIsTold(NettyEngine engine) throws Exception {
        BlockingQueue<Probe> probes = new LinkedBlockingQueue<>();
        HealthCheck check = HealthCheck.custom(probe -> {
                    probes.add(probe);
                    return CompletableFuture.completedFuture(Verdict.ok());
                })
                .sourceAddress(SOURCE);
        try (LoadBalancer lb =
                Balancers.tcp(engine, Balancers.checked(check, "127.0.0.1:1")).start()) {
            awaitState(lb, "127.0.0.1:1", ServerState.UP, "healthy");
            assertThat(probes.take().sourceAddress()).isEqualTo(SOURCE);
        }
    }
}
