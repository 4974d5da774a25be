package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Extensions;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.RequestFilters;
import io.clb.Snapshot;
import io.clb.contract.SchedulerContract;
import io.clb.spi.AccessPolicy;
import io.clb.spi.HealthChecker;
import io.clb.spi.Reason;
import io.clb.spi.RequestFilter;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscovery;
import io.clb.spi.ServerDiscoveryFactory;
import io.clb.spi.SessionStickerFactory;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Strategies of somebody else's, in a module that knows clb-api and nothing else of this library, by an instance and by name. */
final class StrangerTest {

    private static final String CONTRACT = """
            package stranger;

            import io.clb.contract.SchedulerContract;
            import io.clb.spi.SchedulerFactory;

            class MineTest extends SchedulerContract {
                @Override
                protected SchedulerFactory factory() {
                    return new Mine();
                }
            }
            """;

    /** What an IDE or a build tool does. */
    private static final String RUNNER = """
            package stranger;

            import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

            import java.io.PrintWriter;
            import org.junit.platform.launcher.core.*;
            import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

            public class Runner {
                public static void main(String[] arguments) {
                    var listener = new SummaryGeneratingListener();
                    LauncherFactory.create().execute(
                            LauncherDiscoveryRequestBuilder.request().selectors(selectClass(MineTest.class)).build(),
                            listener);
                    var summary = listener.getSummary();
                    summary.printFailuresTo(new PrintWriter(System.out, true));
                    System.out.println("found " + summary.getTestsFoundCount());
                    System.out.println("not passed " + (summary.getTestsFoundCount() - summary.getTestsSucceededCount()));
                }
            }
            """;

    /** How a strategy comes into a configuration. */
    private enum Way {
        INSTANCE,
        NAME
    }

    @TempDir
    private static Path folder;

    private static Stranger stranger;

    private ClassLoader before;
    private URLClassLoader context;

    @BeforeAll
    static void compileModule() throws IOException, URISyntaxException {
        stranger = new Stranger(folder);
    }

    @BeforeEach
    void setContextClassLoader() throws IOException {
        before = Thread.currentThread().getContextClassLoader();
        context = new URLClassLoader(
                new URL[] {stranger.module().toUri().toURL()}, getClass().getClassLoader());
        Thread.currentThread().setContextClassLoader(context);
    }

