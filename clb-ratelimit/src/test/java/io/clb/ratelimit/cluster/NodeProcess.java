package io.clb.ratelimit.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clb.ratelimit.MovingLimiter;
import io.clb.ratelimit.Parts;
import io.clb.ratelimit.jgroups.JGroupsSettings;
import io.clb.ratelimit.jgroups.JGroupsTransport;
import io.clb.ratelimit.redis.RedisSettings;
import io.clb.ratelimit.redis.RedisTransport;
import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransport;
import io.clb.spi.Division;
import io.clb.spi.WhenAlone;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A node in a JVM of its own: a limit of 10,000 a second, asked as often as it is told on standard input, and what it let through on standard output. Ends with who started it.
 */
final class NodeProcess implements SharedLimit, ClusterEvents {

    static final int TOTAL = 10_000;

    /** What a node lets through is told for bins of this length, on the clock that all processes of a host share. */
    static final long BIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final MovingLimiter limiter = new MovingLimiter(TOTAL, Duration.ofSeconds(1), 1, 0, System.nanoTime());
    private volatile long wanted;
    private final LongAdder admitted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    private NodeProcess() {}

    /** The name of the node, how many there are, the name of the engine, and what that needs. */
    public static void main(String[] arguments) throws InterruptedException {
        NodeProcess node = new NodeProcess();
        String name = arguments[0];
        ClusterSettings settings =
                new ClusterSettings(name, Integer.parseInt(arguments[1]), ClusterSettings.INTERVAL, WhenAlone.EVEN);
        try (ShareCoordinator coordinator =
                ShareCoordinator.start(settings, transport(name, arguments), node, System::nanoTime, Instant.now())) {
            coordinator.share("qps", node, Division.ADAPTIVE);
            Thread orders = new Thread(node::takeOrders);
            orders.setDaemon(true);
            orders.start();
            node.run(coordinator, orders);
        }
    }

    private static ClusterTransport transport(String name, String[] arguments) {
        if (arguments[2].equals("redis")) {
            return new RedisTransport(RedisSettings.of("test", arguments[3]).node(name));
        }
        int port = Integer.parseInt(arguments[3]);
        return new JGroupsTransport(JGroupsSettings.of("test", InetAddress.getLoopbackAddress(), port)
                .node(name)
                .members(arguments[4].split(",", -1)));
    }

    /** Each line says how many permits a second are wanted from now on; the end of input ends the process. */
    private void takeOrders() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            String line = in.readLine();
            while (line != null) {
                wanted = Long.parseLong(line);
                line = in.readLine();
            }
        } catch (IOException e) {
            System.out.println("failed " + e);
        }
    }

    private void run(ShareCoordinator coordinator, Thread orders) {
        long last = System.nanoTime();
        long bin = last / BIN_NANOS;
        long before = 0;
        double owed = 0;
        while (orders.isAlive()) {
            long now = System.nanoTime();
            // After a pause nothing is made up for: what came meanwhile came to nobody.
            owed = Math.min(owed + wanted * (now - last) / 1e9, wanted / 10.0);
            last = now;
            for (; owed >= 1; owed--) {
                if (limiter.tryAcquire(1, now) == 0) {
                    admitted.increment();
                } else {
                    refused.increment();
                }
            }
            if (now / BIN_NANOS != bin) {
                ClusterView view = coordinator.view();
                ClusterView.Share share = view.shares().get("qps");
                double part = share == null ? 0 : (double) (share.own() + share.borrowed()) / Parts.WHOLE;
                System.out.println(String.format(
                        Locale.ROOT,
                        "bin %d %d %.4f %d %d",
                        bin,
                        admitted.sum() - before,
                        part,
                        view.present(),
                        view.nodes()));
                bin = now / BIN_NANOS;
                before = admitted.sum();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public double totalPerSecond() {
        return TOTAL;
    }

    @Override
    public long admitted() {
        return admitted.sum();
    }

    @Override
    public long refused() {
        return refused.sum();
    }

    @Override
    public boolean isElastic() {
        return false;
    }

    @Override
    public void move(long parts, long untilNanos, long partsAfter, long nowNanos) {
        limiter.move(parts, untilNanos, partsAfter, nowNanos);
    }

    @Override
    public void open() {
        limiter.open();
    }

    @Override
    public void connected() {
        System.out.println("connected");
    }

    @Override
    public void disconnected(String why) {
        System.out.println("disconnected " + why);
    }

    @Override
    public void changed(ClusterView before, ClusterView now) {
        // told with each bin
    }

    @Override
    public void failed(Throwable failure) {
        System.out.println("failed " + failure);
    }
}
