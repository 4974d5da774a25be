package io.clb.bench.cluster;

import io.clb.ratelimit.MovingLimiter;
import io.clb.ratelimit.Parts;
import io.clb.ratelimit.cluster.ShareExchange;
import io.clb.ratelimit.cluster.SharedLimit;
import io.clb.spi.ClusterSettings;
import io.clb.spi.WhenAlone;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** One node: its exchange of shares, one limit, and what comes to it. */
final class ClusterNode implements SharedLimit {

    /** What a connection takes of the total at a time. */
    private static final int READS_PER_TOTAL = 2_000;

    private final ClusterScenario scenario;
    private final long total;
    private final SplittableRandom random;
    private final double speed;
    private final long offsetNanos;
    private final MovingLimiter limiter;
    private final ShareExchange exchange;

    private long parts;
    private long untilNanos;
    private long partsAfter;
    private double earned;
    private long earnedNanos;
    private double arrived;
    private long admitted;
    private long refused;

    /**
     * Makes a node that starts now. Clocks start anywhere, and go by up to a thousandth too fast or too slow.
     *
     * @param upNanos how long its process has been there
     */
    ClusterNode(
            ClusterScenario scenario, int number, long total, long upNanos, long realNanos, SplittableRandom random) {
        this.scenario = scenario;
        this.total = total;
        this.random = random;
        speed = 1 + (random.nextDouble() - 0.5) / 500;
        offsetNanos = random.nextLong(1L << 40);
        long now = clock(realNanos);
        earnedNanos = now;
        limiter = new MovingLimiter(total, Duration.ofSeconds(1), 1, 0, now);
        ClusterSettings settings =
                new ClusterSettings("node-" + number, scenario.nodes(), scenario.interval(), WhenAlone.EVEN);
        exchange = new ShareExchange(settings, 1 + realNanos, upNanos, now);
    }

    /** This node's clock. */
    long clock(long realNanos) {
        return offsetNanos + (long) (realNanos * speed);
    }

    ShareExchange exchange() {
        return exchange;
    }

    /** Lets through what it may of what has come since the last step, and returns how many permits that was. */
    long step(double wanted, double seconds, long realNanos) {
        long now = clock(realNanos);
        if (scenario.workload().isElastic()) {
            return stream(wanted, seconds, now);
        }
        arrived += wanted * total * seconds * (0.5 + random.nextDouble());
        long before = admitted;
        for (; arrived >= 1; arrived--) {
            if (limiter.tryAcquire(1, now) == 0) {
                admitted++;
            } else {
                refused++;
            }
        }
        return admitted - before;
    }

    private long stream(double wanted, double seconds, long now) {
        long before = admitted;
        long read = Math.max(1, total / READS_PER_TOTAL);
        for (long most = (long) (wanted * total * seconds); most >= read; most -= read) {
            if (limiter.tryAcquire(read, now) != 0) {
                refused++;
                break;
            }
            admitted += read;
        }
        return admitted - before;
    }

    @Override
    public double totalPerSecond() {
        return total;
    }

    @Override
    public long admitted() {
        return admitted;
    }

    @Override
    public long refused() {
        return refused;
    }

    @Override
    public boolean isElastic() {
        return scenario.workload().isElastic();
    }

    @Override
    public void move(long parts, long untilNanos, long partsAfter, long nowNanos) {
        earn(nowNanos);
        this.parts = parts;
        this.untilNanos = untilNanos;
        this.partsAfter = partsAfter;
        limiter.move(parts, untilNanos, partsAfter, nowNanos);
    }

    /** What it may let through now. */
    long parts(long realNanos) {
        return clock(realNanos) - untilNanos < 0 ? parts : partsAfter;
    }

    /** Counts what its share has earned since the last time, in parts of what the total earns in a second. */
    private void earn(long nowNanos) {
        long first = Math.max(earnedNanos, Math.min(nowNanos, untilNanos));
        double sum = parts * (double) (first - earnedNanos) + partsAfter * (double) (nowNanos - first);
        earned += sum / Parts.WHOLE / TimeUnit.SECONDS.toNanos(1);
        earnedNanos = nowNanos;
    }

    /** The seconds of the total that its share has earned since this was asked last. */
    double takeEarned(long realNanos) {
        earn(clock(realNanos));
        double taken = earned;
        earned = 0;
        return taken;
    }

    @Override
    public void open() {
        limiter.open();
    }
}
