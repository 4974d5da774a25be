package io.clb.l7;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.clb.l4.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many idle connections of clients, through a balancer that has a process for itself. */
final class HttpScaleTest {

    private static final int CONNECTIONS = 9_000;
    private static final int AT_ONCE = 250;
    private static final int OTHER_DESCRIPTORS = 1_000;
    private static final int MAX_HEAP_EACH = 2_048;
    private static final byte[] GET = WebServer.bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    /** What the balancer's process takes, and how many connections it counts. */
    private record Taken(long heapBytes, long residentKib, int connections) {}

    /** The balancer, seen from here. */
    private static final class Child implements AutoCloseable {

        private final Process process;
        private final BufferedReader said;
        private final int port;

        Child(String transport, String server) throws IOException {
            process = ChildJvm.start(
                    "-cp",
                    ChildJvm.joined(ChildJvm.classPath()),
                    "-Xmx512m",
                    "-Dio.netty.leakDetection.level=disabled",
                    IdleApplication.class.getName(),
                    transport,
                    server);
            said = process.inputReader(StandardCharsets.US_ASCII);
            port = Integer.parseInt(answer());
        }

        /** The next line that is no log's. */
        private String answer() throws IOException {
            StringBuilder log = new StringBuilder();
            while (true) {
                String line = requireNonNull(said.readLine(), log::toString);
                if (line.startsWith("> ")) {
                    return line.substring(2);
                }
                log.append(line).append('\n');
            }
        }

        Taken taken() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            String[] numbers = answer().split(" ", -1);
            return new Taken(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Integer.parseInt(numbers[2]));
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            process.onExit().join();
        }
    }

    /** As many as asked for, or fewer where the system gives fewer descriptors. */
    private static int affordable() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            return (int) Math.min(CONNECTIONS, system.getMaxFileDescriptorCount() - OTHER_DESCRIPTORS);
        }
        return CONNECTIONS;
    }

    private static List<SocketChannel> join(int count, int port) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        }
        return clients;
    }

    /** Has each client send a request and read its response, some at a time. */
    private static void serveAll(List<SocketChannel> clients) throws IOException {
        for (int from = 0; from < clients.size(); from += AT_ONCE) {
            List<SocketChannel> some = clients.subList(from, Math.min(from + AT_ONCE, clients.size()));
            for (SocketChannel client : some) {
                client.write(ByteBuffer.wrap(GET));
            }
            for (SocketChannel client : some) {
                ByteBuffer answer = ByteBuffer.allocate(ANSWER.length());
                while (answer.hasRemaining() && client.read(answer) >= 0) {
                    // on
                }
                assertThat(new String(answer.array(), StandardCharsets.US_ASCII))
                        .isEqualTo(ANSWER);
            }
        }
    }

    private static void leave(List<SocketChannel> clients) throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l7.Balancers#transports")
    void thousandsOfIdleConnectionsStayUsable(String transport) throws Exception {
        int connections = affordable();
        try (WebServer server = WebServer.saying("hello");
                Child child = new Child(transport, server.id())) {
            List<SocketChannel> few = join(AT_ONCE, child.port);
            serveAll(few);
            Taken before = child.taken();
            List<SocketChannel> clients = join(connections, child.port);
            try {
                serveAll(clients);
                Taken idle = child.taken();
                assertThat(idle.connections()).isEqualTo(AT_ONCE + connections);
                long heap = (idle.heapBytes() - before.heapBytes()) / connections;
                System.out.printf(
                        "idle HTTP on %s: %d connections, %d bytes of heap each, %d KiB resident in all%n",
                        transport, connections, heap, idle.residentKib() - before.residentKib());
                assertThat(heap).isLessThan(transport.equals("epoll") ? MAX_HEAP_EACH : 2 * MAX_HEAP_EACH);
                serveAll(clients);
                serveAll(few);
            } finally {
                leave(clients);
                leave(few);
            }
        }
    }
}
