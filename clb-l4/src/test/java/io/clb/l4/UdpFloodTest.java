package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams from many more addresses and ports than associations are allowed. */
@ExtendWith(LeakCheck.class)
final class UdpFloodTest {

    private static final int SOURCES = Boolean.getBoolean("clb.full") ? 100_000 : 6_000;
    private static final int CAP = 500;

    /** Less than what a listening socket has room for: none is lost before the balancer counts it. */
    private static final int AT_ONCE = 100;

    /** Below the ports that Linux gives to clients. */
    private static final int FIRST_PORT = 10_000;

    private static final int PORTS = 15_000;

    /** For 5,500 sources some 90 bytes each, which is less than anything that could be kept of them; for 99,500 five. */
    private static final long MAX_GROWTH = 512 * 1_024;

    /** There are a thousand waits in the full run. */
    private static final Duration POLL = Duration.ofMillis(1);

    private static final Duration SESSION = Duration.ofSeconds(20);

    /** Sends from sources that nobody sent from before. */
    private static final class Sources {

        private final InetSocketAddress to;
        private int next;
        private int sent;

        Sources(InetSocketAddress to) {
            this.to = to;
        }

        /** Sends one datagram each, until so many have been sent in all, and waits until each is counted. */
        void send(LoadBalancer lb, int count) throws IOException {
            while (sent < count) {
                int end = Math.min(count, sent + AT_ONCE);
                while (sent < end) {
                    sendOne();
                }
                await().pollInterval(POLL).until(() -> Balancers.front(lb).accepted() == sent);
            }
        }

        private void sendOne() throws IOException {
            DatagramSocket socket = nextSocket();
            if (socket == null) {
                return;
            }
            try (socket) {
                socket.send(new DatagramPacket(new byte[] {'x'}, 1, to));
                sent++;
            }
        }

        /** Null where somebody has the port. */
        private @Nullable DatagramSocket nextSocket() {
            int number = next++;
            InetSocketAddress from =
                    new InetSocketAddress("127.0.7." + (1 + number / PORTS), FIRST_PORT + number % PORTS);
            try {
                return new DatagramSocket(from);
            } catch (SocketException e) {
                return null;
            }
        }
    }

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getOpenFileDescriptorCount()
                : 0;
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void costsWhatTheCapAllowsAndIsGoneWithTheSessionTimeout(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.udp(server)
                                .listener("front", l -> l.maxConnections(CAP))
                                .build());
                UdpClient first = UdpClient.to(lb, "front");
                UdpClient late = UdpClient.to(lb, "front")) {
            Sources sources = new Sources(lb.address("front"));
            long descriptorsBefore = descriptors();
            sources.send(lb, CAP);
            assertThat(Balancers.front(lb).active()).isEqualTo(CAP);
            assertThat(Balancers.front(lb).ended()).isEmpty();
            for (int i = 0; i < CAP; i++) {
                server.next();
            }
            long descriptorsAtTheCap = descriptors();
            long heapAtTheCap = LiveHeap.bytes();

            sources.send(lb, SOURCES);
            assertThat(Balancers.front(lb).active()).isEqualTo(CAP);
            assertThat(Balancers.front(lb).ended()).isEqualTo(Map.of(Reason.MAX_CONNECTIONS, (long) SOURCES - CAP));
            assertThat(server.waiting()).as("reached the server").isZero();
            // The JVM has one for a moment now and then.
            await().untilAsserted(() -> assertThat(descriptors()).isLessThanOrEqualTo(descriptorsAtTheCap));
            assertThat(LiveHeap.bytes() - heapAtTheCap).isLessThan(MAX_GROWTH);

            clock.advance(SESSION.plusMillis(5));
            assertThat(Balancers.front(lb).active()).isZero();
            assertThat(Balancers.front(lb).ended()).containsEntry(Reason.COMPLETED, (long) CAP);
            assertThat(Balancers.server(lb, server.id()).active()).isZero();
            await().until(() -> descriptors() <= descriptorsBefore);
            first.send("served again");
            assertThat(server.next().text()).isEqualTo("served again");
            late.send("and another");
            assertThat(server.next().text()).isEqualTo("and another");
        }
    }
}
