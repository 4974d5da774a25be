package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.HungServer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.l7.ScriptedServer.Script;
import io.clb.spi.Reason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that go away before they have their response, or half of it. */
final class HttpClientGoneTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST = "POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** How a client goes. */
    private enum Going {
        FIN,
        RST;

        void from(HttpClient client) throws Exception {
            if (this == FIN) {
                client.finish();
            } else {
                client.reset();
            }
        }

        Reason reason() {
            return this == FIN ? Reason.CLIENT_GONE : Reason.CLIENT_RESET;
        }
    }

    private static void assertGone(Seen.Flow flow, String request, Reason reason) {
        assertThat(flow.request()).isEqualTo(request);
        assertThat(flow.reason()).isEqualTo(reason);
        assertThat(flow.status()).isEqualTo(499);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void beforeItsFirstRequest(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (LoadBalancer lb = Balancers.http(engine).observer(seen).start()) {
            for (Going going : Going.values()) {
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    await().until(() -> Balancers.front(lb).active() == 1);
                    going.from(client);
                    Balancers.awaitNothingActive(lb);
                }
            }
            assertThat(seen.flows()).as("there was no request").isEmpty();
            assertThat(Balancers.front(lb).accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void inTheHead(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (LoadBalancer lb = Balancers.http(engine).observer(seen).start()) {
            for (Going going : Going.values()) {
                try (HttpClient client = HttpClient.to(lb, "front")) {
                    // The first answer shows that what follows it was read, too.
                    client.send(GET + "GET /half?of=it HTTP/1.1\r\nHo");
                    assertThat(client.response().status()).isEqualTo(503);
                    assertThat(seen.next().reason()).isEqualTo(Reason.NO_SERVER_AVAILABLE);
                    going.from(client);
                    assertGone(seen.next(), "GET /half?of=it", going.reason());
                    Balancers.awaitNothingActive(lb);
                }
            }
            assertThat(Balancers.front(lb).requests()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void inTheBody(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        Script reading = connection -> {
            connection.head();
            assertThat(connection.read(5)).isEqualTo("12345");
            connection.awaitEnd();
        };
        try (ScriptedServer server = ScriptedServer.of(reading);
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            for (Going going : Going.values()) {
                try (HttpClient client = HttpClient.to(lb, "front").send(POST)) {
                    await().until(() -> Balancers.server(lb, server.id()).bytesToServer() > POST.length());
                    server.heads().take();
                    going.from(client);
                    assertGone(seen.next(), "POST /form", going.reason());
                    assertThat(server.ends().take()).isNotNull();
                    Balancers.awaitNothingActive(lb);
                }
            }
            assertThat(Balancers.server(lb, server.id()).resets()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whileItWaits(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        Script silent = connection -> {
            connection.head();
            connection.awaitEnd();
        };
        try (ScriptedServer server = ScriptedServer.of(silent);
                LoadBalancer lb = Balancers.http(engine, server.id())
                        .listener("front", l -> l.cancelOnDisconnect(true))
                        .observer(seen)
                        .start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                server.heads().take();
                client.reset();
                assertGone(seen.next(), "GET /", Reason.CLIENT_RESET);
                assertThat(server.ends().take()).isNotNull();
                Balancers.awaitNothingActive(lb);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whileAServerIsConnectedTo(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        try (HungServer hung = new HungServer();
                LoadBalancer lb =
                        Balancers.http(engine, hung.id()).observer(seen).start()) {
            try (HttpClient client = HttpClient.to(lb, "front").send(GET)) {
                Balancers.awaitOn(lb, hung.id());
                client.reset();
                assertGone(seen.next(), "GET /", Reason.CLIENT_RESET);
                Balancers.awaitNothingActive(lb);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whileItReads(NettyEngine engine) throws Exception {
        Seen seen = new Seen();
        String block = "x".repeat(64 * 1_024);
        Script endless = connection -> {
            connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            connection.sendForEver(block);
        };
        try (ScriptedServer server = ScriptedServer.of(endless);
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            for (Going going : Going.values()) {
                try (HttpClient client = HttpClient.slowTo(lb, "front").send(GET)) {
                    assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                    Balancers.awaitStill(lb);
                    if (going == Going.FIN) {
                        client.leave();
                    } else {
                        client.reset();
                    }
                    Seen.Flow flow = seen.next();
                    assertThat(flow.reason()).isIn(Reason.CLIENT_RESET, Reason.CLIENT_GONE);
                    assertThat(flow.status()).as("the response had begun").isEqualTo(200);
                    assertThat(server.ends().take()).isNotNull();
                    Balancers.awaitNothingActive(lb);
                }
            }
        }
    }
}
