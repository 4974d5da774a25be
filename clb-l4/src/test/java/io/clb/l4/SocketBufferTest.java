package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sizes of the system's buffers. */
@ExtendWith(LeakCheck.class)
final class SocketBufferTest {

    private static final Duration STILL = Duration.ofMillis(300);

    /** How much the balancer takes from a server for a client that reads nothing, until all buffers on the way are full. */
    private static long taken(LoadBalancer lb) throws Exception {
        long before = Balancers.front(lb).bytesFromServers();
        try (Client silent = Client.to(lb, "front")) {
            assertThat(silent.read(1)).hasSize(1);
            long[] last = {-1, System.nanoTime()};
            await().pollInterval(10, TimeUnit.MILLISECONDS).until(() -> {
                long now = Balancers.front(lb).bytesFromServers();
                if (now != last[0]) {
                    last[0] = now;
                    last[1] = System.nanoTime();
                }
                return System.nanoTime() - last[1] > STILL.toNanos();
            });
            return last[0] - before;
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void boundWhatIsOnItsWayToAClientThatDoesNotRead(NettyEngine engine) throws Exception {
        try (TestServer server = TestServer.of(Flood::send);
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(server)).start()) {
            long adapted = taken(lb);
            lb.update(c -> c.listener("front", l -> l.sendBuffer(16_384).receiveBuffer(16_384)));
            assertThat(taken(lb)).isLessThan(adapted / 2);
        }
    }
}
