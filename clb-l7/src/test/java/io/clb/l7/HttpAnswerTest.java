package io.clb.l7;

import static io.clb.l7.Balancers.awaitState;
import static io.clb.l7.Balancers.quick;
import static io.clb.l7.Balancers.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.HttpCheck;
import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l7.ScriptedServer.Script;
import io.clb.spi.ServerState;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a balancer makes of servers by their answers to HTTP health checks. */
final class HttpAnswerTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static final String KIB = "x".repeat(1_024);

    /** What a server does with a probe, and what the balancer should make of it. */
    private record Case(String name, HttpCheck check, Script script, ServerState state, String why) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case up(String name, HttpCheck check, String answer, String why) {
        return new Case(name, check, c -> c.answer(answer).awaitEnd(), ServerState.UP, why);
    }

    private static Case down(String name, String answer, String why) {
        return down(name, HttpCheck.path("/"), c -> c.answer(answer), why);
    }

    private static Case down(String name, HttpCheck check, Script script, String why) {
        return new Case(name, check, script, ServerState.DOWN, why);
    }

    private static Stream<Case> cases() {
        HttpCheck head = HttpCheck.path("/");
        HttpCheck get = head.method(HttpCheck.Method.GET);
        return Stream.of(
                up("200", head, OK, "status 200"),
                up("204", get, "HTTP/1.1 204 No Content\r\n\r\n", "status 204"),
                up("HTTP/1.0", get, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "status 200"),
                up("a status as configured", head.statuses(401, 403), "HTTP/1.1 401 Who\r\n\r\n", "status 401"),
                up("one of several", head.statuses("2xx", "301-302"), "HTTP/1.1 302 F\r\n\r\n", "status 302"),
                down(
                        "none of several",
                        head.statuses("2xx", "301-302"),
                        c -> c.answer("HTTP/1.1 303 S\r\n\r\n"),
                        "status 303, expected 2xx, 301-302"),
                up("no body for HEAD", head, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "status 200"),
                up(
                        "interim answers",
                        head,
                        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n" + OK,
                        "status 200"),
                up("a short body", get, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "status 200"),
                up(
                        "8 KiB of body",
                        get,
                        "HTTP/1.1 200 OK\r\nContent-Length: 8192\r\n\r\n" + KIB.repeat(8),
                        "status 200"),
                up(
                        "a chunked body",
                        get,
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                        "status 200"),
                new Case(
                        "a body up to FIN",
                        get,
                        c -> c.answer("HTTP/1.1 200 OK\r\n\r\nok"),
                        ServerState.UP,
                        "status 200"),
                down("503", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "status 503, expected 2xx"),
                down("a redirect", "HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "status 302"),
                down("500 after 100", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 500 E\r\n\r\n", "status 500"),
                down(
                        "101",
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\0",
                        "status 101"),
                down("no such status", "HTTP/1.1 42 What\r\n\r\n", "status 42"),
                down("closed at once", "", "closed before an answer"),
                down("closed in the head", "HTTP/1.1 200 OK\r\nServer", "closed before an answer"),
                down("closed after 100", "HTTP/1.1 100 C\r\n\r\n", "closed before an answer"),
                down(
                        "closed in the body",
                        get,
                        c -> c.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
                        "closed in the middle of the answer"),
                down(
                        "closed in a chunk",
                        get,
                        c -> c.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok"),
                        "closed in the middle of the answer"),
                down(
                        "another protocol",
                        head,
                        c -> c.send("SSH-2.0-\u001bOpenSSH\r\n").awaitEnd(),
                        "not HTTP: invalid version format: SSH-2.0-?OPENSSH"),
                down("an echo", head, c -> c.send(c.head()), "not HTTP: invalid version format: HEAD"),
                down("a relative of HTTP", "RTSP/1.0 200 OK\r\n\r\n", "not HTTP: invalid version format: RTSP/1.0"),
                down("a later HTTP", "HTTP/2.0 200 OK\r\n\r\n", "not HTTP/1: HTTP/2.0"),
                down("a field without colon", "HTTP/1.1 200 OK\r\nserver\r\n\r\n", "not HTTP: No colon found"),
                down("a huge line", "HTTP/1.1 200 " + KIB.repeat(9) + "\r\n\r\n", "the head of the answer is too long"),
                down(
                        "a huge field",
                        "HTTP/1.1 200 OK\r\nA: " + KIB.repeat(17) + "\r\n\r\n",
                        "the head of the answer is too long"),
                down(
                        "many fields",
                        "HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(5_000) + "\r\n",
                        "the head of the answer is too long"),
                down(
                        "a broken chunk",
                        get,
                        c -> c.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
                                .awaitEnd(),
                        "malformed body: "),
                down(
                        "a reset",
                        head,
                        c -> {
                            c.head();
                            c.reset();
                        },
                        "connection reset"),
                down(
                        "silence",
                        head,
                        c -> {
                            c.head();
                            c.awaitEnd();
                        },
                        "no answer within 100 ms"),
                down(
                        "silence in the head",
                        head,
                        c -> c.answer("HTTP/1.1 200 OK\r\n").awaitEnd(),
                        "no answer within 100 ms"),
                down(
                        "silence in the body",
                        get,
                        c -> c.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
                                .awaitEnd(),
                        "no answer within 100 ms"),
                down(
                        "interim answers only",
                        head,
                        c -> {
                            c.head();
                            c.sendForEver("HTTP/1.1 100 C\r\n\r\n");
                        },
                        "no answer within 100 ms"));
    }

    private static Stream<Arguments> casesOnEngines() {
        return Balancers.engines().flatMap(engine -> cases().map(c -> Arguments.of(engine, c)));
    }

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("casesOnEngines")
    void theAnswerDecides(NettyEngine engine, Case c) {
        try (ScriptedServer server = ScriptedServer.of(c.script)) {
            HealthCheck check = quick(c.check).timeout(Duration.ofMillis(100));
            try (LoadBalancer lb = start(engine, g -> g.server(server.id()).healthCheck(check))) {
                awaitState(lb, server.id(), c.state, c.why);
            }
            await().untilAsserted(() -> assertThat(server.open()).isZero());
        }
    }
}