    @AfterEach
    void restoreContextClassLoader() throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        context.close();
    }

    static Stream<Arguments> enginesAndWays() {
        return Balancers.engines().flatMap(engine -> Stream.of(Way.values()).map(way -> Arguments.of(engine, way)));
    }

    /** One of the stranger's strategies: a new one, or the one of that name. */
    private <T> T plugIn(Way way, Class<T> type, String className, Function<String, T> finder, String name)
            throws ReflectiveOperationException {
        Class<?> written = context.loadClass("stranger." + className);
        T plugged = way == Way.NAME
                ? finder.apply(name)
                : type.cast(written.getConstructor().newInstance());
        assertThat(plugged).isInstanceOf(written);
        return plugged;
    }

    @Test
    void areFoundByNameWithNothingElseOnTheModulePath() throws Exception {
        assertThat(ChildJvm.java(
                        "--module-path",
                        Stranger.api() + File.pathSeparator + stranger.module(),
                        "--module",
                        "stranger/stranger.Main"))
                .contains("found mine by-last-byte even-only Greeted no-attacks Lines", "modules [io.clb, stranger]");
    }

    @Test
    void itsSchedulerIsTestedByTheContractOfTheTestJar() throws Exception {
        List<Path> path =
                new ArrayList<>(List.of(Stranger.api(), Stranger.origin(SchedulerContract.class), stranger.module()));
        ChildJvm.classPath().stream().filter(StrangerTest::isForTests).forEach(path::add);
        Path tests = folder.resolve("tests");
        Stranger.compile(
                tests,
                "-classpath",
                ChildJvm.joined(path),
                stranger.source("MineTest", CONTRACT),
                stranger.source("Runner", RUNNER));
        path.add(tests);
        assertThat(ChildJvm.java("-classpath", ChildJvm.joined(path), "stranger.Runner"))
                .containsPattern("found 1[0-9]\\n")
                .contains("not passed 0\n");
    }

    /** Who answers a client from an address. */
    private static String answering(LoadBalancer lb, String source) throws IOException {
        try (Client client = Client.from(source, lb, "front")) {
            return client.line();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndWays")
    void itsSchedulerPicksInABalancer(NettyEngine engine, Way way) throws Exception {
        SchedulerFactory mine = plugIn(way, SchedulerFactory.class, "Mine", Extensions::scheduler, "mine");
        try (TestServer one = TestServer.named();
                TestServer other = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(one, other))
                        .serverGroup("servers", g -> g.scheduler(mine))
                        .start()) {
            TestServer picked = answering(lb, "127.0.0.1").equals(one.id()) ? one : other;
            for (int i = 0; i < 3; i++) {
                assertThat(answering(lb, "127.0.0.1")).isEqualTo(picked.id());
            }
            picked.stop();
            assertThat(answering(lb, "127.0.0.1")).isEqualTo((picked == one ? other : one).id());
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndWays")
    void itsStickerRecallsInABalancer(NettyEngine engine, Way way) throws Exception {
        SessionStickerFactory byLastByte =
                plugIn(way, SessionStickerFactory.class, "ByLastByte", Extensions::sticker, "by-last-byte");
        try (TestServer one = TestServer.named();
                TestServer other = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(one, other))
                        .listener("front", l -> l.sticky(byLastByte))
                        .start()) {
            String ofTwo = answering(lb, "127.0.0.2");
            String ofThree = answering(lb, "127.0.0.3");
            assertThat(List.of(ofTwo, ofThree)).containsExactlyInAnyOrder(one.id(), other.id());
            for (int i = 0; i < 3; i++) {
                assertThat(answering(lb, "127.0.0.2")).isEqualTo(ofTwo);
                assertThat(answering(lb, "127.0.1.2")).isEqualTo(ofTwo);
                assertThat(answering(lb, "127.0.0.3")).isEqualTo(ofThree);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndWays")
    void itsAccessPolicyJudgesInABalancer(NettyEngine engine, Way way) throws Exception {
        AccessPolicy evenOnly = plugIn(way, AccessPolicy.class, "EvenOnly", Extensions::accessPolicy, "even-only");
        try (TestServer server = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.access(evenOnly))
                        .start()) {
            assertThat(Client.refused(lb, "front")).isEqualTo(End.RESET);
            assertThat(answering(lb, "127.0.0.2")).isEqualTo(server.id());
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.ACCESS_DENIED, 1L);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndWays")
    void itsFilterJudgesInABalancer(NettyEngine engine, Way way) throws Exception {
        RequestFilter noAttacks =
                plugIn(way, RequestFilter.class, "NoAttacks", Extensions::requestFilter, "no-attacks");
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(server))
                        .listener("front", l -> l.requestFilters(RequestFilters.of(noAttacks)))
                        .start();
                Client client = Client.to(lb, "front");
                Client attacker = Client.to(lb, "front")) {
            assertThat(client.echoes("hello")).isTrue();
            assertThat(attacker.send("attack").end()).isEqualTo(End.RESET);
            // The client hears of the reset a moment before it is counted.
            await().untilAsserted(
                            () -> assertThat(Balancers.front(lb).ended()).containsEntry(Reason.FILTER_DENIED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndWays")
    void itsHealthCheckRunsInABalancer(NettyEngine engine, Way way) throws Exception {
        HealthChecker greeted = plugIn(way, HealthChecker.class, "Greeted", Extensions::healthChecker, "Greeted");
        HealthCheck check = HealthCheck.custom(greeted)
                .interval(Duration.ofMillis(100))
                .healthyThreshold(1)
                .unhealthyThreshold(1);
        AtomicBoolean polite = new AtomicBoolean(true);
        try (TestServer server = TestServer.of(socket -> socket.getOutputStream()
                        .write((polite.get() ? "hello" : "go away").getBytes(StandardCharsets.US_ASCII)));
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(check, server.id()))
                        .start()) {
            awaitWhy(lb, server, "UP: healthy");
            polite.set(false);
            awaitWhy(lb, server, "DOWN: said go aw");
            server.stop();
            awaitWhy(lb, server, "DOWN: no greeting: Connection refused");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndWays")
    void itsDiscoveryFindsServersForABalancer(NettyEngine engine, Way way) throws Exception {
        Path file = folder.resolve("servers-" + engine + way);
        ServerDiscovery listed = way == Way.NAME
                ? Extensions.discovery("listed", file.toString())
                : plugIn(Way.INSTANCE, ServerDiscoveryFactory.class, "Listed", name -> null, "")
                        .create(file.toString());
        try (TestServer one = TestServer.named();
                TestServer other = TestServer.named()) {
            Files.writeString(file, "127.0.0.1 " + one.port());
            try (LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(new String[0]))
                    .serverGroup("servers", g -> g.discovery(listed))
                    .start()) {
                assertThat(answering(lb, "127.0.0.1")).isEqualTo(one.id());
                Files.writeString(file, "127.0.0.1 " + other.port());
                await().untilAsserted(
                                () -> assertThat(answering(lb, "127.0.0.1")).isEqualTo(other.id()));
                Files.delete(file);
                await().untilAsserted(() -> assertThat(
                                lb.snapshot().serverGroup("servers").discovery())
                        .isNotNull()
                        .returns("cannot read " + file.getFileName(), Snapshot.Discovery::failure));
                assertThat(answering(lb, "127.0.0.1")).isEqualTo(other.id());
            }
        }
    }

    private static void awaitWhy(LoadBalancer lb, TestServer server, String expected) {
        await().untilAsserted(() -> {
            Snapshot.Server seen = Balancers.server(lb, server.id());
            assertThat(seen.state() + ": " + seen.why()).isEqualTo(expected);
        });
    }

    /** JUnit, AssertJ, and what they need. */
    private static boolean isForTests(Path entry) {
        return Stream.of("junit-", "opentest4j-", "apiguardian-", "assertj-", "byte-buddy-")
                .anyMatch(entry.getFileName().toString()::startsWith);
    }
}
