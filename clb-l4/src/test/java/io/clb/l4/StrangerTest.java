package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Extensions;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.contract.SchedulerContract;
import io.clb.spi.HealthChecker;
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
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A scheduler and a health check of somebody else's, in a module that knows clb-api and nothing else of this library. */
final class StrangerTest {

    private static final String MODULE = """
            module stranger {
                requires io.clb;
                provides io.clb.spi.SchedulerFactory with stranger.Mine;
            }
            """;

    private static final String CHECK = """
            package stranger;

            import io.clb.spi.*;
            import java.io.IOException;
            import java.net.*;
            import java.util.concurrent.*;

            /** Healthy if the server greets. */
            public class Greeted implements HealthChecker {
                @Override
                public CompletionStage<Verdict> check(Probe probe) {
                    return CompletableFuture.supplyAsync(() -> greeting(probe), probe.blocking());
                }

                private static Verdict greeting(Probe probe) {
                    try (Socket socket = new Socket()) {
                        int millis = (int) probe.timeout().toMillis();
                        socket.connect(new InetSocketAddress(probe.host(), probe.port()), millis);
                        socket.setSoTimeout(millis);
                        byte[] word = socket.getInputStream().readNBytes(5);
                        return new String(word).equals("hello") ? Verdict.ok() : Verdict.failed("said " + new String(word));
                    } catch (IOException e) {
                        return Verdict.failed("no greeting: " + e.getMessage());
                    }
                }
            }
            """;

    private static final String SCHEDULER = """
            package stranger;

            import io.clb.spi.*;

            /** The first server that is left. */
            public class Mine implements SchedulerFactory {
                @Override
                public String name() {
                    return "mine";
                }

                @Override
                public Scheduler create(GroupView eligible, Scheduler previous) {
                    return (flow, nowNanos) -> {
                        for (int i = 0; i < eligible.size(); i++) {
                            if (eligible.weight(i) > 0 && !flow.tried(eligible.server(i))) {
                                return eligible.server(i);
                            }
                        }
                        return null;
                    };
                }
            }
            """;

    private static final String PROGRAM = """
            package stranger;

            import io.clb.Extensions;
            import io.clb.LoadBalancer;

            public class Main {
                public static void main(String[] arguments) {
                    var config = LoadBalancer.builder()
                            .serverGroup("g", g -> g.server("10.0.0.1:80").scheduler(Extensions.scheduler("mine")))
                            .listener("l", l -> l.tcp(80).forwardTo("g"))
                            .build();
                    System.out.println("found " + config.serverGroups().get("g").scheduler().name());
                    System.out.println("modules " + ModuleLayer.boot().modules().stream()
                            .map(Module::getName).filter(name -> !name.startsWith("j")).sorted().toList());
                }
            }
            """;

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

    @TempDir
    private static Path folder;

    /** The compiled module. */
    private static Path module() {
        return folder.resolve("module");
    }

    private static Path api() throws URISyntaxException {
        return origin(Extensions.class);
    }

    /** What clb-api brings along for the compiler; nobody needs it at run time. */
    private static Path annotations() throws URISyntaxException {
        return origin(NullMarked.class);
    }

    private static Path origin(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @BeforeAll
    static void compileModule() throws Exception {
        compile(
                module(),
                "--module-path",
                ChildJvm.joined(List.of(api(), annotations())),
                source("module-info", MODULE),
                source("Mine", SCHEDULER),
                source("Greeted", CHECK),
                source("Main", PROGRAM));
    }

    private static Path source(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name + ".java"), text);
    }

    private static void compile(Path target, String pathOption, String path, Path... sources) {
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", target.toString(), pathOption, path));
        Stream.of(sources).map(Path::toString).forEach(arguments::add);
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(result).as("javac %s", arguments).isZero();
    }

    @Test
    void isFoundByNameWithNothingElseOnTheModulePath() throws Exception {
        assertThat(ChildJvm.java(
                        "--module-path", api() + File.pathSeparator + module(), "--module", "stranger/stranger.Main"))
                .contains("found mine", "modules [io.clb, stranger]");
    }

    @Test
    void isTestedByTheContractOfTheTestJar() throws Exception {
        List<Path> path = new ArrayList<>(List.of(api(), origin(SchedulerContract.class), module()));
        ChildJvm.classPath().stream().filter(StrangerTest::isForTests).forEach(path::add);
        Path tests = folder.resolve("tests");
        compile(tests, "-classpath", ChildJvm.joined(path), source("MineTest", CONTRACT), source("Runner", RUNNER));
        path.add(tests);
        assertThat(ChildJvm.java("-classpath", ChildJvm.joined(path), "stranger.Runner"))
                .containsPattern("found 1[0-9]\\n")
                .contains("not passed 0\n");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void itsHealthCheckRunsInABalancer(NettyEngine engine) throws Exception {
        AtomicBoolean polite = new AtomicBoolean(true);
        try (URLClassLoader loader = new URLClassLoader(
                        new URL[] {module().toUri().toURL()}, getClass().getClassLoader());
                TestServer server = TestServer.of(socket -> socket.getOutputStream()
                        .write((polite.get() ? "hello" : "go away").getBytes(StandardCharsets.US_ASCII)))) {
            HealthChecker greeted = (HealthChecker)
                    loader.loadClass("stranger.Greeted").getConstructor().newInstance();
            HealthCheck check = HealthCheck.custom(greeted)
                    .interval(Duration.ofMillis(100))
                    .healthyThreshold(1)
                    .unhealthyThreshold(1);
            try (LoadBalancer lb =
                    Balancers.tcp(engine, Balancers.checked(check, server.id())).start()) {
                awaitWhy(lb, server, "UP: healthy");
                polite.set(false);
                awaitWhy(lb, server, "DOWN: said go aw");
                server.stop();
                awaitWhy(lb, server, "DOWN: no greeting: Connection refused");
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
