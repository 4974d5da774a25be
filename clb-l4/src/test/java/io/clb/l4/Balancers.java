package io.clb.l4;

import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.netty.channel.uring.IoUring;
import java.time.Duration;
import java.util.List;
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

    /** Those, and io_uring where the machine has it. */
    static Stream<NettyEngine> allEngines() {
        return IoUring.isAvailable()
                ? Stream.concat(engines(), Stream.of(NettyEngine.ioUring().threads(2)))
                : engines();
    }

    /** The names of those that every socket test runs on, for tests that bring a clock of their own. */
    static Stream<String> transports() {
        return Stream.of("epoll", "nio");
    }

    /** A balancer with a listener {@code front} on loopback and a group {@code servers}. */
    static Config.Builder tcp(NettyEngine engine, Consumer<ServerGroupConfig.Builder> group) {
        return tcp(group).engine(engine);
    }

    /** The same, for whichever engine. */
    static Config.Builder tcp(Consumer<ServerGroupConfig.Builder> group) {
        return LoadBalancer.builder()
                .name("test")
                .serverGroup("servers", group)
                .listener("front", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers"));
    }

    /** A balancer with a UDP listener {@code front} on loopback and a group {@code servers} that is not checked. */
    static Config.Builder udp(UdpServer... servers) {
        return LoadBalancer.builder()
                .name("test")
                .serverGroup(
                        "servers",
                        unchecked(Stream.of(servers).map(UdpServer::id).toArray(String[]::new)))
                .listener("front", l -> l.udp(0).bind("127.0.0.1").forwardTo("servers"));
    }

    /** Adds servers to a group that is not checked. */
    static Consumer<ServerGroupConfig.Builder> unchecked(TestServer... servers) {
        return unchecked(Stream.of(servers).map(TestServer::id).toArray(String[]::new));
    }

    /** Adds servers to a group that is not checked. */
    static Consumer<ServerGroupConfig.Builder> unchecked(String... servers) {
        return checked(HealthCheck.none(), servers);
    }

    /** Adds servers to a group. */
    static Consumer<ServerGroupConfig.Builder> checked(HealthCheck check, String... servers) {
        return g -> {
            g.healthCheck(check);
            for (String server : servers) {
                g.server(server);
            }
        };
    }

    /** The state of the listener {@code front}. */
    static Snapshot.Listener front(LoadBalancer lb) {
        return lb.snapshot().listener("front");
    }

    /** The state of a server of the group {@code servers}. */
    static Snapshot.Server server(LoadBalancer lb, String id) {
        return lb.snapshot().serverGroup("servers").server(id);
    }

    /** Waits until a connection is on its way to a server. */
    static void awaitConnecting(LoadBalancer lb, String id) {
        await().until(() -> server(lb, id).active() == 1);
    }

    /** The threads of a balancer that are alive, by name. */
    static List<String> threads(String balancer) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(balancer + "-"))
                .toList();
    }
}
