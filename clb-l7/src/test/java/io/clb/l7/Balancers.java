package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.HealthCheck;
import io.clb.HttpCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.l4.NettyEngine;
import io.clb.spi.ServerState;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Starting points for tests with a balancer, and what they have in common. */
final class Balancers {

    private Balancers() {}

    /** The transports that every socket test runs on. */
    static Stream<NettyEngine> engines() {
        return Stream.of(NettyEngine.epoll().threads(1), NettyEngine.nio().threads(1));
    }

    /** A check that comes to a verdict at the first answer. */
    static HealthCheck quick(HttpCheck check) {
        return HealthCheck.http(check)
                .interval(Duration.ofMillis(100))
                .healthyThreshold(1)
                .unhealthyThreshold(1);
    }

    /** A balancer with a listener {@code front} on loopback and a group {@code web}. */
    static LoadBalancer start(NettyEngine engine, Consumer<ServerGroupConfig.Builder> group) {
        return LoadBalancer.builder()
                .name("test")
                .engine(engine)
                .serverGroup("web", group)
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("web"))
                .start();
    }

    /** Waits until a server is in a state for a reason that begins like this. */
    static void awaitState(LoadBalancer lb, String id, ServerState state, String why) {
        await().untilAsserted(() -> {
            Snapshot.Server seen = lb.snapshot().serverGroup("web").server(id);
            assertThat(seen.state()).as(seen.why()).isEqualTo(state);
            assertThat(seen.why()).startsWith(why);
        });
    }

    /** Leaks are reported when the garbage was collected and something is allocated after that. */
    static void bringLeaksToLight() {
        System.gc();
        System.gc();
        ByteBufAllocator.DEFAULT.buffer().release();
    }
}
