package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.ListenerConfig;
import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The requests of the corpus: of those that are refused nothing reaches a server as a request, and nothing that comes after them; those that are not arrive byte
 * for byte as they should.
 */
final class RequestCorpusTest {

    private static final List<Corpus.Case> CASES = Corpus.in("requests");
    private static final String FIRST = "GET /first HTTP/1.1\r\nHost: a\r\n";

    private static Map<String, Edge<StrictServer>> edges = Map.of();

    /** Clients that ask when a case is over. */
    private static Map<Edge<StrictServer>, HttpClient> others = Map.of();

    @BeforeAll
    static void start() throws Exception {
        edges = Map.of(
                "usual",
                edge(l -> {}),
                "lenient",
                edge(l -> l.allowTrace(true)
                        .allowUnderscores(true)
                        .allowEscapedSlashes(true)
                        .mergeSlashes(true)),
                "small",
                edge(l -> l.maxRequestLine(256).maxHeadSize(1_024).maxFields(10).maxBodySize(16)));
        others = new HashMap<>();
        for (Edge<StrictServer> edge : edges.values()) {
            others.put(edge, edge.client());
        }
    }

    private static Edge<StrictServer> edge(Consumer<ListenerConfig.Builder> settings) {
        return Edge.on(
                NettyEngine.epoll().threads(1),
                new StrictServer(),
                StrictServer::id,
                l -> settings.accept(l.idleTimeout(Duration.ofSeconds(60)).maxRequestsPerConnection(1_000_000)));
    }

    @AfterAll
    static void stop() throws Exception {
        for (HttpClient other : others.values()) {
            other.close();
        }
        others = Map.of();
        edges.values().forEach(Edge::stop);
        edges = Map.of();
        Balancers.bringLeaksToLight();
    }

    /** What one case has left behind does not fail the next. */
    @BeforeEach
    void forget() {
        edges.values().forEach(edge -> edge.server().forget());
    }

    static Stream<Corpus.Case> refused() {
        return CASES.stream().filter(request -> !request.expected().equals("200"));
    }

    static Stream<Corpus.Case> accepted() {
        return CASES.stream().filter(request -> request.expected().equals("200"));
    }

    @Test
    void thereAreManyOfThem() {
        assertThat(refused()).hasSizeGreaterThan(1_000);
        assertThat(accepted()).hasSizeGreaterThan(200);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void itIsRefused(Corpus.Case request) throws Exception {
        Edge<StrictServer> edge = edge(request);
        try (HttpClient client = edge.client()) {
            client.send(request.sent() + BadRequests.SMUGGLED);
            assertRefused(edge, client, request);
        }
        try (HttpClient client = edge.client()) {
            client.send(FIRST + "\r\n" + request.sent() + BadRequests.SMUGGLED);
            assertThat(client.response().text()).isEqualTo("ok");
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            assertRefused(edge, client, request);
        }
        assertThat(edge.server().request()).isEqualTo(FIRST + Edge.FORWARDED + "\r\n");
        assertNothingElseCame(edge, request);
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void itArrivesAsItShould(Corpus.Case request) throws Exception {
        Edge<StrictServer> edge = edge(request);
        try (HttpClient client = edge.client()) {
            client.send(request.sent() + BadRequests.SMUGGLED);
            boolean toHead = request.sent().startsWith("HEAD ");
            HttpClient.Response response = client.response(toHead);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.text()).isEqualTo(toHead ? "" : "ok");
            assertThat(edge.server().request()).isEqualTo(forwarded(request.received()));
            assertThat(edge.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            if ("close".equals(response.field("connection"))) {
                assertThat(request.sent()).containsPattern("HTTP/1.0|(?i)connection: close");
                assertThat(client.endsInOrder()).isTrue();
            } else {
                assertThat(client.response().text()).isEqualTo("ok");
                assertThat(edge.server().request()).isEqualTo(forwarded(BadRequests.SMUGGLED));
                assertThat(edge.ended().next(client).target()).isEqualTo("/smuggled");
            }
        }
        assertNothingElseCame(edge, request);
    }

    private static Edge<StrictServer> edge(Corpus.Case request) {
        return Objects.requireNonNull(edges.get(request.given()));
    }

    /** What a server gets of a request. */
    private static String forwarded(String request) {
        String added = request.contains(" HTTP/1.0\r\n") ? Edge.FORWARDED.replace("1.1", "1.0") : Edge.FORWARDED;
        int end = request.indexOf("\r\n\r\n") + 2;
        return request.substring(0, end) + added + request.substring(end);
    }

    private static void assertRefused(Edge<StrictServer> edge, HttpClient client, Corpus.Case request)
            throws Exception {
        HttpClient.Response response = client.response();
        assertThat(response.status()).isEqualTo(Integer.parseInt(request.expected()));
        assertThat(response.field("connection")).isEqualTo("close");
        assertThat(client.endsInOrder()).isTrue();
        EndedRequests.Ended ended = edge.ended().next(client);
        assertThat(ended.reason().status()).isEqualTo(response.status());
        assertThat(ended.status()).isEqualTo(response.status());
        assertThat(edge.ended().hasMore(client)).isFalse();
    }

    /** The next request that a server gets is another client's: what was written before, on any connection, would have come before it. */
    private static void assertNothingElseCame(Edge<StrictServer> edge, Corpus.Case request) throws Exception {
        HttpClient other = Objects.requireNonNull(others.get(edge));
        assertThat(other.get("/other").text()).isEqualTo("ok");
        assertThat(edge.ended().next(other).reason()).isEqualTo(Reason.COMPLETED);
        assertThat(edge.server().request()).startsWith("GET /other HTTP/1.1\r\n");
        assertThat(edge.server().hasRequests()).isFalse();
        assertThat(edge.server().faults()).isEmpty();
        assertThat(request.inBody() || !edge.server().hasBrokenOff()).isTrue();
    }
}
