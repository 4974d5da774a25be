package io.clb.peers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every library's proxy in front of the JDK's server: the work that {@code clb-bench/peers} has all of them do. */
class ProxyTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpServer server;

    ProxyTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/bytes",
                e -> answer(e, bytes(Integer.parseInt(e.getRequestURI().getQuery()))));
        server.createContext("/echo", e -> answer(e, e.getRequestBody().readAllBytes()));
        server.createContext("/fields", e -> answer(e, fields(e).getBytes(UTF_8)));
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
        threads.shutdown();
    }

    @ParameterizedTest
    @EnumSource
    void relaysRequestsAndBodiesAndSetsTheFieldsOfEqualWork(Kind kind) throws Exception {
        try (Proxy proxy = start(kind, null)) {
            assertThat(get(proxy, "/bytes?128").body()).isEqualTo(bytes(128));
            HttpResponse<byte[]> larger = get(proxy, "/bytes?16384");
            assertThat(larger.body()).isEqualTo(bytes(16_384));
            assertThat(larger.headers().firstValue("content-length")).hasValue("16384");
            assertThat(get(proxy, "/missing").statusCode()).isEqualTo(404);

            byte[] body = bytes(100_000);
            assertThat(send(request(proxy, "/echo").POST(BodyPublishers.ofByteArray(body)))
                            .body())
                    .isEqualTo(body);
            assertThat(send(request(proxy, "/echo")
                                    .POST(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(body))))
                            .body())
                    .isEqualTo(body);

            HttpRequest.Builder forged = request(proxy, "/fields")
                    .header("X-Forwarded-For", "192.0.2.1")
                    .header("X-Forwarded-Proto", "https");
            assertThat(new String(send(forged).body(), UTF_8))
                    .isEqualTo("[127.0.0.1] [http] [1.1 clb] [127.0.0.1:" + proxy.port() + "]");
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesItsAccessLogIfTold(Kind kind, @TempDir Path directory) throws Exception {
        Path log = directory.resolve("access.log");
        try (Proxy proxy = start(kind, log)) {
            get(proxy, "/bytes?1");
            get(proxy, "/bytes?2");
        }
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains("127.0.0.1", "GET /bytes?1 HTTP/1.1", " 200 ");
    }

    private Proxy start(Kind kind, @Nullable Path log) {
        return kind.start(new Settings(0, server.getAddress(), 1, log));
    }

    private HttpResponse<byte[]> get(Proxy proxy, String path) throws Exception {
        return send(request(proxy, path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static HttpRequest.Builder request(Proxy proxy, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String fields(HttpExchange exchange) {
        var headers = exchange.getRequestHeaders();
        return headers.get("X-Forwarded-For") + " " + headers.get("X-Forwarded-Proto") + " " + headers.get("Via") + " "
                + headers.get("Host");
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + i % 26);
        }
        return bytes;
    }
}
