package io.clb.l4;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Starting points for tests with a balancer. */
final class Balancers {

    /** A check that comes to a verdict in a fraction of a second. */
    static final HealthCheck QUICK = HealthCheck.tcp()
            .interval(Duration.ofMillis(100))
            .timeout(Duration.ofMillis(500))
            .healthyThreshold(2)
            .unhealthyThreshold(2);

    private Balancers() {}

    /** The transports that every socket test runs on. */
    static Stream<NettyEngine> engines() {
        return Stream.of(NettyEngine.epoll().threads(2), NettyEngine.nio().threads(2));
    }

    /** A balancer with a listener {@code front} on loopback and a group {@code servers}. */
    static Config.Builder tcp(NettyEngine engine, Consumer<ServerGroupConfig.Builder> group) {
        return LoadBalancer.builder()
                .name("test")
                .engine(engine)
                .serverGroup("servers", group)
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers"));
    }

    /** Adds servers to a group that is not checked. */
    static Consumer<ServerGroupConfig.Builder> unchecked(TestServer... servers) {
        return g -> {
            g.healthCheck(HealthCheck.none());
            for (TestServer server : servers) {
                g.server(server.id());
            }
        };
    }
}
