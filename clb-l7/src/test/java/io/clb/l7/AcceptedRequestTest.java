package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.Reason;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is passed on arrives byte for byte as it should, in whatever pieces it came, and the next request on the connection is the next one for the server too. */
final class AcceptedRequestTest {

    /** Longer ones come in pieces that are not as small: there would be too many of them. */
    private static final int SHORT = 1_000;

    @RegisterExtension
    static final Edges<StrictServer> EDGES = Edges.of(StrictServer::new, StrictServer::id, StrictServer::forget);

    static Stream<Arguments> requests() {
        return EDGES.with(GoodRequests.all());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("requests")
    void itArrivesAsItShould(Edge<StrictServer> edge, GoodRequests.Good good) throws Exception {
        try (HttpClient client = edge.client()) {
            client.send(good.sent());
            assertServed(edge, client, good);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("requests")
    void itArrivesAsItShouldInSmallPieces(Edge<StrictServer> edge, GoodRequests.Good good) throws Exception {
        int[] sizes = good.sent().length() > SHORT ? new int[] {499} : new int[] {1, 2, 3, 7, 16};
        for (int size : sizes) {
            try (HttpClient client = edge.client()) {
                client.socket().setTcpNoDelay(true);
                for (int at = 0; at < good.sent().length(); at += size) {
                    client.send(good.sent()
                            .substring(at, Math.min(at + size, good.sent().length())));
                }
                assertServed(edge, client, good);
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("requests")
    void itEndsWhereTheNextBegins(Edge<StrictServer> edge, GoodRequests.Good good) throws Exception {
        try (HttpClient client = edge.client()) {
            client.send(good.sent() + BadRequests.SMUGGLED);
            assertServed(edge, client, good);
            if (good.isClosing()) {
                assertThat(client.endsInOrder()).isTrue();
            } else {
                assertThat(client.response().text()).isEqualTo("ok");
                assertThat(edge.server().request())
                        .isEqualTo("GET /smuggled HTTP/1.1\r\nHost: a\r\n" + Edge.FORWARDED + "\r\n");
                assertThat(edge.ended().next(client).target()).isEqualTo("/smuggled");
            }
            assertThat(edge.server().hasRequests()).isFalse();
        }
    }

    private static void assertServed(Edge<StrictServer> edge, HttpClient client, GoodRequests.Good good)
            throws Exception {
        HttpClient.Response response = client.response(good.isHead());
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.text()).isEqualTo(good.isHead() ? "" : "ok");
        assertThat(response.field("connection")).isEqualTo(good.isClosing() ? "close" : null);
        String received = edge.server().request();
        assertThat(received).isEqualTo(good.received());
        assertThat(edge.server().faults()).isEmpty();
        assertThat(edge.server().hasBrokenOff()).isFalse();
        EndedRequests.Ended ended = edge.ended().next(client);
        assertThat(ended.reason()).isEqualTo(Reason.COMPLETED);
        assertThat(ended.status()).isEqualTo(200);
        // OPTIONS * may come in another form, which has no path.
        String[] line = received.split(" ", 3);
        assertThat(ended.method()).isEqualTo(line[0]);
        assertThat(ended.target()).isIn(line[1], line[1].substring(1));
    }
}
