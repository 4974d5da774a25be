package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.Reason;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused at the edge: the client is told and sees the end of its connection, and a server gets nothing of it, nor of what comes after it. */
final class RefusedRequestTest {

    @RegisterExtension
    static final Edges<StrictServer> EDGES = Edges.of(StrictServer::new, StrictServer::id, StrictServer::forget);

    static Stream<Arguments> heads() {
        return EDGES.with(BadRequests.heads());
    }

    static Stream<Arguments> bodies() {
        return EDGES.with(BadRequests.bodies());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("heads")
    void aHeadIsRefusedAndNothingReachesAServer(Edge<StrictServer> edge, BadRequests.Head bad) throws Exception {
        long before = edge.count(bad.reason());
        long requests = edge.requests();
        try (HttpClient client = edge.client()) {
            client.send(bad.bytes() + BadRequests.SMUGGLED);
            assertRefused(edge, client, bad.reason());
        }
        assertThat(edge.requests()).isEqualTo(requests + 1);
        assertThat(edge.count(bad.reason())).isEqualTo(before + 1);
        assertThat(edge.server().hasBrokenOff()).isFalse();
        assertNothingElseCame(edge);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("heads")
    void aRequestBeforeItIsServedAndNothingAfter(Edge<StrictServer> edge, BadRequests.Head bad) throws Exception {
        long before = edge.count(bad.reason());
        try (HttpClient client = edge.client()) {
            client.send("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + bad.bytes()
                    + BadRequests.SMUGGLED);
            assertThat(client.response().text()).isEqualTo("ok");
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            assertRefused(edge, client, bad.reason());
        }
        assertThat(edge.count(bad.reason())).isEqualTo(before + 1);
        assertThat(edge.server().request())
                .isEqualTo("POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n" + Edge.FORWARDED + "\r\nhi");
        assertThat(edge.server().hasBrokenOff()).isFalse();
        assertNothingElseCame(edge);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("bodies")
    void aBodyThatComesInOneGoIsRefused(Edge<StrictServer> edge, BadRequests.Body bad) throws Exception {
        long before = edge.count(bad.reason());
        try (HttpClient client = edge.client()) {
            client.send(bad.head() + bad.good() + bad.bad() + BadRequests.SMUGGLED);
            assertRefused(edge, client, bad.reason());
        }
        assertThat(edge.count(bad.reason())).isEqualTo(before + 1);
        assertNothingElseCame(edge);
        if (edge.server().hasBrokenOff()) {
            assertThat(received(bad)).startsWith(edge.server().brokenOff());
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("bodies")
    void aBodyIsRefusedFromWhereItIsBadOn(Edge<StrictServer> edge, BadRequests.Body bad) throws Exception {
        long before = edge.count(bad.reason());
        try (HttpClient client = edge.client()) {
            client.send(bad.head() + bad.good());
            edge.server().awaitPartial(received(bad));
            client.send(bad.bad() + BadRequests.SMUGGLED);
            assertRefused(edge, client, bad.reason());
        }
        assertThat(edge.count(bad.reason())).isEqualTo(before + 1);
        assertThat(edge.server().brokenOff()).isEqualTo(received(bad));
        assertNothingElseCame(edge);
    }

    private static void assertRefused(Edge<StrictServer> edge, HttpClient client, Reason reason) throws Exception {
        HttpClient.Response response = client.response();
        assertThat(response.status()).isEqualTo(reason.status());
        assertThat(response.field("connection")).isEqualTo("close");
        assertThat(client.endsInOrder()).isTrue();
        EndedRequests.Ended ended = edge.ended().next(client);
        assertThat(ended.reason()).isEqualTo(reason);
        assertThat(ended.status()).isEqualTo(reason.status());
        assertThat(edge.ended().hasMore(client)).isFalse();
    }

    /** The next request that a server gets is another client's: what was written before, on any connection, would have come before it. */
    private static void assertNothingElseCame(Edge<StrictServer> edge) throws Exception {
        try (HttpClient other = edge.client()) {
            assertThat(other.get("/other").text()).isEqualTo("ok");
            assertThat(edge.ended().next(other).reason()).isEqualTo(Reason.COMPLETED);
        }
        assertThat(edge.server().request()).startsWith("GET /other HTTP/1.1\r\n");
        assertThat(edge.server().hasRequests()).isFalse();
        assertThat(edge.server().faults()).isEmpty();
    }

    /** What a server may get of a request. */
    private static String received(BadRequests.Body bad) {
        return bad.head().replace("\r\n\r\n", "\r\n" + Edge.FORWARDED + "\r\n") + bad.good();
    }
}
