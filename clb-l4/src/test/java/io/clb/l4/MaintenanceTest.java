package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.spi.Reason;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that the operator takes out, and puts back. */
@ExtendWith(LeakCheck.class)
final class MaintenanceTest {

    private static void change(LoadBalancer lb, Consumer<ServerGroupConfig.Builder> group) {
        lb.update(c -> c.serverGroup("servers", group));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void holdsThroughOtherUpdatesUntilItIsTakenBack(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(seen)
                        .start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("begun")).isTrue();
            Instant before = Instant.now();
            change(lb, g -> g.maintenance(server.id(), true));
            Snapshot.Server out = Balancers.server(lb, server.id());
            assertThat(out)
                    .returns(ServerState.MAINTENANCE, Snapshot.Server::state)
                    .returns("by the operator's word", Snapshot.Server::why);
            assertThat(out.since()).isBetween(before, Instant.now());

            change(lb, g -> g.server(server.id(), s -> s.weight(50)));
            change(lb, g -> g.healthCheck(HealthCheck.tcp()).healthCheck(HealthCheck.none()));
            lb.update(c -> c.listener("front", l -> l.connectTries(2)));
            assertThat(Balancers.server(lb, server.id()))
                    .returns(ServerState.MAINTENANCE, Snapshot.Server::state)
                    .returns(out.since(), Snapshot.Server::since);
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.NO_SERVER_AVAILABLE);
            assertThat(open.echoes("still here")).isTrue();

            change(lb, g -> g.maintenance(server.id(), false));
            assertThat(Balancers.server(lb, server.id()))
                    .returns(ServerState.UP, Snapshot.Server::state)
                    .returns("no health check", Snapshot.Server::why);
            try (Client next = Client.to(lb, "front")) {
                assertThat(next.echoes("back")).isTrue();
            }
            assertThat(open.echoes("through all of that")).isTrue();
            assertThat(seen.states())
                    .containsExactly(
                            "servers " + server.id() + " CHECKING -> UP: no health check",
                            "servers " + server.id() + " UP -> MAINTENANCE: by the operator's word",
                            "servers " + server.id() + " MAINTENANCE -> UP: no health check");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void checksGoOnBeneathIt(NettyEngine engine) throws Exception {
        ManualCheck check = new ManualCheck();
        HealthCheck once =
                HealthCheck.custom(check).interval(Duration.ofMillis(100)).unhealthyThreshold(1);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(once, server.id()).andThen(g -> g.maintenance(server.id(), true)))
                        .start()) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            check.next().answer().complete(Verdict.failed("on purpose"));
            // The next probe comes when the verdict of the one before was taken in.
            ManualCheck.Asked second = check.next();
            assertThat(Balancers.server(lb, server.id()))
                    .returns(ServerState.MAINTENANCE, Snapshot.Server::state)
                    .returns("by the operator's word", Snapshot.Server::why);

            change(lb, g -> g.maintenance(server.id(), false));
            assertThat(Balancers.server(lb, server.id()))
                    .returns(ServerState.DOWN, Snapshot.Server::state)
                    .returns("on purpose", Snapshot.Server::why);
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);

            second.answer().complete(Verdict.ok());
            check.next().answer().complete(Verdict.ok());
            check.next().answer().complete(Verdict.ok());
            await().until(() -> Balancers.server(lb, server.id()).state() == ServerState.UP);
        }
    }
}
