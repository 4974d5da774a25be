package io.clb.bench.slow;

import io.clb.HealthCheck;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.l4.NettyEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A balancer with an HTTP listener, in a process of its own: says what it listens on, then how it does whenever it is asked, until its input ends. */
public final class Balancer {

    /** Stands before each line that is not one of the log. */
    static final String SAYS = "> ";

    private static final Path STATUS = Path.of("/proc/self/status");

    private Balancer() {}

    /**
     * Runs until its input ends.
     *
     * @param args epoll or nio; the server, host:port
     * @throws IOException if its input fails
     */
    public static void main(String[] args) throws IOException {
        NettyEngine engine = (args[0].equals("nio") ? NettyEngine.nio() : NettyEngine.epoll()).threads(1);
        try (LoadBalancer lb = LoadBalancer.builder()
                        .name("slow")
                        .engine(engine)
                        .serverGroup("servers", g -> g.server(args[1]).healthCheck(HealthCheck.none()))
                        .listener(
                                "front",
                                l -> l.http(0)
                                        .bind("127.0.0.1")
                                        .maxRequestsPerConnection(1_000_000)
                                        .forwardTo("servers"))
                        .start();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            say(lb.address("front").getPort());
            while (in.readLine() != null) {
                collect();
                Snapshot now = lb.snapshot();
                Snapshot.Listener front = now.listener("front");
                say(used() + " " + residentBytes() + " " + front.active() + " " + now.bufferedBytes());
            }
        }
    }

    /** Twice: what finalizers and cleaners hold goes with the second; and leaks come to light when a buffer is made after it. */
    private static void collect() {
        System.gc();
        System.gc();
        io.netty.buffer.PooledByteBufAllocator.DEFAULT.directBuffer().release();
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** As Linux tells; 0 elsewhere. */
    private static long residentBytes() throws IOException {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                .sum();
    }

    private static void say(Object what) {
        System.out.println(SAYS + what);
        System.out.flush();
    }
}
