package io.clb.l7;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.clb.l4.NettyEngine;
import io.clb.spi.Reason;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The responses of the corpus: what is none becomes 502, what breaks off is broken off, all else arrives; the next request gets a sound answer in any case. */
final class ResponseCorpusTest {

    private static final List<Corpus.Case> CASES = Corpus.in("responses");

    private static @Nullable Edge<Server> edge;

    /** Answers {@code /good} as it should, and all else with a case. */
    private static final class Server implements AutoCloseable {

        private final ScriptedServer server = ScriptedServer.of(this::serve);

        private volatile Corpus.@Nullable Case response;

        private void serve(ScriptedServer.Connection connection) throws IOException {
            while (true) {
                boolean good = connection.head().contains(" /good ");
                Corpus.Case says = requireNonNull(response);
                connection.send(good ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood" : says.bytes());
                if (!good && says.ends()) {
                    return;
                }
            }
        }

        @Override
        public void close() {
            server.close();
        }
    }

    @BeforeAll
    static void start() {
        edge = Edge.on(NettyEngine.epoll().threads(1), new Server(), server -> server.server.id(), settings -> {});
    }

    @AfterAll
    static void stop() {
        edge().stop();
        edge = null;
        Balancers.bringLeaksToLight();
    }

    private static Edge<Server> edge() {
        return requireNonNull(edge);
    }

    private static Stream<Corpus.Case> expecting(String... expected) {
        return CASES.stream().filter(response -> List.of(expected).contains(response.expected()));
    }

    static Stream<Corpus.Case> bad() {
        return expecting("502");
    }

    static Stream<Corpus.Case> brokenOff() {
        return expecting("reset");
    }

    static Stream<Corpus.Case> passed() {
        return expecting("pass", "last");
    }

    @Test
    void thereAreManyOfThem() {
        assertThat(bad()).hasSizeGreaterThan(130);
        assertThat(brokenOff()).hasSize(10);
        assertThat(passed()).hasSizeGreaterThan(45);
    }

    @ParameterizedTest
    @MethodSource("bad")
    void itBecomes502(Corpus.Case response) throws Exception {
        int connections = edge().server().server.accepted();
        try (HttpClient client = ask(response)) {
            assertThat(client.response().status()).isEqualTo(502);
            assertThat(edge().ended().next(client).status()).isEqualTo(502);
            assertServed(client);
        }
        assertThat(edge().server().server.accepted()).isGreaterThan(connections);
    }

    @ParameterizedTest
    @MethodSource("brokenOff")
    void itIsBrokenOff(Corpus.Case response) throws Exception {
        try (HttpClient client = ask(response)) {
            assertThatIOException().isThrownBy(client::rest).withMessageContaining("reset");
            assertThat(edge().ended().next(client).reason()).isEqualTo(Reason.RESPONSE_TRUNCATED);
        }
    }

    @ParameterizedTest
    @MethodSource("passed")
    void itArrivesAsItShould(Corpus.Case response) throws Exception {
        try (HttpClient client = ask(response)) {
            assertThat(new String(client.exactly(response.received().length()), ISO_8859_1))
                    .isEqualTo(response.received());
            assertThat(edge().ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            int connections = edge().server().server.accepted();
            assertServed(client);
            boolean last = response.expected().equals("last");
            assertThat(edge().server().server.accepted()).isEqualTo(last ? connections + 1 : connections);
        }
    }

    private static HttpClient ask(Corpus.Case response) throws Exception {
        edge().server().response = response;
        String method = response.given().equals("HEAD") ? "HEAD" : "GET";
        return edge().client().send(method + " /bad HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private static void assertServed(HttpClient client) throws Exception {
        assertThat(client.get("/good").text()).isEqualTo("good");
        assertThat(edge().ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
    }
}
