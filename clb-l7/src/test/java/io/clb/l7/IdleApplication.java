package io.clb.l7;

import io.clb.LoadBalancer;
import io.clb.l4.LiveHeap;
import io.clb.l4.NettyEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A program with a balancer in a process of its own: says what it listens on, then what memory it takes whenever it is asked. */
public final class IdleApplication {

    private IdleApplication() {}

    /**
     * Runs until its input ends.
     *
     * @param arguments the transport, and the server
     * @throws IOException if something goes wrong
     */
    public static void main(String[] arguments) throws IOException {
        NettyEngine engine = (arguments[0].equals("nio") ? NettyEngine.nio() : NettyEngine.epoll()).threads(1);
        try (LoadBalancer lb = Balancers.http(engine, arguments[1])
                        .listener("front", l -> l.idleTimeout(Duration.ofSeconds(60)))
                        .start();
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            say(lb.address("front").getPort());
            while (in.readLine() != null) {
                long heap = LiveHeap.bytes();
                say(heap + " " + residentKib() + " " + Balancers.front(lb).active());
            }
        }
    }

    private static void say(Object what) {
        System.out.println("> " + what);
        System.out.flush();
    }

    /** As Linux tells; 0 elsewhere. */
    private static long residentKib() throws IOException {
        Path status = Path.of("/proc/self/status");
        List<String> lines = Files.exists(status) ? Files.readAllLines(status) : List.of();
        return lines.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
