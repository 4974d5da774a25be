package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.l7.ScriptedServer.Script;
import io.clb.spi.Reason;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that take a request and give no response, or half of one. */
final class HttpServerFaultTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final Duration ALMOST = Duration.ofMillis(59_990);
    private static final Duration TO_THE_TIMEOUT = Duration.ofMillis(20);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Shows that a client is answered for a server that fails, and that its connection goes on. */
    private static void assertAnswered(NettyEngine engine, Script script, Reason reason) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(script);
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 1; i <= 3; i++) {
                HttpClient.Response response = client.get("/");
                assertThat(response.status()).isEqualTo(502);
                assertThat(response.field("connection")).isNull();
                Seen.Flow flow = seen.next();
                assertThat(flow.reason()).isEqualTo(reason);
                assertThat(flow.status()).isEqualTo(502);
                assertThat(flow.server()).isEqualTo(server.id());
                assertThat(server.accepted()).isEqualTo(i);
                assertThat(Balancers.server(lb, server.id()).resets()).isEqualTo(i);
            }
            client.leave();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itCloses(NettyEngine engine) throws Exception {
        assertAnswered(engine, ScriptedServer.Connection::head, Reason.SERVER_CLOSED);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itResets(NettyEngine engine) throws Exception {
        Script reset = connection -> {
            connection.head();
            connection.reset();
        };
        assertAnswered(engine, reset, Reason.SERVER_RESET);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itClosesInTheHead(NettyEngine engine) throws Exception {
        assertAnswered(engine, connection -> connection.answer("HTTP/1.1 200 OK\r\nContent-Le"), Reason.SERVER_CLOSED);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itSpeaksSomethingElse(NettyEngine engine) throws Exception {
        Script garbage = connection -> {
            connection.answer("220 mail.example.org ESMTP\r\n").awaitEnd();
        };
        assertAnswered(engine, garbage, Reason.BAD_RESPONSE);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itPromisesWithoutEnd(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.head();
                    connection.sendForEver("HTTP/1.1 102 Processing\r\n\r\n");
                });
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start();
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            HttpClient.Response response = client.response();
            int interim = 0;
            for (; response.status() == 102; interim++) {
                response = client.response();
            }
            assertThat(interim).isEqualTo(16);
            assertThat(response.status()).isEqualTo(502);
            assertThat(seen.next().reason()).isEqualTo(Reason.BAD_RESPONSE);
            assertThat(server.ends().take()).isNotNull();
        }
    }

    /** Shows that a client is reset when a response breaks off, after what came of it. */
    private static void assertTruncated(NettyEngine engine, String part, boolean reset) throws Exception {
        Seen seen = new Seen();
        CompletableFuture<Void> read = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 200 OK\r\n" + part);
                    read.join();
                    if (reset) {
                        connection.reset();
                    }
                });
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                read.complete(null);
                assertThatThrownBy(() -> {
                            while (true) {
                                client.line();
                            }
                        })
                        .isInstanceOf(SocketException.class);
            }
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.RESPONSE_TRUNCATED);
            assertThat(flow.status()).isEqualTo(200);
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.server(lb, server.id()).resets()).isEqualTo(1);
            try (HttpClient next = HttpClient.to(lb, "front").send(GET)) {
                assertThat(next.line()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(server.accepted()).isEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itClosesInTheBody(NettyEngine engine) throws Exception {
        assertTruncated(engine, "Content-Length: 6\r\n\r\nhel\r\n", false);
        assertTruncated(engine, "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", false);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void itResetsInTheBody(NettyEngine engine) throws Exception {
        assertTruncated(engine, "Content-Length: 6\r\n\r\nhel\r\n", true);
        assertTruncated(engine, "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", true);
        // Only FIN is the end of a body without a length.
        assertTruncated(engine, "\r\nhel\r\n", true);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void itIsSilent(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb = clock.start(
                        transport, Balancers.http(server.id()).observer(seen).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (String request : new String[] {GET, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"}) {
                client.send(request);
                server.heads().take();
                clock.advance(ALMOST);
                assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
                clock.advance(TO_THE_TIMEOUT);
                HttpClient.Response response = client.response();
                assertThat(response.status()).isEqualTo(504);
                assertThat(response.field("connection")).isNull();
                Seen.Flow flow = seen.next();
                assertThat(flow.reason()).isEqualTo(Reason.RESPONSE_TIMEOUT);
                assertThat(flow.status()).isEqualTo(504);
                assertThat(flow.durationNanos())
                        .isEqualTo(ALMOST.plus(TO_THE_TIMEOUT).toNanos());
                assertThat(server.ends().take()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void itStallsInTheBody(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        CompletableFuture<Void> more = new CompletableFuture<>();
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
                    more.join();
                    connection.send("def").awaitEnd();
                });
                LoadBalancer lb = clock.start(
                        transport, Balancers.http(server.id()).observer(seen).build());
                HttpClient client = HttpClient.to(lb, "front").send(GET)) {
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            clock.advance(ALMOST);
            more.complete(null);
            byte[] body = new byte["Content-Length: 100\r\n\r\nabcdef".length()];
            for (int read = 0; read < body.length; read++) {
                assertThat(client.read(new byte[1])).isEqualTo(1);
            }
            clock.advance(ALMOST);
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            clock.advance(TO_THE_TIMEOUT);
            assertThat(client.endsInOrder()).isFalse();
            Seen.Flow flow = seen.next();
            assertThat(flow.reason()).isEqualTo(Reason.RESPONSE_TIMEOUT);
            assertThat(flow.status()).isEqualTo(200);
            assertThat(server.ends().take()).isNotNull();
            Balancers.awaitNothingActive(lb);
        }
    }
}
