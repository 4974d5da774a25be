package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.clb.LoadBalancer;
import io.clb.stick.Stickiness;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that came and went, and what is left of them: nothing. */
@ExtendWith(LeakCheck.class)
final class ManyConnectionsTest {

    private static final int AT_ONCE = 1_000;
    private static final int ROUNDS = Boolean.getBoolean("clb.full") ? 50 : 3;

    /** Less than the least that could be kept of a connection: an object of two words. */
    private static final int BYTES_EACH = 16;

    /** What the JVM takes meanwhile for itself. */
    private static final int OTHER_BYTES = 512 * 1_024;

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getOpenFileDescriptorCount()
                : 0;
    }

    /** Bytes of Netty's pools that somebody holds. */
    private static long buffers() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
    }

    private static void comeAndGo(Crowd crowd, LoadBalancer lb) {
        crowd.join(AT_ONCE, lb.address("front").getPort());
        crowd.echo();
        crowd.leave();
        await().until(() -> Balancers.front(lb).active() == 0);
    }

    /** The threads but those that come and go with the work that there is for them. */
    private static List<String> threads() {
        return Balancers.threads("test").stream()
                .filter(name -> !name.contains("blocking") && !name.contains("update"))
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void leaveNothingBehind(NettyEngine engine) {
        try (Crowd crowd = new Crowd();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(crowd.id()))
                        .listener(
                                "front",
                                l -> l.sticky(Stickiness.sourceIp(Duration.ofMinutes(1)))
                                        .maxConnectionsPerClient(AT_ONCE))
                        .start()) {
            comeAndGo(crowd, lb);
            long descriptors = descriptors();
            long heap = LiveHeap.bytes();
            for (int round = 0; round < ROUNDS; round++) {
                comeAndGo(crowd, lb);
                assertThat(threads()).containsExactly("test-control", "test-loop-0", "test-loop-1");
            }
            await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(descriptors));
            // What the loops read into stays.
            await().untilAsserted(() -> assertThat(buffers()).isLessThanOrEqualTo(2L * 256 * 1_024));
            assertThat(Balancers.front(lb).accepted()).isEqualTo((ROUNDS + 1L) * AT_ONCE);
            assertThat(Balancers.server(lb, crowd.id()).active()).isZero();
            await().untilAsserted(() ->
                    assertThat(LiveHeap.bytes() - heap).isLessThan((long) ROUNDS * AT_ONCE * BYTES_EACH + OTHER_BYTES));
            // Each client's places are free again.
            comeAndGo(crowd, lb);
        }
    }
}
