package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server sends that could be read in two ways: the client gets a status, or a reset if the response had begun, and the server's connection is not used again. */
final class RefusedResponseTest {

    /** What surely comes in one piece. */
    private static final int SHORT = 1_000;

    @RegisterExtension
    static final Edges<LyingServer> EDGES = Edges.of(LyingServer::new, LyingServer::id, server -> {});

    static Stream<Arguments> heads() {
        return cases(BadResponses.heads().stream());
    }

    static Stream<Arguments> bodies() {
        return cases(BadResponses.bodies().stream());
    }

    static Stream<Arguments> badBodiesInOnePiece() {
        return cases(BadResponses.bodies().stream()
                .filter(bad -> !bad.ends() && bad.good().length() < SHORT));
    }

    private static Stream<Arguments> cases(Stream<BadResponses.Bad> all) {
        return EDGES.with(all.toList());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"heads", "badBodiesInOnePiece"})
    void theClientGetsAStatus(Edge<LyingServer> edge, BadResponses.Bad bad) throws Exception {
        long before = edge.count(bad.reason());
        try (HttpClient client = edge.client()) {
            edge.server().says(bad.good() + bad.bad(), bad.ends());
            HttpClient.Response response = client.get("/bad");
            assertThat(response.status()).isEqualTo(502);
            assertEnded(edge, client, bad, 502);
            assertThat(edge.count(bad.reason())).isEqualTo(before + 1);
            // The client did nothing wrong, and goes on.
            assertServed(edge, client);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("bodies")
    void aResponseThatHasBegunIsBrokenOff(Edge<LyingServer> edge, BadResponses.Bad bad) throws Exception {
        long before = edge.count(bad.reason());
        try (HttpClient client = edge.client()) {
            edge.server().says(bad.good(), bad.bad(), bad.ends());
            client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(read(client, bad.good().length())).isEqualTo(bad.good());
            edge.server().goOn();
            assertThat(client.endsInOrder()).isFalse();
            assertEnded(edge, client, bad, 200);
        }
        assertThat(edge.count(bad.reason())).isEqualTo(before + 1);
        try (HttpClient other = edge.client()) {
            assertServed(edge, other);
        }
    }

    static Stream<Arguments> excess() {
        List<String> more = List.of(
                "\r\n",
                "x",
                "ok",
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
                "HTTP/1.1 302 Found\r\nLocation: ");
        return EDGES.with(more);
    }

    @ParameterizedTest
    @MethodSource("excess")
    void whatComesAfterAResponseIsNobodysAnswer(Edge<LyingServer> edge, String excess) throws Exception {
        try (HttpClient client = edge.client()) {
            edge.server().says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + excess, false);
            assertThat(client.get("/bad").text()).isEqualTo("ok");
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            edge.server().awaitEnd();
            assertServed(edge, client);
        }
    }

    @ParameterizedTest
    @MethodSource("excess")
    void theRequestThatWaitsBehindDoesNotGetIt(Edge<LyingServer> edge, String excess) throws Exception {
        try (HttpClient client = edge.client()) {
            edge.server().says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + excess, false);
            client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\nGET /good HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response().text()).isEqualTo("ok");
            assertThat(client.response().text()).isEqualTo("good");
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            edge.server().awaitEnd();
        }
    }

    @ParameterizedTest
    @MethodSource("excess")
    void whatComesOverAnIdleConnectionIsNobodysAnswer(Edge<LyingServer> edge, String excess) throws Exception {
        try (HttpClient client = edge.client()) {
            edge.server().says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", excess, false);
            assertThat(client.get("/bad").text()).isEqualTo("ok");
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            edge.server().goOn();
            edge.server().awaitEnd();
            assertServed(edge, client);
        }
    }

    @ParameterizedTest
    @MethodSource("excess")
    void aBodyInAnswerToHeadIsNobodysAnswer(Edge<LyingServer> edge, String excess) throws Exception {
        try (HttpClient client = edge.client()) {
            edge.server().says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + excess, false);
            client.send("HEAD /bad HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response(true).field("content-length")).isEqualTo("5");
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            edge.server().awaitEnd();
            assertServed(edge, client);
        }
    }

    static Stream<Edge<LyingServer>> edges() {
        return EDGES.all();
    }

    @ParameterizedTest
    @MethodSource("edges")
    void interimResponsesHaveAnEnd(Edge<LyingServer> edge) throws Exception {
        String interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        try (HttpClient client = edge.client()) {
            edge.server().says(interim.repeat(17), false);
            client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
            for (int i = 0; i < 16; i++) {
                assertThat(client.response().status()).isEqualTo(103);
            }
            assertThat(client.response().status()).isEqualTo(502);
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.BAD_RESPONSE);
            edge.server().awaitEnd();
            assertServed(edge, client);
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    void chunksAreNotForAnOldClient(Edge<LyingServer> edge) throws Exception {
        try (HttpClient client = edge.client()) {
            edge.server().says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false);
            client.send("GET /bad HTTP/1.0\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(502);
            assertThat(client.endsInOrder()).isTrue();
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.BAD_RESPONSE);
            edge.server().awaitEnd();
        }
    }

    private static void assertEnded(Edge<LyingServer> edge, HttpClient client, BadResponses.Bad bad, int status)
            throws Exception {
        EndedRequests.Ended ended = edge.ended().next(client);
        assertThat(ended.reason()).isEqualTo(bad.reason());
        assertThat(ended.status()).isEqualTo(status);
        assertThat(ended.server()).isEqualTo(edge.server().id());
        if (!bad.ends()) {
            edge.server().awaitEnd();
        }
    }

    private static void assertServed(Edge<LyingServer> edge, HttpClient client) throws Exception {
        assertThat(client.get("/good").text()).isEqualTo("good");
        assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
    }

    private static String read(HttpClient client, int bytes) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] piece = new byte[1_024];
        while (text.length() < bytes) {
            int read = client.read(piece);
            if (read < 0) {
                return text + "|";
            }
            text.append(new String(piece, 0, read, StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }
}
