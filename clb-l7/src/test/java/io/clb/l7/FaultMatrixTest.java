package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.Snapshot;
import io.clb.l7.ServerFault.Course;
import io.clb.spi.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a server can misbehave, with every kind of request. */
final class FaultMatrixTest {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration TICK = Duration.ofMillis(10);
    private static final int INTERIM = 16;
    private static final int DRIPS = 6;
    private static final int ENOUGH = 256 * 1_024;

    private static final Set<Reason> NEVER_REACHED = EnumSet.of(Reason.CONNECT_REFUSED, Reason.CONNECT_TIMEOUT);
    private static final Set<Reason> BLAMELESS = EnumSet.of(Reason.CLIENT_RESET, Reason.CLIENT_GONE, Reason.COMPLETED);

    private static List<FaultStage> stages = List.of();

    @BeforeAll
    static void start() {
        stages = Balancers.transports().map(FaultStage::new).toList();
    }

    @AfterAll
    static void stop() throws Exception {
        for (FaultStage stage : stages) {
            stage.stop();
        }
        stages = List.of();
        Balancers.bringLeaksToLight();
    }

    static Stream<Arguments> cells() {
        return stages.stream()
                .flatMap(stage -> Arrays.stream(ServerFault.values())
                        .flatMap(fault ->
                                Arrays.stream(RequestKind.values()).map(kind -> Arguments.of(stage, fault, kind))));
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("cells")
    void theOutcomeIsTheOneThatItMustBe(FaultStage stage, ServerFault fault, RequestKind kind) throws Exception {
        Snapshot.Server before = stage.state(fault);
        try (HttpClient client = stage.client()) {
            CompletableFuture<Void> sending = kind.send(client, "/" + fault, RequestKind.SMALL);
            switch (fault.course(kind)) {
                case CONNECT, BEFORE, WHOLE -> {}
                case CONNECT_TIME -> passTime(stage, fault, kind, CONNECT_TIMEOUT);
                case BEFORE_TIME -> passTime(stage, fault, kind, REQUEST_TIMEOUT);
                case BEFORE_DRIPS -> dripHead(stage, fault, kind);
                case PROMISES -> readPromises(client);
                case WITHIN -> {
                    assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                    stage.step();
                }
                case WITHIN_TIME -> {
                    assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                    passTime(stage, fault, kind, REQUEST_TIMEOUT);
                }
                case DRIPS -> dripBody(stage, fault, kind, client);
                case FLOOD -> {
                    assertThat(client.exactly(ENOUGH)).hasSize(ENOUGH);
                    client.reset();
                }
            }
            Reason reason = assertEnd(stage, fault, kind, client);
            assertBlame(stage, fault, before, reason);
            client.leave();
            sending.join();
        }
        stage.assertNothingLeft(fault);
        try (HttpClient next = stage.client()) {
            assertThat(next.get("/good").text()).isEqualTo("good");
        }
    }

    /** Shows that a request waits as long as it may, and no longer. */
    private static void passTime(FaultStage stage, ServerFault fault, RequestKind kind, Duration timeout) {
        stage.awaitStill(fault, kind);
        stage.advance(timeout.minus(TICK));
        assertThat(stage.state(fault).active()).as("before its time is over").isEqualTo(1);
        stage.advance(TICK.multipliedBy(2));
    }

    private static void dripHead(FaultStage stage, ServerFault fault, RequestKind kind) {
        stage.awaitStill(fault, kind);
        for (int i = 0; i < DRIPS; i++) {
            long seen = stage.state(fault).bytesFromServer();
            assertThat(stage.state(fault).active()).isEqualTo(1);
            stage.step();
            FaultStage.soon().until(() -> stage.state(fault).bytesFromServer() > seen);
            stage.advance(REQUEST_TIMEOUT.dividedBy(DRIPS));
        }
        stage.advance(TICK);
    }

    private static void dripBody(FaultStage stage, ServerFault fault, RequestKind kind, HttpClient client)
            throws IOException {
        stage.awaitStill(fault, kind);
        String line = client.line();
        assertThat(line).isEqualTo("HTTP/1.1 200 OK");
        while (!line.isEmpty()) {
            line = client.line();
        }
        for (int i = 0; i < DRIPS; i++) {
            stage.advance(REQUEST_TIMEOUT.minus(TICK));
            stage.step();
            assertThat(client.exactly(1)).hasSize(1);
        }
    }

    private static void readPromises(HttpClient client) throws IOException {
        for (int i = 0; i < INTERIM; i++) {
            assertThat(client.response().status()).isEqualTo(102);
        }
    }

    /** Shows what the client and observers are told, and whether the client's connection goes on. */
    private static Reason assertEnd(FaultStage stage, ServerFault fault, RequestKind kind, HttpClient client)
            throws Exception {
        Course course = fault.course(kind);
        boolean answered = course != Course.WITHIN && course != Course.WITHIN_TIME && course != Course.FLOOD;
        boolean goesOnAsTold = false;
        if (course == Course.WITHIN || course == Course.WITHIN_TIME) {
            assertBroken(client, kind);
        } else if (answered && course != Course.DRIPS) {
            HttpClient.Response response = client.response(kind == RequestKind.HEAD);
            assertThat(response.status()).isEqualTo(fault.status());
            goesOnAsTold = response.field("connection") == null;
        }
        EndedRequests.Ended end = stage.ended().next(client);
        Reason reason = end.reason();
        assertThat(reason).isIn(fault.reasons(kind));
        assertThat(end.status()).isEqualTo(fault.status());
        boolean reached = !NEVER_REACHED.contains(reason);
        assertThat(end.server()).isEqualTo(reached ? stage.server(fault) : null);
        if (answered) {
            boolean goesOn = isWhole(fault, kind, reached);
            if (course != Course.DRIPS) {
                assertThat(goesOnAsTold).as("whether the connection goes on").isEqualTo(goesOn);
            }
            if (goesOn) {
                assertThat(client.get("/good").text()).isEqualTo("good");
                assertThat(stage.ended().next(client).reason()).isEqualTo(Reason.COMPLETED);
            } else {
                assertThat(client.endsInOrder()).isTrue();
            }
        }
        assertThat(stage.ended().hasMore(client)).isFalse();
        return reason;
    }

    /** Whether the request was over when it was answered: else nobody knows where the next one begins. */
    private static boolean isWhole(ServerFault fault, RequestKind kind, boolean reached) {
        return switch (kind) {
            case GET, HEAD -> true;
            case LENGTH, CHUNKED -> reached;
            case UPLOAD -> fault.takesUploads();
        };
    }

    private static void assertBroken(HttpClient client, RequestKind kind) {
        if (kind == RequestKind.UPLOAD) {
            // The reset was told to whoever came first, which may be the thread that sends.
            assertThatThrownBy(() -> {
                        while (true) {
                            client.line();
                        }
                    })
                    .isInstanceOfAny(SocketException.class, EOFException.class);
        } else {
            assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
        }
    }

    private static void assertBlame(FaultStage stage, ServerFault fault, Snapshot.Server before, Reason reason) {
        Snapshot.Server now = stage.state(fault);
        boolean reached = !NEVER_REACHED.contains(reason);
        boolean broke = reached && reason != Reason.RESPONSE_TIMEOUT && !BLAMELESS.contains(reason);
        assertThat(now.connectFailures() - before.connectFailures())
                .as("connects that failed")
                .isEqualTo(reached ? 0 : 1);
        assertThat(now.resets() - before.resets())
                .as("requests that the server broke off")
                .isEqualTo(broke ? 1 : 0);
        assertThat(now.connections() - before.connections())
                .as("connections made")
                .isEqualTo(reached ? 1 : 0);
    }
}
