package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.clb.Config;
import io.clb.LoadBalancer;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many connections in one JVM: client, balancer and server, so four descriptors each. */
@ExtendWith(LeakCheck.class)
final class ScaleTest {

    private static final int IDLE_CONNECTIONS = 4_000;
    private static final int UPDATES = 1_000;
    private static final int ROUNDS = 3;
    private static final int DESCRIPTORS_EACH = 4;
    private static final int OTHER_DESCRIPTORS = 1_000;
    private static final int MAX_BYTES_EACH = 4 * 1_024;

    /** As many as asked for, or fewer where the system gives fewer descriptors. */
    private static int affordable(int connections) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long free = system.getMaxFileDescriptorCount() - OTHER_DESCRIPTORS;
            return (int) Math.min(connections, free / DESCRIPTORS_EACH);
        }
        return connections;
    }

    /** What a number of clients and the server's side of them take, by themselves. */
    private static long heapWithout(Crowd crowd, int connections) {
        long before = LiveHeap.bytes();
        crowd.join(connections, crowd.port());
        crowd.echo();
        long after = LiveHeap.bytes();
        crowd.leave();
        return after - before;
    }

    private static void print(String what, NettyEngine engine, int connections, long bytes) {
        System.out.printf(
                "%s on %s: %d connections, %d bytes of heap each%n", what, engine, connections, bytes / connections);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void thousandsOfIdleConnectionsStayUsable(NettyEngine engine) {
        int connections = affordable(IDLE_CONNECTIONS);
        try (Crowd crowd = new Crowd();
                LoadBalancer lb =
                        Balancers.tcp(engine, Balancers.unchecked(crowd.id())).start()) {
            long without = heapWithout(crowd, connections);
            long before = LiveHeap.bytes();
            crowd.join(connections, lb.address("front").getPort());
            crowd.echo();
            print("idle", engine, connections, LiveHeap.bytes() - before - without);
            assertThat(Balancers.front(lb).active()).isEqualTo(connections);
            crowd.echo();
            assertThat(Balancers.front(lb).bytesFromClients()).isEqualTo(2L * connections);
            crowd.leave();
            await().until(() -> Balancers.front(lb).active() == 0);
        }
    }

    /** A configuration that takes up some room itself, other than the one before. */
    private static Consumer<Config.Builder> change(int number, String server) {
        return c -> {
            c.listener("front", l -> l.connectTries(1 + number % 10));
            c.serverGroup("servers", g -> g.server(server, s -> s.tag("update", Integer.toString(number))));
            for (int i = 1; i <= 50; i++) {
                int weight = 1 + (number + i) % 100;
                c.serverGroup("others", g -> g.server("127.0.0.1:" + weight, s -> s.weight(weight)));
            }
        };
    }

    private static long heapOfOneFromEachUpdate(LoadBalancer lb, Crowd crowd, int port) {
        long without = heapWithout(crowd, UPDATES);
        await().until(() -> Balancers.front(lb).active() == 0);
        long before = LiveHeap.bytes();
        for (int i = 0; i < UPDATES; i++) {
            lb.update(change(i, crowd.id()));
            crowd.join(1, port);
        }
        long held = LiveHeap.bytes() - before - without;
        crowd.echo();
        assertThat(Balancers.front(lb).active()).isEqualTo(UPDATES);
        crowd.leave();
        return held / UPDATES;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void aConnectionDoesNotHoldTheConfigurationOfItsTime(NettyEngine engine) {
        try (Crowd crowd = new Crowd();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(crowd.id()))
                        .serverGroup("others", Balancers.unchecked("127.0.0.1:1"))
                        .listener("other", l -> l.tcp(0).bind("127.0.0.1").forwardTo("others"))
                        .start()) {
            int port = lb.address("front").getPort();
            for (int i = 0; i < 100; i++) {
                lb.update(change(i, crowd.id()));
            }
            crowd.join(100, port);
            crowd.echo();
            crowd.leave();
            // Allocators take and give back chunks of megabytes as they please; what connections hold is there each
            // time, so one round without it is enough.
            long each = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && each >= MAX_BYTES_EACH; round++) {
                each = Math.min(each, heapOfOneFromEachUpdate(lb, crowd, port));
            }
            print("one from each update", engine, UPDATES, each * UPDATES);
            assertThat(each).isLessThan(MAX_BYTES_EACH);
        }
    }
}
