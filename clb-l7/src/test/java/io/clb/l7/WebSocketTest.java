package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import io.clb.stick.Stickiness;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The opening handshake of WebSockets: what is passed on, what is refused, and what stays HTTP. */
final class WebSocketTest {

    private static final int SECONDS = 10;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Agrees to each handshake, and sends back what comes. */
    private static ScriptedServer echo() {
        return ScriptedServer.of(connection ->
                connection.send(Frames.response(connection.head())).echo());
    }

    /** The JDK's client, with what it heard. */
    private static final class Heard implements WebSocket.Listener {

        final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            messages.add(text.toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            messages.add("closed " + status);
            return null;
        }

        @Nullable
        String next() throws InterruptedException {
            return messages.poll(SECONDS, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void messagesGoBothWaysAndBothEndsClose(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.send(Frames.response(connection.head()));
                    connection.send(Frames.frame(Frames.TEXT, "hello", false));
                    // The masked text "hi", and a close frame with a status.
                    connection.read(8);
                    connection.send(Frames.frame(Frames.TEXT, "hi yourself", false));
                    connection.read(8);
                    connection.send(Frames.frame(Frames.CLOSE, "\u0003\u00e8", false));
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start()) {
            Heard heard = new Heard();
            URI uri = URI.create("ws://127.0.0.1:" + lb.address("front").getPort() + "/chat?room=1");
            WebSocket socket = java.net.http.HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(uri, heard)
                    .get(SECONDS, TimeUnit.SECONDS);
            assertThat(heard.next()).isEqualTo("hello");
            assertThat(Balancers.front(lb).webSockets()).isEqualTo(1);
            assertThat(Balancers.server(lb, server.id()).active()).isEqualTo(1);
            socket.sendText("hi", true).get(SECONDS, TimeUnit.SECONDS);
            assertThat(heard.next()).isEqualTo("hi yourself");
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(SECONDS, TimeUnit.SECONDS);
            assertThat(heard.next()).isEqualTo("closed 1000");
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
            assertThat(Balancers.front(lb).webSockets()).isZero();
            assertThat(server.heads().take())
                    .startsWith("GET /chat?room=1 HTTP/1.1\r\n")
                    .contains("Connection: Upgrade\r\nUpgrade: websocket\r\n", "X-Forwarded-For: 127.0.0.1\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsSentEarlyFollowsInOrder(NettyEngine engine) throws Exception {
        try (ScriptedServer server = echo();
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST + "early")) {
            assertThat(client.response().status()).isEqualTo(101);
            assertThat(text(client, 5)).isEqualTo("early");
            client.send(" late").finish();
            assertThat(text(client, 5)).isEqualTo(" late");
            assertThat(client.endsInOrder()).isTrue();
            await().until(() -> Balancers.front(lb).active() == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatTheServerSendsBehindItsAgreementFollows(NettyEngine engine) throws Exception {
        String welcome = Frames.frame(Frames.TEXT, "welcome", false);
        try (ScriptedServer server =
                        ScriptedServer.of(connection -> connection.send(Frames.response(connection.head()) + welcome));
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST)) {
            HttpClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(101);
            assertThat(response.field("connection")).isEqualTo("Upgrade");
            assertThat(response.field("upgrade")).isEqualTo("websocket");
            assertThat(response.field("sec-websocket-accept")).isEqualTo(Frames.ACCEPT);
            assertThat(text(client, welcome.length())).isEqualTo(welcome);
            assertThat(client.finish().endsInOrder()).isTrue();
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aRefusalIsAnAnswerAsAnyOther(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\n"
                            + "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nno!");
                    connection
                            .answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                            .awaitEnd();
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST)) {
            HttpClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(426);
            assertThat(response.field("sec-websocket-version")).isEqualTo("13");
            assertThat(response.field("upgrade"))
                    .as("that was for one connection")
                    .isNull();
            assertThat(response.text()).isEqualTo("no!");
            assertThat(Balancers.front(lb).webSockets()).isZero();
            assertThat(client.get("/").text()).isEqualTo("ok");
            assertThat(server.accepted())
                    .as("the server's connection goes on too")
                    .isEqualTo(1);
        }
    }

    /** What is no handshake to the letter, and what is another upgrade. */
    static Stream<Arguments> others() {
        String key = "Sec-WebSocket-Key: " + Frames.KEY + "\r\n";
        Map<String, String> others = new LinkedHashMap<>();
        others.put("h2c", Frames.REQUEST.replace(": websocket", ": h2c"));
        others.put("two protocols in two fields", Frames.ASKS + "Upgrade: h2c\r\n" + key + "\r\n");
        others.put("no Connection", Frames.REQUEST.replace("keep-alive, Upgrade", "keep-alive"));
        others.put("HTTP/1.0", Frames.REQUEST.replace("HTTP/1.1", "HTTP/1.0"));
        others.put("another method", Frames.REQUEST.replace("GET", "PUT"));
        others.put("no key", Frames.ASKS + "\r\n");
        others.put("two keys", Frames.ASKS + key + key + "\r\n");
        others.put("a short key", Frames.REQUEST.replace(Frames.KEY, "dGhlIHNhbXBsZQ=="));
        others.put("a key of 17 bytes", Frames.REQUEST.replace("==", "A="));
        others.put("a key that is no base64", Frames.REQUEST.replace("dGhl", "d-hl"));
        others.put("no version", Frames.REQUEST.replace("Sec-WebSocket-Version: 13\r\n", ""));
        others.put("two versions", Frames.ASKS + "Sec-WebSocket-Version: 8\r\n" + key + "\r\n");
        others.put("a body", Frames.ASKS + key + "Content-Length: 2\r\n\r\nhi");
        others.put("chunks", Frames.ASKS + key + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        return Balancers.transports()
                .flatMap(transport -> others.entrySet().stream()
                        .map(other -> Arguments.of(transport, other.getKey(), other.getValue())));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("others")
    void whatIsNoHandshakeGoesOnAsAPlainRequest(String transport, String name, String request) throws Exception {
        NettyEngine engine = transport.equals("nio") ? NettyEngine.nio() : NettyEngine.epoll();
        try (ScriptedServer server =
                        ScriptedServer.answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno");
                LoadBalancer lb = Balancers.http(engine.threads(1), server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(request)) {
            assertThat(client.response().text()).isEqualTo("no");
            assertThat(server.heads().take().toLowerCase(Locale.ROOT)).doesNotContain("upgrade");
        }
    }

    /** What a server may say in place of its agreement. */
    static Stream<Arguments> lies() {
        Map<String, String> lies = new LinkedHashMap<>();
        lies.put("a wrong accept", Frames.RESPONSE.replace("s3pP", "s3pQ"));
        lies.put("no accept", Frames.RESPONSE.replace("Sec-WebSocket-Accept", "X"));
        lies.put("no Upgrade", Frames.RESPONSE.replace("Upgrade: WebSocket", "X: y"));
        lies.put("another protocol", Frames.RESPONSE.replace("WebSocket\r", "h2c\r"));
        lies.put("no Connection", Frames.RESPONSE.replace("Connection: upgrade\r\n", ""));
        lies.put("HTTP/1.0", Frames.RESPONSE.replace("HTTP/1.1", "HTTP/1.0"));
        return Balancers.transports()
                .flatMap(transport ->
                        lies.entrySet().stream().map(lie -> Arguments.of(transport, lie.getKey(), lie.getValue())));
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("lies")
    void whatIsNoAgreementBecomes502(String transport, String name, String answer) throws Exception {
        NettyEngine engine = transport.equals("nio") ? NettyEngine.nio() : NettyEngine.epoll();
        try (ScriptedServer server = ScriptedServer.of(
                        connection -> connection.answer(answer).awaitEnd());
                LoadBalancer lb = Balancers.http(engine.threads(1), server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST)) {
            assertThat(client.response().status()).isEqualTo(502);
            assertThat(server.ends().take()).isNotNull();
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.BAD_RESPONSE, 1L));
            assertThat(Balancers.front(lb).webSockets()).isZero();
        }
    }

    /** Of other versions nobody knows the frames. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anotherVersionIsForTheServerToRefuse(NettyEngine engine) throws Exception {
        String request = Frames.REQUEST.replace("Version: 13", "Version: 12");
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
                    connection.send(Frames.response(connection.head())).awaitEnd();
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front").send(request)) {
            assertThat(client.response().status()).isEqualTo(426);
            assertThat(server.heads().take()).contains("Upgrade: websocket\r\n", "Sec-WebSocket-Version: 12\r\n");
            assertThat(client.send(request).response().status()).isEqualTo(502);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void anAgreementThatNobodyAskedForBecomes502(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(Frames.RESPONSE);
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(client.get("/").status()).isEqualTo(502);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void oneTooManyIsRefusedAndItsConnectionGoesOn(NettyEngine engine) throws Exception {
        try (ScriptedServer server = echo();
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.maxWebSockets(1))
                        .start();
                HttpClient first = HttpClient.to(lb, "front").send(Frames.REQUEST);
                HttpClient second = HttpClient.to(lb, "front")) {
            assertThat(first.response().status()).isEqualTo(101);
            assertThat(second.send(Frames.REQUEST).response().status()).isEqualTo(503);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.MAX_WEB_SOCKETS, 1L));
            assertThat(first.finish().endsInOrder()).isTrue();
            await().until(() -> Balancers.front(lb).webSockets() == 0);
            assertThat(second.send(Frames.REQUEST).response().status()).isEqualTo(101);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void rulesLimitsAndCookiesAreThoseOfRequests(NettyEngine engine) throws Exception {
        try (ScriptedServer server = echo();
                LoadBalancer lb = Balancers.http(engine, "127.0.0.1:1")
                        .cluster(Cluster.single())
                        .serverGroup(
                                "chat", g -> g.healthCheck(HealthCheck.none()).server(server.id()))
                        .listener(
                                "front",
                                l -> l.sticky(Stickiness.insertCookie(Duration.ofMinutes(1)))
                                        .rule(
                                                "chat",
                                                r -> r.path("/chat")
                                                        .limit(Limit.qps(1))
                                                        .forwardTo("chat")))
                        .start();
                HttpClient first = HttpClient.to(lb, "front").send(Frames.REQUEST);
                HttpClient second = HttpClient.to(lb, "front")) {
            HttpClient.Response response = first.response();
            assertThat(response.status()).isEqualTo(101);
            assertThat(response.field("set-cookie")).startsWith("SERVERID=");
            assertThat(second.send(Frames.REQUEST).response().status()).isEqualTo(503);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.LIMIT_QPS, 1L));
        }
    }

    /** Up to the agreement the request timeout holds. */
    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aServerThatDoesNotAnswerIsTimedOut(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front").send(Frames.REQUEST)) {
            server.heads().take();
            clock.advance(Duration.ofSeconds(61));
            assertThat(client.response().status()).isEqualTo(504);
            assertThat(Balancers.front(lb).webSockets()).isZero();
        }
    }

    private static String text(HttpClient client, int bytes) throws Exception {
        return new String(client.exactly(bytes), StandardCharsets.ISO_8859_1);
    }
}
