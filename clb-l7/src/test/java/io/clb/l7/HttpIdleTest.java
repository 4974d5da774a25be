package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.Seen;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections of clients between two requests. */
final class HttpIdleTest {

    private static final Duration ALMOST = Duration.ofMillis(14_990);
    private static final Duration TO_THE_TIMEOUT = Duration.ofMillis(20);

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void aConnectionWithoutARequestIsClosedAfterTheIdleTimeoutAndNotBefore(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (LoadBalancer lb =
                        clock.start(transport, Balancers.http().observer(seen).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            await().until(() -> Balancers.front(lb).active() == 1);
            // The turn that counted it is over after this.
            clock.advance(Duration.ZERO);
            clock.advance(ALMOST);
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(TO_THE_TIMEOUT);
            assertThat(client.endsInOrder()).isTrue();
            Balancers.awaitNothingActive(lb);
            assertThat(seen.flows()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void eachResponseBeginsTheTimeAnew(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (WebServer server = WebServer.saying("hello");
                LoadBalancer lb =
                        clock.start(transport, Balancers.http(server.id()).build());
                HttpClient client = HttpClient.to(lb, "front")) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.get("/").text()).isEqualTo("hello");
                clock.advance(ALMOST);
            }
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            clock.advance(TO_THE_TIMEOUT);
            assertThat(client.endsInOrder()).isTrue();
            Balancers.awaitNothingActive(lb);
        }
    }
}
