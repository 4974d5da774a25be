package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.l4.Ports;
import io.clb.l4.Seen;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that cannot be reached are not met by a multiple of the load. */
final class RetryBudgetTest {

    @AfterAll
    static void bringLeaksToLight() {
        Balancers.bringLeaksToLight();
    }

    private static Map<Reason, Integer> ask(HttpClient client, Seen seen, int requests) throws Exception {
        Map<Reason, Integer> ends = new EnumMap<>(Reason.class);
        for (int i = 0; i < requests; i++) {
            assertThat(client.get("/").status()).isEqualTo(502);
            Seen.Flow flow = seen.next();
            boolean retried = flow.tries().contains(",");
            assertThat(retried).isEqualTo(flow.reason() == Reason.CONNECT_REFUSED);
            ends.merge(flow.reason(), 1, Integer::sum);
        }
        return ends;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void retriesEndWhenTheBudgetDoesAndComeBack(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        String[] dead = {"127.0.0.1:" + Ports.free(), "127.0.0.1:" + Ports.free()};
        try (LoadBalancer lb = clock.start(
                        transport,
                        Balancers.http(dead)
                                .listener(
                                        "front",
                                        l -> l.retryBudget(0).connectTries(2).maxRequestsPerConnection(1_000))
                                .observer(seen)
                                .build());
                HttpClient client = HttpClient.to(lb, "front")) {
            assertThat(ask(client, seen, 103))
                    .containsOnly(Map.entry(Reason.CONNECT_REFUSED, 100), Map.entry(Reason.RETRY_BUDGET_EMPTY, 3));
            // ten a second
            clock.advance(Duration.ofSeconds(2));
            assertThat(ask(client, seen, 23))
                    .containsOnly(Map.entry(Reason.CONNECT_REFUSED, 20), Map.entry(Reason.RETRY_BUDGET_EMPTY, 3));
            // one for every second request
            lb.update(c -> c.listener("front", l -> l.retryBudget(50)));
            assertThat(ask(client, seen, 20))
                    .containsOnly(Map.entry(Reason.CONNECT_REFUSED, 10), Map.entry(Reason.RETRY_BUDGET_EMPTY, 10));
            // by default nobody notices
            lb.update(c -> c.listener("front", l -> l.retryBudget(100)));
            assertThat(ask(client, seen, 50)).containsOnly(Map.entry(Reason.CONNECT_REFUSED, 50));
        }
    }
}
