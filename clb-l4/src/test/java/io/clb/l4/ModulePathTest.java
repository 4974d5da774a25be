package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application that is a module. */
final class ModulePathTest {

    private static final String MODULE = """
            module stranger {
                requires io.clb;
                requires io.clb.transport;
            }
            """;

    private static final String PROGRAM = """
            package stranger;

            import io.clb.Extensions;
            import io.clb.HealthCheck;
            import io.clb.LoadBalancer;
            import io.clb.l4.DnsDiscovery;
            import java.net.*;
            import java.time.Duration;

            public class Main {
                public static void main(String[] arguments) throws Exception {
                    InetAddress loopback = InetAddress.getLoopbackAddress();
                    DnsDiscovery dns = ((DnsDiscovery) Extensions.discovery("dns", "app.test:80"))
                            .nameServers(new InetSocketAddress(loopback, 1))
                            .timeout(Duration.ofMillis(100));
                    try (ServerSocket server = new ServerSocket(0, 1, loopback);
                            LoadBalancer lb = LoadBalancer.builder()
                                    .serverGroup("g", g -> g.server("127.0.0.1:" + server.getLocalPort())
                                            .healthCheck(HealthCheck.none()))
                                    .serverGroup("found", g -> g.discovery(dns))
                                    .listener("l", l -> l.tcp(0).bind("127.0.0.1").forwardTo("g"))
                                    .start();
                            Socket client = new Socket(loopback, lb.address("l").getPort());
                            Socket accepted = server.accept()) {
                        client.getOutputStream().write('x');
                        boolean same = accepted.getInputStream().read() == 'x';
                        System.out.println((same ? "OK " : "wrong ") + lb.snapshot().transport() + " "
                                + lb.getClass().getModule());
                        System.out.println(lb.snapshot().serverGroup("found").discovery().failure());
                    }
                }
            }
            """;

    @TempDir
    private Path folder;

    /** What an application has on its module path: no tests, and none of their libraries. */
    private static String modulePath() {
        List<Path> path = ChildJvm.classPath().stream()
                .filter(entry -> entry.endsWith("classes")
                        || isLibrary(entry.getFileName().toString()))
                .toList();
        return ChildJvm.joined(path);
    }

    private static boolean isLibrary(String file) {
        return Stream.of("clb-api-", "netty-", "jctools-", "jspecify-", "slf4j-")
                        .anyMatch(file::startsWith)
                && !file.endsWith("-tests.jar");
    }

    private void compile() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("stranger"));
        Files.writeString(folder.resolve("module-info.java"), MODULE);
        Files.writeString(sources.resolve("Main.java"), PROGRAM);
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        int result = javac.run(
                null,
                null,
                null,
                "--module-path",
                modulePath(),
                "-d",
                folder.resolve("out").toString(),
                folder.resolve("module-info.java").toString(),
                sources.resolve("Main.java").toString());
        assertThat(result).isZero();
    }

    @Test
    void aModuleMayStartABalancer() throws Exception {
        compile();
        String path = modulePath() + File.pathSeparator + folder.resolve("out");
        assertThat(ChildJvm.java("--module-path", path, "--module", "stranger/stranger.Main"))
                .contains("OK ", "module io.clb.transport", "A app.test: no answer within 100 ms from 127.0.0.1:1");
    }

    @Test
    void withTheNativeTransportsOnTheModulePathTheyAreUsed() throws Exception {
        compile();
        String path = modulePath() + File.pathSeparator + folder.resolve("out");
        assertThat(ChildJvm.java(
                        "--module-path",
                        path,
                        "--add-modules",
                        "ALL-MODULE-PATH",
                        "--module",
                        "stranger/stranger.Main"))
                .contains("OK epoll");
    }
}
