package io.clb.l7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Config;
import io.clb.HealthCheck;
import io.clb.HttpCheck;
import io.clb.LoadBalancer;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.TlsProvider;
import io.clb.l4.NettyEngine;
import io.clb.spi.ServerState;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Starting points for tests with a balancer, and what they have in common. */
final class Balancers {

    private static final Duration POLL = Duration.ofMillis(5);

    /** What does not move for so long is still. */
    static final Duration STILL = Duration.ofMillis(100);

    private Balancers() {}

    /** The transports that every socket test runs on. */
    static Stream<NettyEngine> engines() {
        return Stream.of(NettyEngine.epoll().threads(1), NettyEngine.nio().threads(1));
    }

    /** Those with each of the providers of TLS, for tests that speak it. */
    static Stream<Arguments> tlsEngines() {
        return engines()
                .flatMap(engine -> Stream.of(TlsProvider.values()).map(provider -> Arguments.of(engine, provider)));
    }

    /** The names of those, for tests that bring a clock of their own. */
    static Stream<String> transports() {
        return Stream.of("epoll", "nio");
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

    /** A balancer to be, with an HTTP listener {@code front} on loopback and a group {@code web} that is not checked. */
    static Config.Builder http(NettyEngine engine, String... servers) {
        return http(servers).engine(engine);
    }

    /** The same, for whichever engine. */
    static Config.Builder http(String... servers) {
        return LoadBalancer.builder()
                .name("test")
                .serverGroup("web", g -> {
                    g.healthCheck(HealthCheck.none());
                    for (String server : servers) {
                        g.server(server);
                    }
                })
                .listener("front", l -> l.http(0).bind("127.0.0.1").forwardTo("web"));
    }

    /** The state of the listener {@code front}. */
    static Snapshot.Listener front(LoadBalancer lb) {
        return lb.snapshot().listener("front");
    }

    /** The state of a server of the group {@code web}. */
    static Snapshot.Server server(LoadBalancer lb, String id) {
        return lb.snapshot().serverGroup("web").server(id);
    }

    /** Waits until a request is on its way to a server. */
    static void awaitOn(LoadBalancer lb, String id) {
        await().pollInterval(POLL).until(() -> server(lb, id).active() == 1);
    }

    /** Waits until no request is under way, and no client's connection open. */
    static void awaitNothingActive(LoadBalancer lb) {
        await().pollInterval(POLL).untilAsserted(() -> {
            assertThat(front(lb).active()).isZero();
            assertThat(lb.snapshot().serverGroup("web").servers()).allMatch(server -> server.active() == 0);
        });
    }

    /** Waits until nothing comes from the servers any more, as the buffers on the way are full. */
    static void awaitStill(LoadBalancer lb) {
        AtomicLong before = new AtomicLong();
        await().pollInterval(STILL).until(() -> {
            long now = front(lb).bytesFromServers();
            return before.getAndSet(now) == now && now > 0;
        });
    }

    /** How much of a response is on its way when its client does not read. */
    static int held(Function<Config.Builder, LoadBalancer> start) throws IOException {
        try (ScriptedServer server = ScriptedServer.endless();
                LoadBalancer lb = start.apply(http(server.id()));
                HttpClient client = HttpClient.slowTo(lb, "front").send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            client.line();
            awaitStill(lb);
            return (int) front(lb).bytesFromServers();
        }
    }

    /** The threads of a balancer that are alive, by name. */
    static List<String> threads(String balancer) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(balancer + "-"))
                .toList();
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
