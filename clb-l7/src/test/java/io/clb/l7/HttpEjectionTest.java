package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Ejection;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.InOrder;
import io.clb.l4.NettyEngine;
import io.clb.spi.ServerState;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that fail their requests, and are given no more for a time. */
final class HttpEjectionTest {

    private static final int FAILURES = 3;

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Answers with the status that a path asks for, or with nothing but the end of the connection. */
    private static ScriptedServer obedient() {
        return ScriptedServer.of(connection -> {
            for (String head = connection.head(); !head.startsWith("GET /closes"); head = connection.head()) {
                String status = head.substring("GET /".length(), "GET /".length() + 3);
                connection.send("HTTP/1.1 " + status + " As Asked\r\nContent-Length: 0\r\n\r\n");
            }
        });
    }

    private static LoadBalancer start(NettyEngine engine, ScriptedServer first, ScriptedServer second) {
        return Balancers.http(engine, first.id(), second.id())
                .serverGroup(
                        "web",
                        g -> g.scheduler(InOrder.of(first.id(), second.id())).ejection(Ejection.after(FAILURES)))
                .start();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void errorsOfTheServersInARowEjectIt(NettyEngine engine) throws Exception {
        try (ScriptedServer bad = obedient();
                ScriptedServer good = obedient();
                LoadBalancer lb = start(engine, bad, good);
                HttpClient client = HttpClient.to(lb, "front")) {
            int[] statuses = {500, 503, 200, 502, 599, 404, 500, 503, 504};
            for (int status : statuses) {
                assertThat(Balancers.server(lb, bad.id()).state()).isEqualTo(ServerState.UP);
                // What the server said counts, also where the client is told otherwise (serverTimeoutsAs502).
                assertThat(client.get("/" + status).status()).isEqualTo(status == 504 ? 502 : status);
            }
            await().until(() -> Balancers.server(lb, bad.id()).state() == ServerState.EJECTED);
            assertThat(Balancers.server(lb, bad.id()).why())
                    .isEqualTo("for 30 s after 3 failures in a row, the last one: status 504");
            await().untilAsserted(() -> {
                assertThat(client.get("/200").status()).isEqualTo(200);
                assertThat(good.heads()).isNotEmpty();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void soDoConnectionsThatItClosesInPlaceOfAnAnswer(NettyEngine engine) throws Exception {
        try (ScriptedServer bad = obedient();
                ScriptedServer good = obedient();
                LoadBalancer lb = start(engine, bad, good)) {
            for (int i = 0; i < FAILURES; i++) {
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    assertThat(client.get("/closes").status()).isEqualTo(502);
                }
            }
            await().until(() -> Balancers.server(lb, bad.id()).state() == ServerState.EJECTED);
            assertThat(Balancers.server(lb, bad.id()).why()).endsWith("the last one: server-closed");
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void soDoRequestsThatItLeavesWithoutAnAnswer(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (ScriptedServer silent = ScriptedServer.hanging();
                ScriptedServer good = obedient();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(silent.id(), good.id())
                                .serverGroup(
                                        "web",
                                        g -> g.scheduler(InOrder.of(silent.id(), good.id()))
                                                .ejection(Ejection.after(FAILURES)))
                                .build())) {
            for (int i = 1; i <= FAILURES; i++) {
                int asked = i;
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    client.send("GET /200 HTTP/1.1\r\nHost: a\r\n\r\n");
                    await().until(() -> silent.heads().size() == asked);
                    clock.advance(Duration.ofSeconds(61));
                    assertThat(client.response().status()).isEqualTo(504);
                }
            }
            await().until(() -> Balancers.server(lb, silent.id()).state() == ServerState.EJECTED);
            assertThat(Balancers.server(lb, silent.id()).why()).endsWith("the last one: response-timeout");
            // The state shows a moment before it is heeded, and who is sent there between the two waits for an answer:
            // not at once.
            await().pollDelay(Duration.ofMillis(100)).untilAsserted(() -> {
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    assertThat(client.get("/200").status()).isEqualTo(200);
                }
            });
        }
    }
}
