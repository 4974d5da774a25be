package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Extensions;
import io.clb.spi.AccessPolicy;
import io.clb.spi.HealthChecker;
import io.clb.spi.RequestFilter;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.ServerDiscoveryFactory;
import io.clb.spi.SessionStickerFactory;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;

/** What somebody else wrote, compiled against clb-api alone: strategies, in a module that offers each by name, on the class path too. */
final class Stranger {

    private static final String MODULE = """
            module stranger {
                requires io.clb;
                provides io.clb.spi.AccessPolicy with stranger.EvenOnly;
                provides io.clb.spi.HealthChecker with stranger.Greeted;
                provides io.clb.spi.RequestFilter with stranger.NoAttacks;
                provides io.clb.spi.SchedulerFactory with stranger.Mine;
                provides io.clb.spi.ServerDiscoveryFactory with stranger.Listed;
                provides io.clb.spi.SessionStickerFactory with stranger.ByLastByte;
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

    private static final String STICKER = """
            package stranger;

            import io.clb.spi.*;
            import java.util.concurrent.atomic.AtomicReferenceArray;

            /** Clients whose addresses end alike share a server. */
            public class ByLastByte implements SessionStickerFactory {
                @Override
                public String name() {
                    return "by-last-byte";
                }

                @Override
                public SessionSticker create(GroupView eligible, SessionSticker previous) {
                    return new Table(eligible, previous instanceof Table table ? table.ids : new AtomicReferenceArray<>(256));
                }

                private record Table(GroupView eligible, AtomicReferenceArray<String> ids) implements SessionSticker {
                    @Override
                    public Server recall(Flow flow, long nowNanos) {
                        String id = ids.get((int) flow.sourceLow() & 255);
                        for (int i = 0; i < eligible.size(); i++) {
                            Server server = eligible.server(i);
                            if (server.id().equals(id) && eligible.weight(i) > 0 && !flow.tried(server)) {
                                return server;
                            }
                        }
                        return null;
                    }

                    @Override
                    public void remember(Flow flow, Server server, long nowNanos) {
                        ids.set((int) flow.sourceLow() & 255, server.id());
                    }
                }
            }
            """;

    private static final String POLICY = """
            package stranger;

            import io.clb.spi.*;

            /** Lets in every other address. */
            public class EvenOnly implements AccessPolicy {
                @Override
                public String name() {
                    return "even-only";
                }

                @Override
                public boolean allows(Flow flow) {
                    return (flow.sourceLow() & 1) == 0;
                }
            }
            """;

    private static final String FILTER = """
            package stranger;

            import io.clb.spi.*;
            import java.nio.ByteBuffer;
            import java.nio.charset.StandardCharsets;

            /** Denies what calls itself an attack. */
            public class NoAttacks implements RequestFilter {
                @Override
                public String name() {
                    return "no-attacks";
                }

                @Override
                public void request(HttpFlow request, Ruling ruling) {
                    ruling.pass();
                }

                @Override
                public void connection(Flow connection, ByteBuffer bytes, boolean last, Ruling ruling) {
                    if (StandardCharsets.US_ASCII.decode(bytes).toString().contains("attack")) {
                        ruling.deny(403);
                    } else {
                        ruling.allow();
                    }
                }
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

    private static final String DISCOVERY = """
            package stranger;

            import io.clb.spi.*;
            import java.io.IOException;
            import java.nio.file.*;
            import java.time.Duration;

            /** The servers of a file, one in a line, read again and again. */
            public class Listed implements ServerDiscoveryFactory {
                @Override
                public String name() {
                    return "listed";
                }

                @Override
                public ServerDiscovery create(String target) {
                    return new Lines(Path.of(target));
                }

                public record Lines(Path file) implements ServerDiscovery {
                    @Override
                    public AutoCloseable start(DiscoveryRun run) {
                        run.later(Duration.ZERO, () -> read(run));
                        return () -> {};
                    }

                    private void read(DiscoveryRun run) {
                        try {
                            run.found(Files.readAllLines(file).stream()
                                    .map(line -> line.split(" "))
                                    .map(line -> DiscoveredServer.of(line[0], Integer.parseInt(line[1])))
                                    .toList());
                        } catch (IOException e) {
                            run.failed("cannot read " + file.getFileName());
                        }
                        run.later(Duration.ofMillis(50), () -> read(run));
                    }
                }
            }
            """;

