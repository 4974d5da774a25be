package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.Config;
import io.clb.ConfigException;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Options;
import io.clb.ServerGroupConfig;
import io.clb.spi.FlowRecord;
import io.clb.spi.Server;
import io.clb.spi.ServerState;
import io.clb.spi.TrafficObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes of server groups while connections are open, and who may make them. */
@ExtendWith(LeakCheck.class)
final class UpdateTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    /** The servers that so many connections in a row are given. */
    private static List<String> served(LoadBalancer lb, int connections) throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            try (Client client = Client.to(lb, "front")) {
                names.add(client.line());
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void changesHoldForNewConnectionsAndOpenOnesGoOn(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer echo = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(echo)).start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("begun")).isTrue();

            lb.update(c -> c.serverGroup("servers", g -> g.server(a.id()).removeServer(echo.id())));
            assertThat(served(lb, 2)).containsOnly(a.id());
            assertThat(open.echoes("the server was removed")).isTrue();

            lb.update(c -> c.serverGroup("servers", g -> g.server(b.id(), s -> s.weight(25))));
            assertThat(served(lb, 10)).filteredOn(b.id()::equals).hasSize(2);

            lb.update(c -> c.serverGroup("servers", g -> g.server(b.id(), s -> s.weight(100))));
            assertThat(served(lb, 10)).filteredOn(b.id()::equals).hasSize(5);

            lb.update(c -> c.serverGroup("servers", g -> g.drain(b.id())));
            assertThat(served(lb, 4)).containsOnly(a.id());
            assertThat(Balancers.server(lb, b.id()).state()).isEqualTo(ServerState.DRAINING);

            lb.update(c -> c.serverGroup("servers", g -> g.undrain(b.id())));
            assertThat(served(lb, 4)).contains(a.id(), b.id());
            assertThat(Balancers.server(lb, b.id()).state()).isEqualTo(ServerState.UP);

            lb.update(c -> c.serverGroup("servers", g -> g.maintenance(a.id(), true)));
            assertThat(served(lb, 4)).containsOnly(b.id());
            assertThat(Balancers.server(lb, a.id()).state()).isEqualTo(ServerState.MAINTENANCE);

            lb.update(c -> c.serverGroup("servers", g -> g.maintenance(a.id(), false)));
            assertThat(served(lb, 4)).contains(a.id(), b.id());
            assertThat(open.echoes("through all of that")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aConnectionStaysOnAServerThatIsDrained(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("begun")).isTrue();
            lb.update(c -> c.serverGroup("servers", g -> g.drain(server.id())));
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(open.echoes("draining")).isTrue();
            lb.update(c -> c.serverGroup("servers", g -> g.undrain(server.id()).maintenance(server.id(), true)));
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(open.echoes("in maintenance")).isTrue();
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            lb.update(c -> c.listener("front", l -> l.maxConnections(1)));
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(open.echoes("the only one allowed")).isTrue();
        }
    }

    /** Servers that are nobody's, and take nothing. */
    private static Consumer<ServerGroupConfig.Builder> many(int network, int servers) {
        return g -> {
            g.healthCheck(HealthCheck.none());
            for (int i = 0; i < servers; i++) {
                g.server("10." + network + "." + (i >> 8) + "." + (i & 255) + ":80", s -> s.weight(0));
            }
        };
    }

    /** Those of before and those of after are there at once, and there is room for 65,536. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateWithMoreNewServersThanThereIsRoomForIsRefusedAndChangesNothing(NettyEngine engine) throws Exception {
        int servers = 33_000;
        try (TestServer server = TestServer.echo();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("before")).isTrue();
            Logged.quietly(() -> lb.update(c -> c.serverGroup("many", many(1, servers))));
            Config before = lb.config();
            Consumer<Config.Builder> others =
                    c -> c.serverGroup("others", many(2, servers)).listener("front", l -> l.maxConnections(1));
            assertThatThrownBy(() -> lb.update(c -> others.accept(c.removeServerGroup("many"))))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("balancer: servers: 33,000 new ones (expected: at most 32,535, as with those that they"
                            + " replace there may be 65,536: remove some first, in an update of its own)");
            assertThat(lb.config()).isSameAs(before);
            assertThat(lb.snapshot().serverGroups()).hasSize(2);
            try (Client second = Client.to(lb, "front")) {
                assertThat(second.echoes("as before")).isTrue();
            }
            lb.update(c -> c.removeServerGroup("many"));
            Logged.quietly(() -> lb.update(others));
            assertThat(lb.snapshot().serverGroup("others").servers()).hasSize(servers);
            assertThat(open.echoes("after")).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateWithMistakesChangesNothing(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            Config before = lb.config();
            assertThatThrownBy(() -> lb.update(c -> c.serverGroup(
                                    "servers", g -> g.server("no address").server(server.id(), s -> s.weight(0)))
                            .listener("front", l -> l.idleTimeout(Duration.ofSeconds(9)))
                            .listener("back", l -> l.tcp(0).forwardTo("nobody"))))
                    .isInstanceOfSatisfying(
                            ConfigException.class, e -> assertThat(e.mistakes()).hasSize(3));
            assertThat(lb.config()).isSameAs(before);
            assertThat(lb.snapshot().listeners()).hasSize(1);
            assertThat(served(lb, 2)).containsOnly(server.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anUpdateThatThrowsChangesNothing(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            Config before = lb.config();
            assertThatThrownBy(() -> lb.update(c -> {
                        c.removeListener("front");
                        throw new IllegalStateException("on purpose");
                    }))
                    .hasMessage("on purpose");
            assertThatThrownBy(() -> lb.update(c -> c.serverGroup(
                            "servers",
                            g -> g.scheduler((eligible, previous) -> {
                                throw new IllegalStateException("no such luck");
                            }))))
                    .hasMessage("no such luck");
            assertThat(lb.config()).isSameAs(before);
            assertThat(served(lb, 2)).containsOnly(server.id());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void someThingsAreFixed(NettyEngine engine) {
        try (LoadBalancer lb = Balancers.tcp(engine, g -> {}).start()) {
            assertThatThrownBy(() -> lb.update(c -> c.name("other")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("name: other (expected: test: it is fixed while the balancer runs)");
            assertThatThrownBy(() -> lb.update(c -> c.daemonThreads(true)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("daemonThreads: true");
            assertThatThrownBy(() -> lb.update(c -> c.engine(NettyEngine.nio())))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("engine: netty nio");
        }
    }

    /** Calls the balancer from its own threads. */
    private static final class Caller implements TrafficObserver {

        private final AtomicReference<@Nullable LoadBalancer> balancer = new AtomicReference<>();
        private final CompletableFuture<Throwable> refused = new CompletableFuture<>();
        private final CompletableFuture<CompletionStage<Void>> later = new CompletableFuture<>();

        @Override
        public void flowEnded(FlowRecord record) {
            call();
        }

        @Override
        public void serverStateChanged(String group, Server server, ServerState from, ServerState to, String why) {
            call();
        }

        private void call() {
            LoadBalancer lb = balancer.get();
            if (lb == null) {
                return;
            }
            try {
                lb.update(c -> c.listener("front", l -> l.connectTries(9)));
            } catch (IllegalStateException e) {
                refused.complete(e);
            }
            later.complete(lb.updateAsync(c -> c.listener("front", l -> l.connectTries(10))));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void onTheBalancersOwnThreadsOnlyUpdateAsyncIsAllowed(NettyEngine engine) throws Exception {
        Caller onLoop = new Caller();
        Caller onControl = new Caller();
        try (TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .observer(onLoop)
                        .start()) {
            onLoop.balancer.set(lb);
            served(lb, 1);
            assertRefusedAndDoneLater(lb, onLoop);
            lb.update(c -> c.removeObserver(onLoop).observer(onControl).listener("front", l -> l.connectTries(2)));
            onControl.balancer.set(lb);
            lb.update(c -> c.serverGroup("servers", g -> g.drain(server.id())));
            assertRefusedAndDoneLater(lb, onControl);
        }
    }

    private static void assertRefusedAndDoneLater(LoadBalancer lb, Caller caller) throws Exception {
        assertThat(caller.refused.get(10, TimeUnit.SECONDS))
                .hasMessageContaining("update waits")
                .hasMessageContaining("updateAsync");
        assertThat(caller.later.get(10, TimeUnit.SECONDS).toCompletableFuture()).succeedsWithin(TEN_SECONDS);
        assertThat(lb.config().listeners().values())
                .allSatisfy(listener ->
                        assertThat(listener.get(Options.CONNECT_TRIES)).isEqualTo(10));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void updatesOfManyThreadsAllApply(NettyEngine engine) throws Exception {
        int threads = 8;
        int each = 25;
        try (TestServer server = TestServer.named();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                all.add(Beside.run(() -> {
                    for (int i = 0; i < each; i++) {
                        String id = "127.0.0.1:" + (1 + number * each + i);
                        lb.update(c -> c.serverGroup("servers", g -> g.server(id, s -> s.weight(0))));
                    }
                }));
                all.add(lb.updateAsync(c -> c.serverGroup("group-" + number, g -> {}))
                        .toCompletableFuture());
            }
            for (CompletableFuture<Void> one : all) {
                one.get(10, TimeUnit.SECONDS);
            }
            assertThat(lb.snapshot().serverGroup("servers").servers()).hasSize(1 + threads * each);
            assertThat(lb.config().serverGroups().keySet())
                    .containsAll(IntStream.range(0, threads)
                            .mapToObj(i -> "group-" + i)
                            .toList());
            assertThat(lb.snapshot().configurations()).isEqualTo(1 + threads * each + threads);
            assertThat(served(lb, 2)).containsOnly(server.id());
        }
    }
}
