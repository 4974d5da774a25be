package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients of a TCP listener notice of its scheduler, whichever of the catalogue it is. */
@ExtendWith(LeakCheck.class)
final class SchedulerTest {

    /** Enough that each of three servers gets one, unless chance plays a trick of one in a hundred million. */
    private static final int CONNECTIONS = 48;

    /** Each scheduler that can be used for TCP, on each transport. */
    static Stream<Arguments> schedulers() {
        return Schedulers.catalogue().stream()
                .filter(scheduler -> scheduler.serves(FlowKind.CONNECTION))
                .flatMap(scheduler -> Balancers.engines().map(engine -> Arguments.of(engine, scheduler)));
    }

    /** The servers that connections are given, one after the other, each from another address. */
    private static List<String> served(LoadBalancer lb) throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= CONNECTIONS; i++) {
            try (Client client = Client.from("127.0.1." + i, lb, "front")) {
                names.add(client.line());
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void everyServerGetsConnectionsAndThatOfWeightZeroNone(NettyEngine engine, SchedulerFactory scheduler)
            throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer c = TestServer.named();
                TestServer idle = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a, b, c, idle))
                        .serverGroup("servers", g -> g.scheduler(scheduler).server(idle.id(), s -> s.weight(0)))
                        .start()) {
            assertThat(served(lb)).containsOnly(a.id(), b.id(), c.id());
            assertThat(idle.accepted()).isZero();
            lb.update(u -> u.serverGroup(
                    "servers", g -> g.server(a.id(), s -> s.weight(0)).server(idle.id(), s -> s.weight(100))));
            assertThat(served(lb)).containsOnly(b.id(), c.id(), idle.id());
        }
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void aConnectionThatAServerRefusesGoesToAnother(NettyEngine engine, SchedulerFactory scheduler) throws Exception {
        String nobody = ConnectTest.nobody();
        try (TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(nobody, server.id()))
                        .serverGroup("servers", g -> g.scheduler(scheduler))
                        .start()) {
            assertThat(served(lb)).hasSize(CONNECTIONS).containsOnly(server.id());
            assertThat(Balancers.server(lb, nobody).connectFailures()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void aServerThatIsDownOrRemovedGetsNothing(NettyEngine engine, SchedulerFactory scheduler) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer dead = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, a.id(), b.id(), dead.id()))
                        .serverGroup("servers", g -> g.scheduler(scheduler))
                        .start()) {
            dead.stop();
            await().until(() -> Balancers.server(lb, dead.id()).state() == ServerState.DOWN);
            // The loops may learn of it a moment later.
            await().until(() -> {
                long before = Balancers.server(lb, dead.id()).connectFailures();
                served(lb);
                return Balancers.server(lb, dead.id()).connectFailures() == before;
            });
            assertThat(served(lb)).containsOnly(a.id(), b.id());
            lb.update(u -> u.serverGroup("servers", g -> g.removeServer(b.id())));
            assertThat(served(lb)).containsOnly(a.id());
        }
    }
}