    /** Finds each of them by name. */
    private static final String PROGRAM = """
            package stranger;

            import io.clb.*;

            public class Main {
                public static void main(String[] arguments) {
                    var checker = Extensions.healthChecker("Greeted");
                    var config = LoadBalancer.builder()
                            .serverGroup("g", g -> g.server("10.0.0.1:80")
                                    .discovery(Extensions.discovery("listed", "servers.txt"))
                                    .healthCheck(HealthCheck.custom(checker))
                                    .scheduler(Extensions.scheduler("mine")))
                            .listener("l", l -> l.tcp(80)
                                    .access(Extensions.accessPolicy("even-only"))
                                    .requestFilters(RequestFilters.of(Extensions.requestFilter("no-attacks")))
                                    .sticky(Extensions.sticker("by-last-byte"))
                                    .forwardTo("g"))
                            .build();
                    var listener = config.listeners().get("l");
                    System.out.println("found " + config.serverGroups().get("g").scheduler().name() + " "
                            + listener.sticker().name() + " " + listener.access().name() + " " + checker.name() + " "
                            + listener.requestFilters().filters().get(0).name() + " "
                            + config.serverGroups().get("g").discovery().name());
                    System.out.println("modules " + ModuleLayer.boot().modules().stream()
                            .map(Module::getName).filter(name -> !name.startsWith("j")).sorted().toList());
                }
            }
            """;

    /** What the module offers on the class path. */
    private static final Map<Class<?>, String> SERVICES = Map.of(
            AccessPolicy.class, "EvenOnly",
            HealthChecker.class, "Greeted",
            RequestFilter.class, "NoAttacks",
            SchedulerFactory.class, "Mine",
            ServerDiscoveryFactory.class, "Listed",
            SessionStickerFactory.class, "ByLastByte");

    private final Path folder;

    /** Compiles all of it into a folder below this one. */
    Stranger(Path folder) throws IOException, URISyntaxException {
        this.folder = folder;
        compile(
                module(),
                "--module-path",
                ChildJvm.joined(List.of(api(), annotations())),
                source("module-info", MODULE),
                source("Mine", SCHEDULER),
                source("ByLastByte", STICKER),
                source("EvenOnly", POLICY),
                source("NoAttacks", FILTER),
                source("Greeted", CHECK),
                source("Listed", DISCOVERY),
                source("Main", PROGRAM));
        Path services = Files.createDirectories(module().resolve("META-INF/services"));
        for (Map.Entry<Class<?>, String> service : SERVICES.entrySet()) {
            Files.writeString(services.resolve(service.getKey().getName()), "stranger." + service.getValue());
        }
    }

    /** The compiled module. */
    Path module() {
        return folder.resolve("module");
    }

    static Path api() throws URISyntaxException {
        return origin(Extensions.class);
    }

    /** What clb-api brings along for the compiler; nobody needs it at run time. */
    private static Path annotations() throws URISyntaxException {
        return origin(NullMarked.class);
    }

    /** Where a class was loaded from. */
    static Path origin(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Writes a source. */
    Path source(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name + ".java"), text);
    }

    /** Compiles sources that must compile. */
    static void compile(Path target, String pathOption, String path, Path... sources) {
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", target.toString(), pathOption, path));
        Stream.of(sources).map(Path::toString).forEach(arguments::add);
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(result).as("javac %s", arguments).isZero();
    }
}
