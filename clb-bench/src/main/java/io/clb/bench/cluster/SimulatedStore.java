package io.clb.bench.cluster;

import io.clb.ratelimit.cluster.NumberedAsk;
import io.clb.ratelimit.cluster.PermitPool;
import io.clb.spi.PermitBuckets.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The store that has the buckets of permits: beside the last node, half as far from each of them as they are from each other, with a clock of its own. */
final class SimulatedStore {

    private static final int HOPS = 2;

    private final ClusterScenario scenario;
    private final SplittableRandom random;
    private final double speed;
    private final long offsetMicros;
    private final PermitPool pool = new PermitPool();
    private final PriorityQueue<Coming> asks = new PriorityQueue<>(Comparator.comparingLong(Coming::atNanos));
    private final PriorityQueue<Going> answers = new PriorityQueue<>(Comparator.comparingLong(Going::atNanos));

    /** What a node learns of an ask: null if it failed. */
    record Told(int node, long number, @Nullable Answer answer) {}

    private record Coming(long atNanos, int node, NumberedAsk ask) {}

    private record Going(long atNanos, Told told) {}

    SimulatedStore(ClusterScenario scenario, SplittableRandom random) {
        this.scenario = scenario;
        this.random = random;
        speed = 1 + (random.nextDouble() - 0.5) / 500;
        offsetMicros = 1 + random.nextLong(1L << 50);
    }

    /** Takes an ask. */
    void ask(int node, NumberedAsk ask, long realNanos) {
        if (arrives(node, realNanos)) {
            asks.add(new Coming(realNanos + hopNanos(), node, ask));
        }
    }

    private boolean arrives(int node, long realNanos) {
        double seconds = (double) realNanos / TimeUnit.SECONDS.toNanos(1);
        int beside = scenario.nodes() - 1;
        boolean cut = node != beside && scenario.network().split().parts(node, beside, seconds);
        return !cut && random.nextDouble() >= scenario.network().lost();
    }

    private long hopNanos() {
        Network network = scenario.network();
        double millis = network.leastMillis() + random.nextDouble() * (network.mostMillis() - network.leastMillis());
        return (long) (millis / HOPS * TimeUnit.MILLISECONDS.toNanos(1));
    }

    /** Goes on until a time, and returns what nodes learn by then. */
    List<Told> step(long realNanos) {
        double seconds = (double) realNanos / TimeUnit.SECONDS.toNanos(1);
        if (scenario.faults().isStoreNew(seconds)) {
            pool.clear();
            asks.forEach(ask -> tell(realNanos, ask, null));
            asks.clear();
        }
        while (!scenario.faults().isStoreFrozen(seconds)
                && !asks.isEmpty()
                && asks.element().atNanos() <= realNanos) {
            Coming next = asks.remove();
            long at = scenario.faults().isStoreFrozen((double) next.atNanos() / TimeUnit.SECONDS.toNanos(1))
                    ? realNanos
                    : next.atNanos();
            long micros = offsetMicros + (long) (TimeUnit.NANOSECONDS.toMicros(at) * speed);
            tell(at, next, pool.ask(next.ask().ask(), micros));
        }
        List<Told> told = new ArrayList<>();
        while (!answers.isEmpty() && answers.element().atNanos() <= realNanos) {
            told.add(answers.remove().told());
        }
        return told;
    }

    private void tell(long atNanos, Coming of, @Nullable Answer answer) {
        if (arrives(of.node(), atNanos)) {
            answers.add(
                    new Going(atNanos + hopNanos(), new Told(of.node(), of.ask().number(), answer)));
        }
    }
}
