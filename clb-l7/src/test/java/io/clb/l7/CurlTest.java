package io.clb.l7;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.SessionStickerFactory;
import io.clb.stick.Stickiness;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The procedure by which the product's users find out whether sessions stay where they are, with the real curl where there is one. */
final class CurlTest {

    private static final int TIMES = 30;

    @TempDir
    private Path folder;

    @BeforeAll
    static void lookForCurl() {
        boolean found = Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "curl")));
        assumeTrue(found, "curl is not installed");
    }

    private String curl(LoadBalancer lb, String option, Path jar) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + lb.address("front").getPort() + "/");
        Process curl = new ProcessBuilder(
                        "curl", "-sS", "--noproxy", "*", "-m", "10", option, jar.toString(), uri.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(curl.getInputStream().readAllBytes(), UTF_8);
        assertThat(curl.waitFor(20, SECONDS)).isTrue();
        assertThat(curl.exitValue()).as(said).isZero();
        return said;
    }

    private void assertStays(NettyEngine engine, SessionStickerFactory sticky, String cookie) throws Exception {
        List<WebServer> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String name = "server " + i;
            servers.add(WebServer.of(request -> WebServer.bytes("HTTP/1.1 200 OK\r\nSet-Cookie: SESSION="
                    + name.hashCode() + "; Path=/\r\nContent-Length: " + name.length() + "\r\n\r\n" + name)));
        }
        String[] ids = servers.stream().map(WebServer::id).toArray(String[]::new);
        try (LoadBalancer lb = Balancers.http(engine, ids)
                .listener("front", l -> l.sticky(sticky))
                .start()) {
            Path jar = folder.resolve("jar");
            String first = curl(lb, "-c", jar);
            assertThat(first).startsWith("server ");
            assertThat(jar).content().contains(cookie);
            for (int i = 0; i < TIMES; i++) {
                assertThat(curl(lb, "-b", jar)).isEqualTo(first);
            }
        } finally {
            servers.forEach(WebServer::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anInsertedCookieBringsCurlBack(NettyEngine engine) throws Exception {
        assertStays(engine, Stickiness.insertCookie(Duration.ofMinutes(30)), "SERVERID");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRewrittenCookieBringsCurlBack(NettyEngine engine) throws Exception {
        assertStays(engine, Stickiness.rewriteCookie("SESSION"), "~");
    }
}
