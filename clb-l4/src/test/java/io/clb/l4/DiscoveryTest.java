package io.clb.l4;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.schedule.Schedulers;
import io.clb.spi.DiscoveredServer;
import io.clb.spi.DiscoveryRun;
import io.clb.spi.GroupView;
import io.clb.spi.Reason;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import io.clb.spi.ServerState;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that a discovery of the application's finds. Those with a port of a number are but names: nothing checks them, and nobody connects to them. */
@ExtendWith(LeakCheck.class)
final class DiscoveryTest {

    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final String NOBODY = "127.0.0.1:9";
    private static final String OTHER = "127.0.0.1:7";

    private final FakeClock clock = new FakeClock();

    private static Consumer<ServerGroupConfig.Builder> group(ServerDiscovery discovery) {
        return g -> g.healthCheck(HealthCheck.none()).discovery(discovery);
    }

    private static void change(LoadBalancer lb, Consumer<ServerGroupConfig.Builder> group) {
        lb.update(c -> c.serverGroup("servers", group));
    }

    private static Snapshot.ServerGroup group(LoadBalancer lb) {
        return lb.snapshot().serverGroup("servers");
    }

    private static List<String> ids(LoadBalancer lb) {
        return group(lb).servers().stream().map(Snapshot.Server::id).toList();
    }

    private static void awaitIds(LoadBalancer lb, String... ids) {
        await().until(() -> ids(lb).equals(List.of(ids)));
    }

