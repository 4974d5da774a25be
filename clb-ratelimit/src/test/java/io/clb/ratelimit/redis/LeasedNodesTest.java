package io.clb.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.ratelimit.MovingLimiter;
import io.clb.ratelimit.Parts;
import io.clb.ratelimit.cluster.ClusterEvents;
import io.clb.ratelimit.cluster.ClusterView;
import io.clb.ratelimit.cluster.ShareCoordinator;
import io.clb.ratelimit.cluster.SharedLimit;
import io.clb.spi.ClusterSettings;
import io.clb.spi.Division;
import io.clb.spi.WhenAlone;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Four nodes in this JVM that lease permits from a real Redis. Sums and what a node falls back to are judged; how fast, is the simulator's to say. */
class LeasedNodesTest {

    private static final int NODES = 4;
    private static final int TOTAL = 10_000;
    private static final long BIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int BINS_PER_SECOND = 20;
    private static final int MOST_BINS = 20 * 60;

    /** 100 ms of the total, a batch of as much, and what falls into a bin that it is not of, as a busy machine runs a thread late. */
    private static final double AT_ONCE = 0.3;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Node> nodes = new ArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final long[] admitted = new long[MOST_BINS];
    private volatile boolean done;

    private final class Node implements SharedLimit, ClusterEvents {
        final MovingLimiter limiter = new MovingLimiter(TOTAL, Duration.ofSeconds(1), 1, 0, System.nanoTime());
        final ShareCoordinator coordinator;
        volatile double wanted;
        final LongAdder taken = new LongAdder();
        final LongAdder denied = new LongAdder();
        double owed;

        Node(String name, String uri) {
            coordinator = ShareCoordinator.start(
                    new ClusterSettings(name, NODES, ClusterSettings.INTERVAL, WhenAlone.EVEN),
                    new RedisTransport(RedisSettings.of("test", uri), "clb-" + name),
                    this,
                    System::nanoTime,
                    Instant.now());
            coordinator.share("qps", this, Division.LEASED);
        }

        /** After a pause nothing is made up for: what came meanwhile came to nobody. */
        int take(long now, double seconds) {
            int count = 0;
            owed = Math.min(owed + wanted * TOTAL * seconds, wanted * TOTAL / 10);
            for (; owed >= 1; owed--) {
                if (limiter.tryAcquire(1, now) == 0) {
                    count++;
                } else {
                    denied.increment();
                }
            }
            taken.add(count);
            return count;
        }

        double share() {
            ClusterView.Share share = coordinator.view().shares().get("qps");
            return share == null ? 0 : (double) (share.own() + share.borrowed()) / Parts.WHOLE;
        }

        @Override
        public double totalPerSecond() {
            return TOTAL;
        }

        @Override
        public long admitted() {
            return taken.sum();
        }

        @Override
        public long refused() {
            return denied.sum();
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
            throw new AssertionError("it is EVEN for who is alone");
        }

        @Override
        public void connected() {}

        @Override
        public void disconnected(String why) {}

        @Override
        public void changed(ClusterView before, ClusterView now) {}

        @Override
        public void failed(Throwable failure) {
            failures.add(failure);
        }
    }

    private void serve() {
        long start = System.nanoTime();
        long last = start;
        while (!done) {
            long now = System.nanoTime();
            for (Node node : nodes) {
                int bin = (int) Math.min(MOST_BINS - 1, (now - start) / BIN_NANOS);
                admitted[bin] += node.take(now, (now - last) / 1e9);
            }
            last = now;
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(500));
        }
    }

    private void awaitShare(int node, double share) {
        await().atMost(PATIENCE).until(() -> Math.abs(nodes.get(node).share() - share) < 0.04);
    }

    private void awaitAll() {
        await().atMost(PATIENCE)
                .until(() ->
                        nodes.stream().allMatch(node -> node.coordinator.view().present() == NODES));
    }

    private void want(double... wanted) {
        for (int i = 0; i < NODES; i++) {
            nodes.get(i).wanted = wanted[i];
        }
    }

    private double busiestSecond() {
        long most = 0;
        for (int first = 0; first + BINS_PER_SECOND <= MOST_BINS; first++) {
            long sum = 0;
            for (int bin = first; bin < first + BINS_PER_SECOND; bin++) {
                sum += admitted[bin];
            }
            most = Math.max(most, sum);
        }
        return (double) most / TOTAL;
    }

    @Test
    void oneHotNodeHasNearlyAllAndEachItsPartWhileRedisIsAway() throws IOException, InterruptedException {
        try (OneRedis redis = OneRedis.start()) {
            for (int i = 0; i < NODES; i++) {
                nodes.add(new Node("node-" + i, redis.uri()));
            }
            Thread serving = new Thread(this::serve);
            serving.start();
            try {
                breakAndMend(redis);
            } finally {
                done = true;
                serving.join();
                nodes.forEach(node -> node.coordinator.close());
            }
        }
        assertThat(failures).isEmpty();
        assertThat(busiestSecond()).isBetween(0.9, 4.0 / 3 + AT_ONCE);
    }

    private void breakAndMend(OneRedis redis) throws IOException, InterruptedException {
        awaitAll();
        want(2, 0, 0, 0);
        awaitShare(0, 0.98);
        want(1, 1, 1, 1);
        awaitShare(0, 0.25);
        await().until(() -> busiestSecond() > 0.9);
        assertThat(busiestSecond()).isLessThanOrEqualTo(1 + AT_ONCE);

        redis.freeze();
        awaitShare(0, 1.0 / 3);
        awaitShare(1, 1.0 / 3);
        redis.thaw();
        awaitAll();
        want(0, 2, 0, 0);
        awaitShare(1, 0.98);

        redis.kill();
        awaitShare(0, 1.0 / 3);
        awaitShare(1, 1.0 / 3);
        redis.restart();
        awaitAll();
        awaitShare(1, 0.98);
    }
}
