package io.clb.bench.slow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that is answered among slow ones: a smaller crowd than the benchmark's, with a look at what it leaves behind. */
final class SlowClientsTest {

    private static final int CLIENTS = 500;
    private static final Duration TIME = Duration.ofSeconds(1);

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void everyGoodRequestIsAnsweredAndNothingIsLeft(String transport) throws Exception {
        SlowClients.Result result = SlowClients.measure(
                CLIENTS, TIME, transport, List.of("-Xmx256m", "-Dio.netty.leakDetection.level=paranoid"));
        assertThat(result.crowded().getTotalCount()).isPositive();
        assertThat(result.with().connections()).isEqualTo(CLIENTS + 1L);
        assertThat(result.ended())
                .as("slow clients that were cut off, fast enough as they are")
                .isZero();
        assertThat(result.after().connections()).isEqualTo(1);
        assertThat(result.after().heldBytes()).isZero();
        assertThat(result.log()).noneMatch(line -> line.contains("LEAK"));
    }
}