    private static Snapshot.Discovery discovery(LoadBalancer lb) {
        return requireNonNull(group(lb).discovery());
    }

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
    void whatIsFoundAtOnceServesTheFirstConnection(NettyEngine engine) throws Exception {
        HealthCheck never = HealthCheck.custom(probe -> new CompletableFuture<>());
        try (TestServer found = TestServer.named();
                TestServer own = TestServer.named();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                Balancers.checked(never, own.id())
                                        .andThen(g -> g.discovery(ManualDiscovery.of(found.id()))))
                        .start()) {
            assertThat(served(lb, 2)).containsExactlyInAnyOrder(found.id(), own.id());
            assertThat(Balancers.server(lb, found.id()).state()).isEqualTo(ServerState.CHECKING);
            assertThat(discovery(lb))
                    .returns("manual", Snapshot.Discovery::name)
                    .returns(1, Snapshot.Discovery::found)
                    .returns(0, Snapshot.Discovery::refused)
                    .returns(null, Snapshot.Discovery::failure)
                    .returns(0L, Snapshot.Discovery::failures);
            assertThat(discovery(lb).accepted()).isNotNull();
        }
    }

    /** It waits before there is any socket, for two seconds of everybody's clock: once is enough. */
    @Test
    void theStartDoesNotWaitForEver() {
        ManualDiscovery slow = new ManualDiscovery("slow");
        try (LoadBalancer lb = Balancers.tcp(NettyEngine.nio(), group(slow)).start()) {
            assertThat(ids(lb)).isEmpty();
            assertThat(discovery(lb).accepted()).isNull();
            slow.found("127.0.0.1:1");
            awaitIds(lb, "127.0.0.1:1");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void serversComeAndGoWhatRunsGoesOnAndTheConfigurationStays(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer echo = TestServer.echo()) {
            ManualDiscovery discovery = ManualDiscovery.of(echo.id());
            try (LoadBalancer lb = Balancers.tcp(engine, group(discovery)).start();
                    Client open = Client.to(lb, "front")) {
                assertThat(open.echoes("begun")).isTrue();
                Config before = lb.config();
                discovery.found(echo.id(), a.id());
                await().until(() -> ids(lb).size() == 2);
                assertThat(Balancers.server(lb, echo.id()).connections()).isEqualTo(1);
                discovery
                        .run()
                        .found(List.of(
                                ManualDiscovery.server(a.id()).withWeight(25),
                                ManualDiscovery.server(b.id()).withWeight(75)));
                await().until(() -> !ids(lb).contains(echo.id()));
                assertThat(served(lb, 8)).filteredOn(a.id()::equals).hasSize(2);
                assertThat(open.echoes("its server is gone")).isTrue();
                assertThat(lb.config()).isSameAs(before);
                assertThat(lb.config().serverGroups().values())
                        .allSatisfy(group -> assertThat(group.servers()).isEmpty());
                assertThat(lb.snapshot().configurations()).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatIsFoundLaterNeedsOneGoodProbe(NettyEngine engine) throws Exception {
        CompletableFuture<Verdict> answer = new CompletableFuture<>();
        try (TestServer first = TestServer.named();
                TestServer later = TestServer.named()) {
            ManualDiscovery discovery = ManualDiscovery.of(first.id());
            HealthCheck check = HealthCheck.custom(
                    probe -> probe.port() == later.port() ? answer : CompletableFuture.completedFuture(Verdict.ok()));
            try (LoadBalancer lb = Balancers.tcp(
                            engine, g -> g.healthCheck(check).discovery(discovery))
                    .start()) {
                discovery.found(first.id(), later.id());
                await().until(() -> ids(lb).size() == 2);
                assertThat(served(lb, 4)).containsOnly(first.id());
                answer.complete(Verdict.ok());
                await().until(() -> Balancers.server(lb, later.id()).state() == ServerState.UP);
                await().until(() -> served(lb, 2).contains(later.id()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void oneThatIsNotFoundAnyMoreHasItsTimeToDrain(String transport) throws Exception {
        try (TestServer echo = TestServer.echo()) {
            ManualDiscovery discovery = ManualDiscovery.of(echo.id());
            Duration window = Duration.ofSeconds(30);
            try (LoadBalancer lb = clock.start(
                            transport,
                            Balancers.tcp(group(discovery).andThen(g -> g.draining(window)))
                                    .build());
                    Client open = Client.to(lb, "front")) {
                assertThat(open.echoes("begun")).isTrue();
                clock.advance(TICK);
                discovery.found("127.0.0.1:1");
                awaitIds(lb, "127.0.0.1:1");
                // Behind what begins the time to drain, which is a moment after the servers show.
                lb.update(c -> {});
                clock.advance(window.minusMillis(10));
                assertThat(open.echoes("a moment before")).isTrue();
                clock.advance(Duration.ofMillis(10));
                assertThat(open.end()).isEqualTo(End.RESET);
                await().until(() -> Balancers.front(lb).ended().containsKey(Reason.SERVER_DRAINED));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void whatTheGroupNamesItselfStaysAsItIs(NettyEngine engine) {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1", "127.0.0.1:2");
        try (LoadBalancer lb = Balancers.tcp(
                        engine, group(discovery).andThen(g -> g.server("127.0.0.1:1", s -> s.weight(7))))
                .start()) {
            awaitIds(lb, "127.0.0.1:1", "127.0.0.1:2");
            assertThat(Balancers.server(lb, "127.0.0.1:1").weight()).isEqualTo(7);
            discovery.found("127.0.0.1:3");
            awaitIds(lb, "127.0.0.1:1", "127.0.0.1:3");
            change(lb, g -> g.removeServer("127.0.0.1:1"));
            awaitIds(lb, "127.0.0.1:3");
            discovery.found("127.0.0.1:1");
            awaitIds(lb, "127.0.0.1:1");
            assertThat(Balancers.server(lb, "127.0.0.1:1").weight()).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void theOperatorsWordHoldsWheneverItsServerIsFound(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named()) {
            ManualDiscovery discovery = ManualDiscovery.of(a.id(), b.id());
            try (LoadBalancer lb = Balancers.tcp(engine, group(discovery)).start()) {
                change(lb, g -> g.drain(a.id()));
                assertThat(served(lb, 4)).containsOnly(b.id());
                assertThat(Balancers.server(lb, a.id()).state()).isEqualTo(ServerState.DRAINING);
                discovery.found(b.id());
                awaitIds(lb, b.id());
                discovery.found(a.id(), b.id());
                await().until(() -> ids(lb).size() == 2);
                assertThat(Balancers.server(lb, a.id()).state()).isEqualTo(ServerState.DRAINING);
                change(lb, g -> g.undrain(a.id()).maintenance(b.id(), true));
                assertThat(served(lb, 4)).containsOnly(a.id());
                change(lb, g -> g.maintenance(b.id(), false));
                assertThat(served(lb, 4)).contains(a.id(), b.id());
                assertThatThrownBy(() -> change(lb, g -> g.removeServer(a.id())))
                        .hasMessageContaining("what discovery manual finds cannot be removed");
            }
        }
    }

    /** Again and again, as a list may be planned for later while the clock moves. */
    private void advanceUntil(LoadBalancer lb, int servers) {
        await().until(() -> {
            clock.advance(TICK);
            return ids(lb).size() == servers;
        });
    }

    /** Looks all the time until a server is there, so that nothing is missed that shows for a moment; false if it does not come. */
    private static boolean watch(LoadBalancer lb, String id, Set<ServerState> seen) {
        long begun = System.nanoTime();
        List<ServerState> now = List.of();
        while (now.isEmpty() && System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10)) {
            now = group(lb).servers().stream()
                    .filter(server -> server.id().equals(id))
                    .map(Snapshot.Server::state)
                    .toList();
        }
        seen.addAll(now);
        return !now.isEmpty();
    }

    @Test
    void nobodySeesAServerThatIsFoundAgainWithoutTheOperatorsWord() {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1", "127.0.0.1:2");
        try (LoadBalancer lb =
                clock.start("nio", Balancers.tcp(group(discovery)).build())) {
            change(lb, g -> g.drain("127.0.0.1:1"));
            Set<ServerState> seen = EnumSet.noneOf(ServerState.class);
            for (int i = 0; i < 100; i++) {
                discovery.found("127.0.0.1:2");
                advanceUntil(lb, 1);
                discovery.found("127.0.0.1:1", "127.0.0.1:2");
                CompletableFuture<Void> moved = CompletableFuture.runAsync(() -> advanceUntil(lb, 2));
                assertThat(watch(lb, "127.0.0.1:1", seen)).isTrue();
                moved.join();
            }
            assertThat(seen).containsExactly(ServerState.DRAINING);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void entriesThatAreNotSoundAreLeftOutAndTheLogSaysWhyOnce(NettyEngine engine) {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1");
        List<@Nullable DiscoveredServer> bad = new ArrayList<>(ManualDiscovery.servers("127.0.0.1:2", "127.0.0.1:2"));
        bad.addAll(Arrays.asList(null, DiscoveredServer.of("no host", 1), DiscoveredServer.of("127.0.0.1", 70_000)));
        bad.add(ManualDiscovery.server("127.0.0.1:3").withWeight(-1));
        List<String> said = Logged.during(() -> {
            try (LoadBalancer lb = Balancers.tcp(engine, group(discovery)).start()) {
                foundCarelessly(discovery, bad);
                awaitIds(lb, "127.0.0.1:2");
                assertThat(discovery(lb))
                        .returns(1, Snapshot.Discovery::found)
                        .returns(5, Snapshot.Discovery::refused)
                        .returns(null, Snapshot.Discovery::failure);
                foundCarelessly(discovery, bad);
                discovery.run().failed("to see the list before");
                await().until(() -> discovery(lb).failure() != null);
                foundCarelessly(discovery, bad.subList(2, bad.size()));
                await().until(() -> String.valueOf(discovery(lb).failure()).startsWith("none of what was found"));
                assertThat(ids(lb)).containsExactly("127.0.0.1:2");
            }
        });
        assertThat(said)
                .filteredOn(line -> line.contains("left out"))
                .singleElement()
                .asString()
                .contains("WARN", "test: group servers: discovery manual: 5 of 6 servers left out: ")
                .contains("server: 127.0.0.1:2 (expected: each server once)");
    }

    private static void foundCarelessly(ManualDiscovery discovery, List<@Nullable DiscoveredServer> all) {
        discovery.run().found(all);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void failuresAndEmptyListsLeaveTheServersOfBefore(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.named()) {
            ManualDiscovery discovery = ManualDiscovery.of(server.id());
            List<String> said = Logged.during(() -> {
                try (LoadBalancer lb = Balancers.tcp(engine, group(discovery)).start()) {
                    discovery.found();
                    await().until(() -> "no servers found".equals(discovery(lb).failure()));
                    discovery.run().failed("the registry is away");
                    await().until(() ->
                            "the registry is away".equals(discovery(lb).failure()));
                    assertThat(served(lb, 2)).containsOnly(server.id());
                    assertThat(discovery(lb)).returns(2L, Snapshot.Discovery::failures);
                    discovery.found(server.id());
                    await().until(() -> discovery(lb).failure() == null);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(said)
                    .filteredOn(line -> line.contains("WARN"))
                    .singleElement()
                    .asString()
                    .contains("test: group servers: discovery manual: no servers found; 1 server found before stay");
            assertThat(said)
                    .filteredOn(line -> line.contains("discovery manual finds servers again"))
                    .hasSize(1);
        }
    }

    /** Counts what is built. */
    private record Counting(AtomicInteger built) implements SchedulerFactory {

        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            built.incrementAndGet();
            return Schedulers.roundRobin().create(eligible, null);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void ofAFloodOfListsTheLastCountsAndFewArePutInForce(String transport) {
        AtomicInteger built = new AtomicInteger();
        ManualDiscovery discovery = ManualDiscovery.of(NOBODY);
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.tcp(group(discovery).andThen(g -> g.scheduler(new Counting(built))))
                        .build())) {
            int before = built.get();
            for (int port = 101; port <= 1_100; port++) {
                discovery.found("127.0.0.1:" + port);
            }
            lb.update(c -> {});
            assertThat(ids(lb)).containsExactly(NOBODY);
            assertThat(built.get()).isEqualTo(before + 1);
            clock.advance(TICK);
            awaitIds(lb, "127.0.0.1:1100");
            assertThat(built.get()).isEqualTo(before + 2);
        }
    }

    /** Refuses groups of three. */
    private static Scheduler createForFew(GroupView eligible, @Nullable Scheduler previous) {
        if (eligible.size() == 3) {
            throw new IllegalStateException("three are too many");
        }
        return Schedulers.roundRobin().create(eligible, null);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aListThatCannotBePutInForceIsAFailureAndTheNextOneCounts(NettyEngine engine) {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1");
        ManualDiscovery other = new ManualDiscovery("other");
        String why = "what was found could not be put in force: java.lang.IllegalStateException: three are too many";
        List<String> said = Logged.during(() -> {
            try (LoadBalancer lb = Balancers.tcp(
                            engine, group(discovery).andThen(g -> g.scheduler(DiscoveryTest::createForFew)))
                    .start()) {
                for (int failures = 1; failures <= 2; failures++) {
                    long count = failures;
                    discovery.found("127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4", "no host:1");
                    await().until(() -> discovery(lb).failures() == count);
                    assertThat(discovery(lb))
                            .returns(1, Snapshot.Discovery::found)
                            .returns(0, Snapshot.Discovery::refused)
                            .returns(why, Snapshot.Discovery::failure);
                    assertThat(ids(lb)).containsExactly("127.0.0.1:1");
                }
                lb.update(c -> c.serverGroup("more", group(other)));
                assertThat(discovery(lb).failure()).isEqualTo(why);
                other.found("127.0.0.1:6");
                await().until(() -> lb.snapshot().serverGroup("more").servers().size() == 1);
                assertThat(ids(lb)).containsExactly("127.0.0.1:1");
                discovery.found("127.0.0.1:5");
                awaitIds(lb, "127.0.0.1:5");
                assertThat(discovery(lb)).returns(null, Snapshot.Discovery::failure);
            }
        });
        assertThat(said)
                .filteredOn(line -> line.contains("WARN"))
                .singleElement()
                .asString()
                .contains("test: group servers: discovery manual: " + why + "; 1 server found before stay");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void datagramsOfNewClientsGoToWhatIsFoundNow(NettyEngine engine) throws Exception {
        try (UdpServer first = UdpServer.named();
                UdpServer next = UdpServer.named()) {
            ManualDiscovery discovery = ManualDiscovery.of(first.id());
            try (LoadBalancer lb = Balancers.udp()
                            .engine(engine)
                            .serverGroup("servers", group(discovery))
                            .start();
                    UdpClient before = UdpClient.to(lb, "front");
                    UdpClient after = UdpClient.to(lb, "front")) {
                assertThat(before.ask("begun")).isEqualTo(first.id());
                discovery.found(next.id());
                awaitIds(lb, next.id());
                assertThat(after.ask("new")).isEqualTo(next.id());
            }
        }
    }

    /** Each list is judged while an update is made. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void noListIsLostWhileUpdatesRun(String transport) {
        int updates = 100;
        AtomicInteger built = new AtomicInteger();
        ManualDiscovery discovery = ManualDiscovery.of(NOBODY);
        try (LoadBalancer lb = clock.start(
                transport,
                Balancers.tcp(group(discovery).andThen(g -> g.scheduler(new Counting(built))))
                        .build())) {
            int before = built.get();
            for (int i = 1; i <= updates; i++) {
                int number = i;
                int port = 1_000 + i;
                lb.update(c -> {
                    clock.advance(TICK);
                    discovery.found("127.0.0.1:" + port, OTHER);
                    c.listener("front", l -> l.maxConnections(number));
                });
                awaitIds(lb, "127.0.0.1:" + port, OTHER);
            }
            assertThat(built.get()).isEqualTo(before + 2 * updates);
            assertThat(lb.config().listeners().values())
                    .allSatisfy(
                            listener -> assertThat(listener.maxConnections()).isEqualTo(updates));
            assertThat(lb.snapshot().configurations()).isEqualTo(1 + updates);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anEqualOneGoesOnAndAnotherTakesOverWithItsFirstList(NettyEngine engine) {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1");
        ManualDiscovery equal = ManualDiscovery.of("127.0.0.1:2");
        ManualDiscovery other = new ManualDiscovery("other");
        try (LoadBalancer lb = Balancers.tcp(engine, group(discovery)).start()) {
            change(lb, g -> g.discovery(equal));
            assertThat(equal.started()).isZero();
            assertThat(discovery.ended()).isZero();
            change(lb, g -> g.discovery(other));
            assertThat(discovery.ended()).isEqualTo(1);
            assertThat(other.started()).isEqualTo(1);
            assertThat(ids(lb)).containsExactly("127.0.0.1:1");
            discovery.found("127.0.0.1:5");
            other.found("127.0.0.1:3");
            awaitIds(lb, "127.0.0.1:3");
            change(lb, g -> g.removeDiscovery());
            assertThat(other.ended()).isEqualTo(1);
            assertThat(ids(lb)).isEmpty();
            assertThat(group(lb).discovery()).isNull();
        }
        assertThat(other.ended()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    @SuppressWarnings("try") // closing is what this is about
    void itEndsWithItsGroupAndWithTheBalancer(NettyEngine engine) throws Exception {
        ManualDiscovery ofGroup = ManualDiscovery.of("127.0.0.1:1");
        ManualDiscovery ofFront = ManualDiscovery.of("127.0.0.1:1");
        CompletableFuture<Void> down;
        try (TestServer echo = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(
                                engine,
                                group(ofFront).andThen(g -> g.server(echo.id()).drain("127.0.0.1:1")))
                        .serverGroup("more", group(ofGroup))
                        .start();
                Client open = Client.to(lb, "front")) {
            assertThat(open.echoes("begun")).isTrue();
            lb.update(c -> c.removeServerGroup("more"));
            assertThat(ofGroup.ended()).isEqualTo(1);
            down = lb.shutdown(MINUTE).toCompletableFuture();
            await().until(() -> ofFront.ended() == 1);
            ofFront.found("127.0.0.1:2");
            lb.close();
            assertThat(ids(lb)).doesNotContain("127.0.0.1:2");
        }
        assertThat(down).succeedsWithin(MINUTE);
        assertThat(ofFront.ended()).isEqualTo(1);
        // Who has told of the shutdown is about to be gone.
        await().until(() -> Balancers.threads("test").isEmpty());
        ofFront.run().blocking().execute(() -> {});
        ofFront.run().later(Duration.ZERO, () -> {});
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aBalancerThatCannotStartEndsItToo(NettyEngine engine) throws Exception {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1");
        try (TestServer taken = TestServer.echo()) {
            assertThatThrownBy(() -> Balancers.tcp(engine, group(discovery))
                            .listener("front", l -> l.tcp(taken.port()))
                            .start())
                    .isInstanceOf(io.clb.BindException.class);
        }
        assertThat(discovery.started()).isEqualTo(1);
        assertThat(discovery.ended()).isEqualTo(1);
        assertThat(Balancers.threads("test")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void oneThatThrowsHarmsNobodyAndIsStartedAgainByAnUpdate(NettyEngine engine) throws Exception {
        AtomicInteger starts = new AtomicInteger();
        ServerDiscovery moody = new ServerDiscovery() {
            @Override
            public String name() {
                throw new IllegalStateException("no name");
            }

            @Override
            public AutoCloseable start(DiscoveryRun run) {
                if (starts.incrementAndGet() == 1) {
                    throw new IllegalStateException("on purpose");
                }
                run.blocking().execute(() -> {
                    run.found(ManualDiscovery.servers("127.0.0.1:1"));
                    throw new IllegalStateException("in its work");
                });
                return () -> {
                    throw new IllegalStateException("at its end");
                };
            }
        };
        try (TestServer server = TestServer.named()) {
            List<String> said = Logged.during(() -> {
                try (LoadBalancer lb = Balancers.tcp(engine, group(moody).andThen(g -> g.server(server.id())))
                        .start()) {
                    assertThat(discovery(lb).failure())
                            .isEqualTo("it threw java.lang.IllegalStateException: on purpose");
                    assertThat(served(lb, 2)).containsOnly(server.id());
                    lb.update(c -> {});
                    await().until(() -> String.valueOf(discovery(lb).failure()).endsWith("in its work"));
                    assertThat(starts.get()).isEqualTo(2);
                    change(lb, g -> g.removeDiscovery());
                    assertThat(served(lb, 2)).containsOnly(server.id());
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(said)
                    .filteredOn(line -> line.contains("further failures of this class"))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    @SuppressWarnings("NullAway") // what a careless discovery does
    void oneThatReturnsNothingHasFailed(NettyEngine engine) {
        try (LoadBalancer lb = Balancers.tcp(engine, group(run -> null)).start()) {
            assertThat(discovery(lb).failure())
                    .isEqualTo("it threw java.lang.NullPointerException: start returned null");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void itsWorkRunsInTimeAndWithinBounds(String transport) throws Exception {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1");
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<String> thread = new CompletableFuture<>();
        try (LoadBalancer lb =
                clock.start(transport, Balancers.tcp(group(discovery)).build())) {
            DiscoveryRun run = discovery.run();
            assertThat(run.group()).isEqualTo("servers");
            run.later(MINUTE, () -> thread.complete(Thread.currentThread().getName()));
            lb.update(c -> {});
            clock.advance(MINUTE.minusMillis(1));
            lb.update(c -> {});
            assertThat(thread).isNotDone();
            clock.advance(Duration.ofMillis(1));
            assertThat(thread.get(10, TimeUnit.SECONDS)).isEqualTo("test-blocking");
            for (int i = 0; i < 63; i++) {
                run.later(MINUTE, () -> {});
            }
            run.later(MINUTE, done::countDown);
            assertThatThrownBy(() -> run.later(MINUTE, () -> {}))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage("group servers: discovery manual: 64 pieces of work wait already");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> run.later(Duration.ofDays(2), () -> {}))
                    .withMessage("delay: PT48H (expected: 0 s to 1 day)");
            lb.update(c -> {});
            clock.advance(MINUTE);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    @SuppressWarnings("NullAway") // what a careless discovery does
    void nullIsRefusedWhereItIsSaid(NettyEngine engine) {
        ManualDiscovery discovery = ManualDiscovery.of("127.0.0.1:1");
        try (LoadBalancer lb = Balancers.tcp(engine, group(discovery)).start()) {
            DiscoveryRun run = discovery.run();
            assertThatNullPointerException().isThrownBy(() -> run.found(null)).withMessage("all");
            assertThatNullPointerException().isThrownBy(() -> run.failed(null)).withMessage("why");
            assertThat(lb.config().serverGroups().values())
                    .allSatisfy(group -> assertThat(group.discovery()).isSameAs(discovery));
        }
    }
}
