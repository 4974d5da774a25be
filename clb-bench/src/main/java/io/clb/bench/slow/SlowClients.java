package io.clb.bench.slow;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * How fast a client is answered while thousands of slow ones are there, a quarter of each {@link SlowClient.Kind}, from 8 addresses of loopback. {@code mvn -q -Pslow
 * [-Dslow.args="CLIENTS SECONDS TRANSPORT"]}. The balancer has a process of its own with one event loop; clients and server are in this one.
 *
 * <p>Prints the good client's latencies alone and with the slow ones, and the balancer's memory. Ends with status 1 if a request of the good client fails, or the slow clients are not
 * there.
 */
public final class SlowClients {

    /** Of the balancer's JVM. */
    static final List<String> FLAGS = List.of("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC");

    private static final int PER_SECOND = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final double MICROSECOND = 1_000;
    private static final int MILLISECONDS = 1_000_000;

    private SlowClients() {}

    /**
     * What was measured.
     *
     * @param alone how long answers took the good client, in nanoseconds
     * @param crowded the same, among slow ones
     * @param before the balancer without slow clients
     * @param with the balancer with all of them
     * @param after the balancer when all have gone
     * @param ended connections of slow clients that the balancer has ended
     * @param log what the balancer logged
     */
    record Result(
            Histogram alone,
            Histogram crowded,
            BalancerProcess.State before,
            BalancerProcess.State with,
            BalancerProcess.State after,
            long ended,
            List<String> log) {}

    /**
     * Measures.
     *
     * @param args how many slow clients, 5,000 unless given; how many seconds each of both measurements takes, 10 unless given, and half as long
     *     before each; epoll (the default) or nio
     * @throws IOException if a request of the good client fails
     */
    public static void main(String[] args) throws IOException {
        int clients = args.length > 0 ? Integer.parseInt(args[0]) : 5_000;
        Duration time = Duration.ofSeconds(args.length > 1 ? Long.parseLong(args[1]) : 10);
        String transport = args.length > 2 ? args[2] : "epoll";
        Result result = measure(clients, time, transport, FLAGS);
        System.out.printf(
                Locale.ROOT,
                "%s, one event loop, %s; %d requests a second of the good client, for %d s each%n",
                transport,
                String.join(" ", FLAGS),
                PER_SECOND,
                time.toSeconds());
        System.out.println("| | p50 | p99 | max |\n|---|---|---|---|");
        print("alone", result.alone());
        print(String.format(Locale.ROOT, "with %,d slow clients", clients), result.crowded());
        System.out.println("before: " + result.before());
        System.out.println("with them: " + result.with());
        System.out.println("after: " + result.after());
        System.out.println("slow connections that the balancer ended: " + result.ended());
        if (result.with().connections() <= clients) {
            System.out.println("FAILED: the slow clients were not there");
            System.exit(1);
        }
        System.exit(0);
    }

    private static void print(String name, Histogram latencies) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f us | %.0f us | %.1f ms |%n",
                name,
                latencies.getValueAtPercentile(50) / MICROSECOND,
                latencies.getValueAtPercentile(99) / MICROSECOND,
                latencies.getMaxValue() / (double) MILLISECONDS);
    }

    /**
     * Measures.
     *
     * @param flags of the balancer's JVM
     * @throws IOException if a request of the good client fails
     */
    static Result measure(int clients, Duration time, String transport, List<String> flags) throws IOException {
        try (Backend server = new Backend();
                BalancerProcess balancer = new BalancerProcess(flags, transport, server.id())) {
            InetSocketAddress front = new InetSocketAddress(InetAddress.getLoopbackAddress(), balancer.port());
            try (GoodClient good = new GoodClient(front)) {
                // What is compiled by the way is not what is to be measured.
                good.ask(PER_SECOND, time.dividedBy(2));
                Histogram alone = good.ask(PER_SECOND, time);
                BalancerProcess.State before = balancer.state();
                Histogram crowded;
                BalancerProcess.State with;
                long ended;
                try (Crowd crowd = new Crowd(clients, front)) {
                    good.ask(PER_SECOND, time.dividedBy(2));
                    crowded = good.ask(PER_SECOND, time);
                    with = balancer.state();
                    ended = crowd.ended();
                }
                return new Result(alone, crowded, before, with, left(balancer), ended, balancer.log());
            }
        }
    }

    /** Waits until the balancer has taken notice that all but the good client have gone. */
    private static BalancerProcess.State left(BalancerProcess balancer) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        BalancerProcess.State state = balancer.state();
        while ((state.connections() > 1 || state.heldBytes() > 0) && end - System.nanoTime() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            state = balancer.state();
        }
        return state;
    }
}
