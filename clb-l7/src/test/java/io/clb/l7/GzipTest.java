package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.Gzip;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Responses that are compressed on their way. */
final class GzipTest {

    private static final String ASKS = "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n\r\n";
    private static final String EVENTS =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String TEXT = "a page with some words that come again and again, ".repeat(100);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Config.Builder gzip(NettyEngine engine, String server, Gzip gzip) {
        return Balancers.http(engine, server).listener("front", l -> l.gzip(gzip));
    }

    /** What a server sends for a body, framed by its length. */
    private static String response(String fields, String body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n" + fields + "Content-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static String unzipped(HttpClient.Response response) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            return new String(in.readAllBytes(), ISO_8859_1);
        }
    }

    private static void assertCompressed(HttpClient.Response response, String body) throws IOException {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.field("content-encoding")).isEqualTo("gzip");
        assertThat(response.field("content-length")).isNull();
        assertThat(response.field("transfer-encoding")).isEqualTo("chunked");
        assertThat(response.field("vary")).isEqualTo("Accept-Encoding");
        assertThat(unzipped(response)).isEqualTo(body);
    }

    private static void assertPlain(HttpClient.Response response, String body) {
        assertThat(response.field("content-encoding")).isNull();
        assertThat(response.text()).isEqualTo(body);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyOfKnownLength(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String answer = response("ETag: \"v1\"\r\nAccept-Ranges: bytes\r\nVary: accept-encoding, Cookie\r\n", TEXT);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    while (true) {
                        connection.answer(answer);
                    }
                });
                LoadBalancer lb =
                        gzip(engine, server.id(), Gzip.on()).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 3; i++) {
                HttpClient.Response response = client.send(ASKS).response();
                assertThat(response.field("content-encoding")).isEqualTo("gzip");
                assertThat(unzipped(response)).isEqualTo(TEXT);
                // as the server said it, and not twice
                assertThat(response.fields())
                        .filteredOn(field -> field.startsWith("Vary"))
                        .containsExactly("Vary: accept-encoding, Cookie");
                assertThat(response.field("etag")).isEqualTo("W/\"v1\"");
                assertThat(response.field("accept-ranges")).isNull();
                assertThat(response.body().length).isLessThan(TEXT.length() / 10);
                assertThat(seen.next().reason()).isEqualTo(Reason.COMPLETED);
            }
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    /** Its framing is the server's own, and its trailers would stand for the plain body. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyInChunks(NettyEngine engine) throws Exception {
        StringBuilder answer = new StringBuilder(
                "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON\r\nTransfer-Encoding: chunked\r\n\r\n");
        StringBuilder body = new StringBuilder();
        Random random = new Random(42);
        for (int i = 0; i < 2_000; i++) {
            String part = Integer.toString(random.nextInt(1 << 20), 1 + random.nextInt(35) + 1);
            body.append(part);
            answer.append(Integer.toHexString(part.length()))
                    .append("\r\n")
                    .append(part)
                    .append("\r\n");
        }
        answer.append("0\r\nX-Trailer: x\r\n\r\n");
        try (ScriptedServer server = ScriptedServer.answering(answer.toString());
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertCompressed(client.send(ASKS).response(), body.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyThatEndsWithItsConnection(NettyEngine engine) throws Exception {
        try (ScriptedServer server =
                        ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + TEXT);
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on().level(9)).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertCompressed(client.send(ASKS).response(), TEXT);
            assertCompressed(client.send(ASKS).response(), TEXT);
        }
    }

    /** What does not become smaller comes whole too, also to a client that lets it wait. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aLargeBodyOfNoise(NettyEngine engine) throws Exception {
        byte[] noise = new byte[4 << 20];
        new Random(1).nextBytes(noise);
        String body = new String(noise, ISO_8859_1);
        try (ScriptedServer server = ScriptedServer.answering(response("", body));
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on()).start();
                HttpClient client = HttpClient.slowTo(lb, "front")) {
            client.send(ASKS);
            await().until(() -> lb.snapshot().bufferedBytes() > 0);
            assertThat(lb.snapshot().bufferedBytes()).isLessThan(2 << 20);
            assertCompressed(client.response(), body);
        }
    }

    /** What comes bit by bit arrives bit by bit. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anEventIsNotHeldBackUntilTheNextOne(NettyEngine engine) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer(EVENTS).send("d\r\ndata: first\n\n\r\n");
                    try {
                        arrived.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    connection.send("e\r\ndata: second\n\n\r\n0\r\n\r\n");
                });
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on().types("text/event-stream"))
                        .start();
                HttpClient client =
                        HttpClient.to(lb, "front").send(ASKS.replace("Host", "Connection: close\r\nHost"))) {
            while (!client.line().isEmpty()) {
                // the head
            }
            byte[] first = client.exactly(Integer.parseInt(client.line(), 16));
            // without the header of ten bytes
            Inflater inflater = new Inflater(true);
            inflater.setInput(first, 10, first.length - 10);
            byte[] shown = new byte[100];
            assertThat(new String(shown, 0, inflater.inflate(shown), ISO_8859_1))
                    .isEqualTo("data: first\n\n");
            inflater.end();
            arrived.countDown();
            assertThat(client.rest()).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void notWhatTheClientDoesNotTake(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    while (true) {
                        connection.answer(response("", TEXT));
                    }
                });
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String field : new String[] {
                "", "Accept-Encoding: br\r\n", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: *, gzip ; q=0.000\r\n"
            }) {
                HttpClient.Response plain = client.send("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n")
                        .response();
                assertPlain(plain, TEXT);
                // a cache must know all the same
                assertThat(plain.field("vary")).isEqualTo("Accept-Encoding");
            }
            for (String field : new String[] {
                "Accept-Encoding: *\r\n",
                "Accept-Encoding: GZIP;q=0.001\r\n",
                "Accept-Encoding: br\r\nAccept-Encoding: identity, x-gzip\r\n"
            }) {
                assertCompressed(
                        client.send("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n")
                                .response(),
                        TEXT);
            }
            client.send("GET / HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
            assertPlain(client.response(), TEXT);
        }
    }

    private static void assertLeftAlone(NettyEngine engine, Gzip gzip, String answer, String body) throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(answer);
                LoadBalancer lb = gzip(engine, server.id(), gzip).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response response = client.send(ASKS).response();
            assertThat(response.text()).isEqualTo(body);
            assertThat(response.field("transfer-encoding")).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void notWhatIsToBeLeftAlone(NettyEngine engine) throws Exception {
        for (String field : new String[] {
            "Content-Encoding: br\r\n",
            "Content-Encoding: gzip\r\n",
            "Cache-Control: public, No-Transform\r\n",
            "Content-Digest: sha-256=:x:\r\n",
            "Content-Type: text/html\r\n"
        }) {
            assertLeftAlone(engine, Gzip.on(), response(field, TEXT), TEXT);
        }
        String partial = response("Content-Range: bytes 0-4999/9999\r\n", TEXT);
        assertLeftAlone(engine, Gzip.on(), partial, TEXT);
        assertLeftAlone(engine, Gzip.on(), partial.replace("200 OK", "206 Partial Content"), TEXT);
        assertLeftAlone(engine, Gzip.on(), response("", TEXT).replace("200 OK", "500 No"), TEXT);
        assertLeftAlone(engine, Gzip.on(), response("", TEXT).replace("text/html", "image/png"), TEXT);
        assertLeftAlone(engine, Gzip.on().minSize(TEXT.length() + 1), response("", TEXT), TEXT);
        assertLeftAlone(engine, Gzip.on().types("text/css"), response("", TEXT), TEXT);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void notAnAnswerToHead(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n");
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            HttpClient.Response response =
                    client.send(ASKS.replace("GET", "HEAD")).response(true);
            assertThat(response.field("content-length")).isEqualTo("5000");
            assertThat(response.field("content-encoding")).isNull();
            assertThat(response.field("vary")).isEqualTo("Accept-Encoding");
        }
    }

    /** The client can tell: the connection is reset, and what compressed it serves the next one. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aBodyThatIsCutOffIsNotEndedCleanly(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.send(response("", TEXT).substring(0, 3_000));
                });
                LoadBalancer lb =
                        gzip(engine, server.id(), Gzip.on()).observer(seen).start()) {
            for (int i = 0; i < 300; i++) {
                try (HttpClient client = HttpClient.to(lb, "front").send(ASKS)) {
                    assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
                    assertThat(seen.next().reason()).isEqualTo(Reason.RESPONSE_TRUNCATED);
                }
            }
        }
    }

    /** What is needed for it takes memory, so there are so many for each loop, and no more. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void onlySoManyAtATime(NettyEngine engine) throws Exception {
        int most = 256;
        CountDownLatch end = new CountDownLatch(1);
        List<HttpClient> clients = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer(EVENTS).send("d\r\ndata: first\n\n\r\n");
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    connection.send("0\r\n\r\n");
                    while (true) {
                        connection.answer(EVENTS).send("0\r\n\r\n");
                    }
                });
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on().types("text/event-stream"))
                        .start()) {
            int compressed = 0;
            for (int i = 0; i < most + 2; i++) {
                HttpClient client = HttpClient.to(lb, "front").send(ASKS);
                clients.add(client);
                for (String line = client.line(); !line.isEmpty(); line = client.line()) {
                    compressed += line.equals("Content-Encoding: gzip") ? 1 : 0;
                }
            }
            assertThat(compressed).isEqualTo(most);
            assertThat(Balancers.front(lb).count(Snapshot.Metric.UNCOMPRESSED)).isEqualTo(2);
            end.countDown();
            await().until(() -> Balancers.server(lb, server.id()).active() == 0);
            try (HttpClient next = HttpClient.to(lb, "front")) {
                assertThat(next.send(ASKS).response().field("content-encoding")).isEqualTo("gzip");
            }
            for (HttpClient client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itIsSwitchedByAnUpdate(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    while (true) {
                        connection.answer(response("", TEXT));
                    }
                });
                LoadBalancer lb = gzip(engine, server.id(), Gzip.on()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertCompressed(client.send(ASKS).response(), TEXT);
            lb.update(c -> c.listener("front", l -> l.gzip(null)));
            HttpClient.Response plain = client.send(ASKS).response();
            assertPlain(plain, TEXT);
            assertThat(plain.field("vary")).isNull();
        }
    }
}
