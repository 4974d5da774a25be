package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that have sent all that they want to send, and read on. */
final class HttpHalfCloseTest {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String LAST_GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static void readHead(HttpClient client) throws Exception {
        assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
        while (!client.line().isEmpty()) {
            // to its end
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void beforeTheResponse(NettyEngine engine) throws Exception {
        byte[] large = WebServer.ok("x".repeat(16 * MIB));
        try (WebServer server = WebServer.of(request -> large);
                LoadBalancer lb = Balancers.http(engine, server.id()).start()) {
            try (HttpClient client = HttpClient.slowTo(lb, "front").send(GET).finish()) {
                assertThat(client.response().body()).hasSize(16 * MIB);
                assertThat(client.endsInOrder()).isTrue();
            }
            Balancers.awaitNothingActive(lb);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.COMPLETED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void inTheResponse(NettyEngine engine) throws Exception {
        byte[] large = WebServer.ok("x".repeat(16 * MIB));
        try (WebServer server = WebServer.of(request -> large);
                LoadBalancer lb = Balancers.http(engine, server.id()).start()) {
            for (String request : new String[] {GET, LAST_GET}) {
                try (HttpClient client = HttpClient.slowTo(lb, "front").send(request)) {
                    readHead(client);
                    assertThat(client.finish().rest()).isEqualTo(16 * MIB);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whenTheServerHasSentAllAndTheClientHasNotReadIt(NettyEngine engine) throws Exception {
        int held = Balancers.held(http -> http.engine(engine).start());
        // One of these sizes leaves something in our own buffers when the server has sent it all.
        for (int size = held - 256 * KIB; size < held; size += 64 * KIB) {
            byte[] response = WebServer.ok("x".repeat(size));
            try (WebServer server = WebServer.of(request -> response);
                    LoadBalancer lb = Balancers.http(engine, server.id()).start()) {
                for (String request : new String[] {GET, LAST_GET}) {
                    try (HttpClient client = HttpClient.slowTo(lb, "front").send(request)) {
                        readHead(client);
                        Balancers.awaitStill(lb);
                        assertThat(client.finish().rest()).isEqualTo(size);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void withRequestsThatWaitForTheirTurn(NettyEngine engine) throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        try (WebServer server = WebServer.of(request -> {
                    go.join();
                    return WebServer.ok("hello");
                });
                LoadBalancer lb = Balancers.http(engine, server.id()).start();
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(GET.repeat(4)).finish();
            server.requests().take();
            // The first one is answered by its server, the others at once by us.
            lb.update(c -> c.serverGroup("web", g -> g.drain(server.id())));
            go.complete(null);
            assertThat(client.response().status()).isEqualTo(200);
            for (int i = 0; i < 3; i++) {
                assertThat(client.response().status()).isEqualTo(503);
            }
            assertThat(client.endsInOrder()).isTrue();
        }
    }
}
