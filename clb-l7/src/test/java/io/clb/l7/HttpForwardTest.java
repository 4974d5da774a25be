package io.clb.l7;

import static io.clb.l7.WebServer.bytes;
import static io.clb.l7.WebServer.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests through an HTTP listener: what the server gets, what the client gets, and over how many connections. */
final class HttpForwardTest {

    private static final int MIB = 1 << 20;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRequestReachesTheServerAndItsResponseTheClient(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.of(
                        request -> bytes("HTTP/1.1 201 Made it\r\nX-Answer: 42\r\nContent-Length: 3\r\n\r\nyes"));
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response response = client.send("GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nX-Ask: 1\r\n\r\n")
                    .response();
            assertThat(response.statusLine()).isEqualTo("HTTP/1.1 201 Made it");
            assertThat(response.fields()).containsExactly("X-Answer: 42", "Content-Length: 3");
            assertThat(response.text()).isEqualTo("yes");
            assertThat(server.requests().take().head())
                    .isEqualTo(String.join(
                            "\r\n",
                            "GET /a?b=c HTTP/1.1",
                            "Host: example.org",
                            "X-Ask: 1",
                            "X-Forwarded-For: 127.0.0.1",
                            "X-Forwarded-Proto: http",
                            "Via: 1.1 clb",
                            "",
                            ""));
            await().untilAsserted(() ->
                    assertThat(lb.snapshot().listener("front").ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L)));
            assertThat(lb.snapshot().listener("front").requests()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void connectionsAreKeptOnBothSides(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start()) {
            for (int c = 0; c < 3; c++) {
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    for (int i = 0; i < 20; i++) {
                        HttpClient.Response response = client.get("/" + i);
                        assertThat(response.text()).isEqualTo("hello");
                        assertThat(response.field("connection")).isNull();
                    }
                }
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withoutPersistentUpstreamEachRequestHasItsOwnConnection(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.persistentUpstream(false))
                        .start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 5; i++) {
                assertThat(client.get("/").text()).isEqualTo("hello");
                assertThat(server.accepted()).isEqualTo(i);
                assertThat(server.requests().take().head()).endsWith("Connection: close\r\n\r\n");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void theHundredthResponseSaysCloseAndTheConnectionClosesInOrder(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i < 100; i++) {
                assertThat(client.get("/").field("connection"))
                        .as("request " + i)
                        .isNull();
            }
            assertThat(client.get("/").field("connection")).isEqualTo("close");
            assertThat(client.endsInOrder()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void requestsInOneGoAreAnsweredInTurn(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.of(request -> ok(request.path() + request.text()));
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                            + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                            + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
                            + "GET /4 HTTP/1.1\r\nHost: a\r\n\r\n")
                    .finish();
            assertThat(client.response().text()).isEqualTo("/1");
            assertThat(client.response().text()).isEqualTo("/2abc");
            assertThat(client.response().text()).isEqualTo("/3xyz");
            assertThat(client.response().text()).isEqualTo("/4");
            assertThat(client.endsInOrder()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void bodiesOfAnySizeComeThroughWhole(NettyEngine engine) throws Exception {
        byte[] large = new byte[16 * MIB];
        new Random(1).nextBytes(large);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(bytes("HTTP/1.1 200 OK\r\nContent-Length: " + large.length + "\r\n\r\n"));
        answer.writeBytes(large);
        byte[] response = answer.toByteArray();
        try (WebServer server = WebServer.of(request -> Arrays.equals(request.body(), large) ? response : ok("no"));
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.slowTo(lb, "front")) {
            for (int i = 0; i < 2; i++) {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + large.length + "\r\n\r\n")
                        .send(large);
                assertThat(Arrays.equals(client.response().body(), large)).isTrue();
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void chunksComeThroughAsTheyAre(NettyEngine engine) throws Exception {
        String chunks = "5;name=value\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\n";
        try (WebServer server = WebServer.of(request ->
                        bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + chunks));
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 3; i++) {
                client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
                assertThat(client.response().text()).isEqualTo("hello0123456789abcdef");
                assertThat(server.requests().take().text()).isEqualTo("hello0123456789abcdef");
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyThatEndsWithTheConnectionBecomesChunks(NettyEngine engine) throws Exception {
        String text = "x".repeat(100_000);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.send("HTTP/1.0 200 OK\r\n\r\n" + text);
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 2; i++) {
                HttpClient.Response response = client.get("/");
                assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(response.field("transfer-encoding")).isEqualTo("chunked");
                assertThat(response.text()).isEqualTo(text);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void responsesWithoutABodyEndWithTheirHead(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.of(request -> switch (request.path()) {
                    case "/204" -> bytes("HTTP/1.1 204 No Content\r\n\r\n");
                    case "/304" -> bytes("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n");
                    default -> bytes("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/204").status()).isEqualTo(204);
            assertThat(client.get("/304").status()).isEqualTo(304);
            client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response(true).field("content-length")).isEqualTo("99");
            assertThat(client.get("/204").status()).isEqualTo(204);
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aServerMayAskForTheBodyFirst(NettyEngine engine) throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    seen.complete(connection.head());
                    connection.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
                    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + connection.read(2));
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(103);
            assertThat(client.response().status()).isEqualTo(100);
            client.send("ok");
            assertThat(client.response().text()).isEqualTo("ok");
            assertThat(seen.get()).contains("Expect: 100-continue\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anOldClientIsServedAsOne(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response response =
                    client.send("GET /old HTTP/1.0\r\n\r\n").response();
            assertThat(response.field("connection")).isEqualTo("close");
            assertThat(response.text()).isEqualTo("hello");
            assertThat(client.endsInOrder()).isTrue();
            assertThat(server.requests().take().head())
                    .isEqualTo(
                            "GET /old HTTP/1.0\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nVia: 1.0 clb\r\n\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void serversTakeTurns(NettyEngine engine) throws Exception {
        try (WebServer one = WebServer.saying("1");
                WebServer two = WebServer.saying("2");
                LoadBalancer lb = Balancers.http(engine, one.id(), two.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            StringBuilder order = new StringBuilder();
            for (int i = 0; i < 6; i++) {
                order.append(client.get("/").text());
            }
            assertThat(order.toString()).isIn("121212", "212121");
            assertThat(one.accepted() + two.accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anIdleConnectionThatTheServerClosedHarmsNoRequest(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/").text()).isEqualTo("hello");
                server.hangUp();
            }
            assertThat(lb.snapshot().listener("front").ended().keySet()).containsExactly(Reason.COMPLETED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aSlowReaderHoldsUpTheServerAndLosesNothing(NettyEngine engine) throws Exception {
        int total = 64 * MIB;
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
                    String block = "x".repeat(MIB);
                    for (int i = 0; i < 64; i++) {
                        connection.send(block);
                    }
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.slowTo(lb, "front")) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Balancers.awaitStill(lb);
            assertThat(lb.snapshot().listener("front").bytesFromServers()).isLessThan(total / 2);
            assertThat(client.response().body()).hasSize(total);
        }
    }
}
