package io.clb.bench.pace;

import io.clb.Cluster;
import io.clb.HealthCheck;
import io.clb.Limit;
import io.clb.ListenerConfig;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * How exact bandwidth limits are on the clock of the JVM: clients that want more than there is, through TCP and HTTP listeners, each direction, from 100
 * kbit/s to 1 Gbit/s. {@code mvn -q -Ppace [-Dpace.args="SECONDS CONNECTIONS"]}, on loopback, all in one process.
 *
 * <p>For each row: what passed in the seconds after the first, as a part of the limit; the most in any 100 ms of these, as a part of what the limit lets through in 200 ms,
 * which is 100 ms and the burst; the smallest and the largest share of a connection, as a part of an equal one; the direct memory of all buffers.
 */
public final class PaceMeasurement {

    private static final List<Long> RATES = List.of(100_000L, 10_000_000L, 1_000_000_000L);

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int BLOCK = 64 * 1_024;

    private PaceMeasurement() {}

    /**
     * Measures every rate.
     *
     * @param args how many seconds, 10 unless given; how many connections, 4 unless given
     * @throws IOException if there is no socket to be had
     */
    public static void main(String[] args) throws IOException {
        int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        int connections = args.length > 1 ? Integer.parseInt(args[1]) : 4;
        System.out.printf(
                Locale.ROOT,
                "| limit, %d connections | rate of %d s | most in 100 ms | shares | direct memory |%n|---|---|---|---|---|%n",
                connections,
                seconds);
        for (ListenerConfig.Protocol protocol : List.of(ListenerConfig.Protocol.TCP, ListenerConfig.Protocol.HTTP)) {
            for (boolean upload : new boolean[] {true, false}) {
                for (long rate : RATES) {
                    measure(protocol, upload, rate, seconds, connections);
                }
            }
        }
        System.exit(0);
    }

    private static void measure(
            ListenerConfig.Protocol protocol, boolean upload, long bitsPerSecond, int seconds, int connections)
            throws IOException {
        Consumer<ListenerConfig.Builder> listens = l -> (protocol == ListenerConfig.Protocol.TCP ? l.tcp(0) : l.http(0))
                .bind("127.0.0.1")
                .forwardTo("servers")
                .limit(Limit.bandwidth(bitsPerSecond));
        boolean http = protocol == ListenerConfig.Protocol.HTTP;
        List<Peer> clients = new ArrayList<>();
        List<Peer> servers = new CopyOnWriteArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
                LoadBalancer lb = LoadBalancer.builder()
                        .name("pace")
                        .daemonThreads(true)
                        .cluster(Cluster.single())
                        .serverGroup(
                                "servers",
                                g -> g.server("127.0.0.1:" + server.getLocalPort())
                                        .healthCheck(HealthCheck.none()))
                        .listener("front", listens)
                        .start()) {
            Peer.accept(server, socket -> Peer.serve(socket, http, upload, servers));
            for (int i = 0; i < connections; i++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), lb.address("front").getPort());
                clients.add(Peer.client(socket, http, upload));
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            report(
                    lb,
                    protocol + (upload ? " from clients" : " to clients"),
                    bitsPerSecond,
                    seconds,
                    upload ? servers : clients);
        } finally {
            for (Peer client : clients) {
                client.close();
            }
        }
    }

    private static void report(LoadBalancer lb, String name, long bitsPerSecond, int seconds, List<Peer> takers) {
        double bytesPerNano = bitsPerSecond / 8e9;
        long start = System.nanoTime();
        long first = bytes(lb);
        long[] before = takers.stream().mapToLong(Peer::moved).toArray();
        long windowStart = start;
        long windowFirst = first;
        double most = 0;
        long now = start;
        while (now - start < TimeUnit.SECONDS.toNanos(seconds)) {
            LockSupport.parkNanos(WINDOW_NANOS);
            now = System.nanoTime();
            long bytes = bytes(lb);
            most = Math.max(most, (bytes - windowFirst) / (bytesPerNano * (now - windowStart + WINDOW_NANOS)));
            windowStart = now;
            windowFirst = bytes;
        }
        double rate = (bytes(lb) - first) / (bytesPerNano * (now - start));
        double least = Double.MAX_VALUE;
        double largest = 0;
        for (int i = 0; i < before.length; i++) {
            double share =
                    (takers.get(i).moved() - before[i]) * (double) before.length / (bytesPerNano * (now - start));
            least = Math.min(least, share);
            largest = Math.max(largest, share);
        }
        System.out.printf(
                Locale.ROOT,
                "| %s, %,d kbit/s | %.4f | %.2f | %.2f to %.2f | %.1f MiB |%n",
                name,
                bitsPerSecond / 1_000,
                rate,
                most,
                least,
                largest,
                directMemory() / (1_024.0 * 1_024));
    }

    private static long bytes(LoadBalancer lb) {
        Snapshot.Listener front = lb.snapshot().listener("front");
        return front.bytesFromClients() + front.bytesFromServers();
    }

    private static long directMemory() {
        return io.netty.buffer.PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }

    /** One end of a connection, that sends or takes as much as it can on a thread of its own. */
    private static final class Peer {

        private static final byte[] UPLOAD = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        private static final byte[] DOWNLOAD = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] ANSWER =
                "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

        private final Socket socket;
        private final AtomicLong moved = new AtomicLong();

        private Peer(Socket socket) {
            this.socket = socket;
        }

        /** What a socket does that is closed when this ends. */
        private interface Script {
            void run(Socket socket) throws IOException;
        }

        static void accept(ServerSocket server, Script script) {
            start(() -> {
                while (true) {
                    Socket socket = server.accept();
                    start(() -> script.run(socket));
                }
            });
        }

        static void serve(Socket socket, boolean http, boolean upload, List<Peer> servers) throws IOException {
            Peer peer = new Peer(socket);
            servers.add(peer);
            if (upload) {
                peer.take();
            } else {
                if (http) {
                    socket.getInputStream().readNBytes(DOWNLOAD.length);
                    socket.getOutputStream().write(ANSWER);
                }
                peer.send();
            }
        }

        static Peer client(Socket socket, boolean http, boolean upload) throws IOException {
            if (http) {
                socket.getOutputStream().write(upload ? UPLOAD : DOWNLOAD);
            }
            Peer peer = new Peer(socket);
            start(upload ? peer::send : peer::take);
            return peer;
        }

        private void send() throws IOException {
            byte[] block = new byte[BLOCK];
            while (true) {
                socket.getOutputStream().write(block);
                moved.addAndGet(block.length);
            }
        }

        private void take() throws IOException {
            byte[] block = new byte[BLOCK];
            for (int now = socket.getInputStream().read(block);
                    now >= 0;
                    now = socket.getInputStream().read(block)) {
                moved.addAndGet(now);
            }
        }

        /** What the socket took or gave. */
        long moved() {
            return moved.get();
        }

        void close() throws IOException {
            socket.close();
        }

        /** What ends when its socket does. */
        private interface Work {
            void run() throws IOException;
        }

        private static void start(Work work) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            work.run();
                        } catch (IOException e) {
                            // The measurement is over.
                        }
                    },
                    "peer");
            thread.setDaemon(true);
            thread.start();
        }
    }
}
