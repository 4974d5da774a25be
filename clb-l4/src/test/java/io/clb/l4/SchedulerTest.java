package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

    private static List<SchedulerFactory> forTcp() {
        return Schedulers.catalogue().stream()
                .filter(scheduler -> scheduler.serves(FlowKind.CONNECTION))
                .toList();
    }

    /** Each scheduler that can be used for TCP, on each transport. */
    static Stream<Arguments> schedulers() {
        return forTcp().stream()
                .flatMap(scheduler -> Balancers.engines().map(engine -> Arguments.of(engine, scheduler)));
    }

    /** The servers that connections are given, one after the other, each from another address. */
    private static List<String> served(LoadBalancer lb, String listener) throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= CONNECTIONS; i++) {
            try (Client client = Client.from("127.0.1." + i, lb, listener)) {
                names.add(client.line());
            }
        }
        return names;
    }

    /** All of them get some, but for peak EWMA: of a few quick connections one after the other the fastest server may take all. */
    private static void assertShared(SchedulerFactory scheduler, List<String> served, String... servers) {
        assertThat(served).as("%s", scheduler).isSubsetOf(servers);
        if (!scheduler.equals(Schedulers.peakEwma())) {
            assertThat(served).as("%s", scheduler).contains(servers);
        }
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
            assertShared(scheduler, served(lb, "front"), a.id(), b.id(), c.id());
            assertThat(idle.accepted()).isZero();
            lb.update(u -> u.serverGroup(
                    "servers", g -> g.server(a.id(), s -> s.weight(0)).server(idle.id(), s -> s.weight(100))));
            assertShared(scheduler, served(lb, "front"), b.id(), c.id(), idle.id());
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
            assertThat(served(lb, "front")).hasSize(CONNECTIONS).containsOnly(server.id());
            assertThat(Balancers.server(lb, nobody).connectFailures()).isPositive();
        }
    }

    /** All at once, each with a listener of its name, as this waits for checks to fail. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aServerThatIsDownOrRemovedGetsNothing(NettyEngine engine) throws Exception {
        List<SchedulerFactory> all = forTcp();
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer dead = TestServer.named();
                LoadBalancer lb = start(engine, all, Balancers.checked(Balancers.QUICK, a.id(), b.id(), dead.id()))) {
            dead.stop();
            for (SchedulerFactory scheduler : all) {
                awaitNoConnects(lb, scheduler.name(), dead.id());
                assertShared(scheduler, served(lb, scheduler.name()), a.id(), b.id());
                lb.update(u -> u.serverGroup(scheduler.name(), g -> g.removeServer(b.id())));
                assertThat(served(lb, scheduler.name())).as("%s", scheduler).containsOnly(a.id());
            }
        }
    }

    private static LoadBalancer start(
            NettyEngine engine, List<SchedulerFactory> schedulers, Consumer<ServerGroupConfig.Builder> group) {
        Config.Builder config = LoadBalancer.builder().name("test").engine(engine);
        for (SchedulerFactory scheduler : schedulers) {
            String name = scheduler.name();
            config.serverGroup(name, group.andThen(g -> g.scheduler(scheduler)))
                    .listener(name, l -> l.tcp(0).bind("127.0.0.1").forwardTo(name));
        }
        return config.start();
    }

    /** Returns when the server is down and no loop tries it any more, whatever it was told before. */
    private static void awaitNoConnects(LoadBalancer lb, String group, String id) {
        Supplier<Snapshot.Server> server =
                () -> lb.snapshot().serverGroup(group).server(id);
        await().until(() -> server.get().state() == ServerState.DOWN);
        await().until(() -> {
            long before = server.get().connectFailures();
            served(lb, group);
            return server.get().connectFailures() == before;
        });
    }
}
