package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.l7.ClientStage.Phase;
import io.clb.spi.Reason;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a client can misbehave, in each phase of each kind of request. */
final class ClientFaultMatrixTest {

    private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration TICK = Duration.ofMillis(10);
    private static final Duration DRIP = Duration.ofSeconds(2);
    private static final int MOST_DRIPS = 8;

    private static List<ClientStage> stages = List.of();

    @BeforeAll
    static void start() {
        stages = Balancers.transports().map(ClientStage::new).toList();
    }

    @AfterAll
    static void stop() {
        stages.forEach(ClientStage::stop);
        stages = List.of();
        Balancers.bringLeaksToLight();
    }

    static Stream<Arguments> phases() {
        return stages.stream()
                .flatMap(stage -> Arrays.stream(Phase.values())
                        .flatMap(phase -> Arrays.stream(RequestKind.values())
                                .filter(phase::isOf)
                                .map(kind -> Arguments.of(stage, phase, kind))));
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("phases")
    void itResets(ClientStage stage, Phase phase, RequestKind kind) throws Exception {
        try (HttpClient client = stage.bring(phase, kind)) {
            client.reset();
            assertEnded(stage, phase, client, Reason.CLIENT_RESET, phase == Phase.RESPONSE ? 200 : 499);
        }
        stage.assertNothingLeft();
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("phases")
    void itHalfCloses(ClientStage stage, Phase phase, RequestKind kind) throws Exception {
        try (HttpClient client = stage.bring(phase, kind)) {
            client.finish();
            if (phase == Phase.HEAD || phase == Phase.BODY) {
                assertEnded(stage, phase, client, Reason.CLIENT_GONE, 499);
                assertThat(client.endsInOrder()).isTrue();
            } else {
                // It has sent all it has to, and gets its response.
                stage.answer();
                if (phase == Phase.WAITING) {
                    assertThat(client.response(kind == RequestKind.HEAD).status())
                            .isEqualTo(200);
                    assertThat(client.endsInOrder()).isTrue();
                } else {
                    assertThat(client.rest()).isGreaterThan(ClientStage.LARGE);
                }
                assertEnded(stage, phase, client, Reason.COMPLETED, 200);
            }
        }
        stage.assertNothingLeft();
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("phases")
    void itStops(ClientStage stage, Phase phase, RequestKind kind) throws Exception {
        try (HttpClient client = stage.bring(phase, kind)) {
            switch (phase) {
                case HEAD -> {
                    pass(stage, HEAD_TIMEOUT);
                    assertTooSlow(stage, phase, client, Reason.REQUEST_HEAD_TIMEOUT, kind == RequestKind.HEAD);
                }
                case BODY -> {
                    pass(stage, HEAD_TIMEOUT);
                    assertTooSlow(stage, phase, client, Reason.REQUEST_BODY_TIMEOUT, false);
                }
                case WAITING -> {
                    // There is nothing that it has to do.
                    stage.advance(REQUEST_TIMEOUT.minus(TICK));
                    stage.answer();
                    assertThat(client.response(kind == RequestKind.HEAD).status())
                            .isEqualTo(200);
                    assertEnded(stage, phase, client, Reason.COMPLETED, 200);
                }
                case RESPONSE -> {
                    stage.awaitStill();
                    pass(stage, REQUEST_TIMEOUT);
                    assertBroken(stage, client, Reason.RESPONSE_NOT_READ);
                }
            }
        }
        stage.assertNothingLeft();
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("phases")
    void itDrips(ClientStage stage, Phase phase, RequestKind kind) throws Exception {
        try (HttpClient client = stage.bringHurried(phase, kind)) {
            switch (phase) {
                case HEAD -> {
                    for (int i = 0; i < HEAD_TIMEOUT.dividedBy(DRIP); i++) {
                        assertThat(stage.ended().hasMore(client)).isFalse();
                        client.send("x");
                        stage.advance(DRIP);
                    }
                    stage.advance(TICK);
                    assertTooSlow(stage, phase, client, Reason.REQUEST_HEAD_TIMEOUT, kind == RequestKind.HEAD);
                }
                case BODY -> {
                    int drips = 0;
                    for (; !stage.ended().hasMore(client); drips++) {
                        long before = stage.front().bytesFromClients();
                        client.send("x");
                        FaultStage.soon().until(() -> stage.front().bytesFromClients() > before);
                        stage.advance(DRIP.dividedBy(2));
                        stage.advance(DRIP.dividedBy(2));
                    }
                    assertThat(drips).as("drips").isLessThan(MOST_DRIPS);
                    assertTooSlow(stage, phase, client, Reason.REQUEST_TOO_SLOW, false);
                }
                case WAITING -> {
                    // The next request, which has to wait for its turn, and from then on to come in time.
                    client.send("GET /next");
                    stage.answer();
                    assertThat(client.response(kind == RequestKind.HEAD).status())
                            .isEqualTo(200);
                    assertEnded(stage, phase, client, Reason.COMPLETED, 200);
                    stage.awaitRead();
                    pass(stage, HEAD_TIMEOUT);
                    assertTooSlow(stage, Phase.HEAD, client, Reason.REQUEST_HEAD_TIMEOUT, false);
                }
                case RESPONSE -> {
                    for (int i = 0; i < MOST_DRIPS && !stage.ended().hasMore(client); i++) {
                        stage.awaitStill();
                        stage.advance(REQUEST_TIMEOUT.dividedBy(2));
                        if (!stage.ended().hasMore(client)) {
                            client.exactly(ClientStage.SIP);
                        }
                    }
                    assertBroken(stage, client, Reason.RESPONSE_READ_TOO_SLOWLY);
                }
            }
        }
        stage.assertNothingLeft();
    }

    /** Shows that the balancer waits as long as it is to, and no longer. */
    private static void pass(ClientStage stage, Duration timeout) {
        long active = stage.front().active();
        assertThat(active).isEqualTo(1);
        stage.advance(timeout.minus(TICK));
        assertThat(stage.hasEnded()).as("before its time is over").isFalse();
        stage.advance(TICK.multipliedBy(2));
    }

    private static void assertTooSlow(ClientStage stage, Phase phase, HttpClient client, Reason reason, boolean toHead)
            throws Exception {
        HttpClient.Response response = client.response(toHead);
        assertThat(response.status()).isEqualTo(408);
        assertThat(response.field("connection")).isEqualTo("close");
        assertThat(client.endsInOrder()).isTrue();
        assertEnded(stage, phase, client, reason, 408);
    }

    private static void assertBroken(ClientStage stage, HttpClient client, Reason reason) throws Exception {
        assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
        assertEnded(stage, Phase.RESPONSE, client, reason, 200);
    }

    private static void assertEnded(ClientStage stage, Phase phase, HttpClient client, Reason reason, int status)
            throws Exception {
        EndedRequests.Ended end = stage.ended().next(client);
        assertThat(end.reason()).isEqualTo(reason);
        assertThat(end.status()).isEqualTo(status);
        assertThat(end.server()).isEqualTo(phase == Phase.HEAD ? null : stage.server());
        assertThat(stage.ended().hasMore(client)).isFalse();
    }
}
