package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies that are larger than the listener takes. */
final class HttpBodySizeTest {

    private static final String CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static LoadBalancer start(NettyEngine engine, String server) {
        return Balancers.http(engine, server)
                .listener("front", l -> l.maxBodySize(10))
                .start();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void whatIsNotLargerPasses(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.of(request -> WebServer.ok(request.text()));
                LoadBalancer lb = start(engine, server.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
            assertThat(client.response().text()).isEqualTo("0123456789");
            // Of the next body, nothing of this one counts.
            for (int i = 0; i < 2; i++) {
                client.send(CHUNKED + "5;x=y\r\n01234\r\n5\r\n56789\r\n0\r\nX-Sum: 1\r\n\r\n");
                assertThat(client.response().status()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aLengthThatIsLargerIsRefusedAtOnce(NettyEngine engine) throws Exception {
        try (WebServer server = WebServer.saying("ok");
                LoadBalancer lb = start(engine, server.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
            HttpClient.Response response = client.response();
            assertThat(response.status()).isEqualTo(413);
            assertThat(response.field("connection")).isEqualTo("close");
            assertThat(client.endsInOrder()).isTrue();
            assertThat(server.accepted()).isZero();
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.REQUEST_BODY_TOO_LARGE, 1L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void chunksAreRefusedWhereTheyBecomeLarger(NettyEngine engine) throws Exception {
        try (ScriptedServer server = ScriptedServer.hanging();
                LoadBalancer lb = start(engine, server.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(CHUNKED + "a\r\n0123456789\r\n");
            server.heads().take();
            client.send("1\r\nx\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(413);
            assertThat(client.endsInOrder()).isTrue();
            server.ends().take();
            assertThat(server.heads()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aResponseThatHasBegunIsBrokenOff(NettyEngine engine) throws Exception {
        Semaphore begun = new Semaphore(0);
        try (ScriptedServer server = ScriptedServer.of(connection -> {
                    connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
                    begun.release();
                    connection.awaitEnd();
                });
                LoadBalancer lb = start(engine, server.id());
                HttpClient client = HttpClient.to(lb, "front")) {
            client.send(CHUNKED + "1\r\nx\r\n");
            begun.acquire();
            assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
            client.send("a\r\n");
            await().untilAsserted(() ->
                    assertThat(Balancers.front(lb).ended()).containsEntry(Reason.REQUEST_BODY_TOO_LARGE, 1L));
            server.ends().take();
        }
    }
}
