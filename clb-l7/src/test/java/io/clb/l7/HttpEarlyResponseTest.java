package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.l4.NettyEngine;
import io.clb.l4.Seen;
import io.clb.l7.ScriptedServer.Script;
import io.clb.spi.Reason;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that answer before they have the whole request. */
final class HttpEarlyResponseTest {

    private static final int MIB = 1 << 20;
    private static final int BODY = 64 * MIB;
    private static final String REQUEST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY + "\r\n\r\n";
    private static final String TOO_LARGE = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!";

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    /** Shows that the client gets the answer, told to close, while it sends so much of its body. */
    private static void assertAnswered(NettyEngine engine, Script script, int bytes) throws Exception {
        Seen seen = new Seen();
        try (ScriptedServer server = ScriptedServer.of(script);
                LoadBalancer lb =
                        Balancers.http(engine, server.id()).observer(seen).start()) {
            for (int i = 1; i <= 5; i++) {
                try (HttpClient client = HttpClient.to(lb, "front").send(REQUEST)) {
                    CompletableFuture<Void> pouring = client.pour(bytes);
                    HttpClient.Response response = client.response();
                    assertThat(response.status()).isEqualTo(413);
                    assertThat(response.field("connection")).isEqualTo("close");
                    assertThat(response.text()).isEqualTo("no!");
                    assertThat(client.endsInOrder()).isTrue();
                    client.leave();
                    pouring.join();
                }
                Seen.Flow flow = seen.next();
                assertThat(flow.reason()).isEqualTo(Reason.COMPLETED);
                assertThat(flow.status()).isEqualTo(413);
                assertThat(server.accepted()).isEqualTo(i);
            }
            Balancers.awaitNothingActive(lb);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aConnectionThatStaysOpenIsNotUsedAgain(NettyEngine engine) throws Exception {
        Script staying = connection -> connection.answer(TOO_LARGE).awaitEnd();
        assertAnswered(engine, staying, 0);
        assertAnswered(engine, staying, MIB);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aConnectionThatDoesNotReadIsNotUsedAgain(NettyEngine engine) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            Script staying = connection -> {
                connection.answer(TOO_LARGE);
                done.join();
            };
            assertAnswered(engine, staying, BODY);
        } finally {
            done.complete(null);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aConnectionThatIsClosed(NettyEngine engine) throws Exception {
        assertAnswered(engine, connection -> connection.answer(TOO_LARGE), 0);
        assertAnswered(
                engine, connection -> connection.answer(TOO_LARGE).finish().awaitEnd(), BODY);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#engines")
    void aConnectionThatIsClosedWhileWeWrite(NettyEngine engine) throws Exception {
        assertAnswered(engine, connection -> connection.answer(TOO_LARGE), BODY);
    }
}
