package io.clb.bench.cluster;

import io.clb.ratelimit.Parts;
import io.clb.ratelimit.cluster.NumberedAsk;
import io.clb.ratelimit.cluster.Report;
import io.clb.spi.Division;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs a scenario in virtual time: one thread, seeded; equal runs to the last digit. */
final class ClusterSimulation {

    private static final int STEPS_PER_SECOND = 200;
    private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1) / STEPS_PER_SECOND;

    private static final long LEAST_TOTAL = 10_000;
    private static final long LEAST_OF_A_NODE = 100;

    /** What comes is let through every so many steps. */
    private static final int STEPS_PER_BIN = 2;

    /** A process that starts again takes so long to begin. */
    private static final long UP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** No node was there before the first ones. */
    private static final long LONG_UP_NANOS = TimeUnit.HOURS.toNanos(1);

    /** Messages come within so many steps. */
    private static final int LATEST = 256;

    private final ClusterScenario scenario;
    private final LimitMode mode;
    private final long total;
    private final SplittableRandom random;
    private final @Nullable ClusterNode[] nodes;
    private final List<List<Message>> coming = new ArrayList<>();
    private final List<List<Message>> waiting = new ArrayList<>();
    private final SimulatedStore store;
    private final List<List<SimulatedStore.Told>> told = new ArrayList<>();
    private final ClusterResult result;

    private record Message(int to, Report report) {}

    private ClusterSimulation(ClusterScenario scenario, LimitMode mode, long seed) {
        this.scenario = scenario;
        this.mode = mode;
        total = Math.max(LEAST_TOTAL, LEAST_OF_A_NODE * scenario.nodes());
        random = new SplittableRandom(seed);
        nodes = new ClusterNode[scenario.nodes()];
        for (int i = 0; i < LATEST; i++) {
            coming.add(new ArrayList<>());
        }
        for (int i = 0; i < nodes.length; i++) {
            waiting.add(new ArrayList<>());
            told.add(new ArrayList<>());
        }
        store = new SimulatedStore(scenario, new SplittableRandom(~seed));
        result = new ClusterResult(
                scenario,
                mode,
                total,
                scenario.seconds() * STEPS_PER_SECOND / STEPS_PER_BIN,
                STEPS_PER_SECOND / STEPS_PER_BIN);
    }

    static ClusterResult run(ClusterScenario scenario, LimitMode mode, long seed) {
        ClusterSimulation simulation = new ClusterSimulation(scenario, mode, seed);
        for (int step = 0; step < scenario.seconds() * STEPS_PER_SECOND; step++) {
            simulation.step(step);
        }
        return simulation.result;
    }

    private void step(int step) {
        long realNanos = step * STEP_NANOS;
        double seconds = (double) step / STEPS_PER_SECOND;
        deliver(step);
        store.step(realNanos).forEach(answer -> told.get(answer.node()).add(answer));
        for (int i = 0; i < nodes.length; i++) {
            ClusterNode node = living(i, step, seconds);
            if (node == null || scenario.faults().isFrozen(i, seconds)) {
                continue;
            }
            take(i, node, realNanos);
            if (mode != LimitMode.EVEN
                    && node.clock(realNanos) - node.exchange().dueNanos() >= 0) {
                send(i, node.exchange().report(node.clock(realNanos)), step, seconds);
            }
            if (mode == LimitMode.LEASED) {
                lease(i, node, realNanos);
            }
            if (step % STEPS_PER_BIN == 0) {
                double wanted = scenario.workload().wanted(i, seconds);
                long admitted = node.step(wanted, (double) STEPS_PER_BIN / STEPS_PER_SECOND, realNanos);
                result.add(step / STEPS_PER_BIN, i, wanted, admitted);
            }
        }
        double earned = 0;
        for (ClusterNode node : nodes) {
            earned += node == null ? 0 : node.takeEarned(realNanos);
        }
        result.shared(step / STEPS_PER_BIN, shared(realNanos), earned);
    }

    /** Learns what was granted, and asks for more. */
    private void lease(int i, ClusterNode node, long realNanos) {
        long now = node.clock(realNanos);
        for (SimulatedStore.Told answer : told.get(i)) {
            node.exchange().answered(answer.number(), answer.answer(), now);
        }
        told.get(i).clear();
        NumberedAsk ask =
                now - node.exchange().askNanos(now) < 0 ? null : node.exchange().ask(now);
        if (ask != null) {
            store.ask(i, ask, realNanos);
        }
    }

    /** What all nodes may let through now, in parts; those that are frozen too. */
    private long shared(long realNanos) {
        long sum = 0;
        for (ClusterNode node : nodes) {
            sum += node == null ? 0 : node.parts(realNanos);
        }
        return sum;
    }

    /** The node, begun or ended where its time has come. */
    private @Nullable ClusterNode living(int i, int step, double seconds) {
        long realNanos = step * STEP_NANOS;
        if (!scenario.faults().isUp(i, seconds)) {
            ClusterNode ending = nodes[i];
            if (ending != null && scenario.faults().isOrderly() && mode != LimitMode.EVEN) {
                send(i, ending.exchange().leave(), step, seconds);
            }
            nodes[i] = null;
            waiting.get(i).clear();
            told.get(i).clear();
        } else if (nodes[i] == null) {
            ClusterNode node = new ClusterNode(
                    scenario, i, total, realNanos == 0 ? LONG_UP_NANOS : UP_NANOS, realNanos, random.split());
            nodes[i] = node;
            if (mode == LimitMode.EVEN) {
                long now = node.clock(realNanos);
                node.move(Parts.even(nodes.length), now + Long.MAX_VALUE / 2, Parts.even(nodes.length), now);
            } else {
                node.exchange().add("qps", node, division(), node.clock(realNanos));
            }
        }
        return nodes[i];
    }

    private Division division() {
        return switch (mode) {
            case ADAPTIVE -> Division.ADAPTIVE;
            case LEASED -> Division.LEASED;
            default -> Division.EVEN;
        };
    }

    private void send(int from, Report report, int step, double seconds) {
        if (!scenario.isReporting()) {
            return;
        }
        Network network = scenario.network();
        for (int to = 0; to < nodes.length; to++) {
            if (to == from || network.split().parts(from, to, seconds)) {
                continue;
            }
            int copies = random.nextDouble() < network.repeated() ? 2 : 1;
            for (int copy = 0; copy < copies; copy++) {
                if (random.nextDouble() >= network.lost()) {
                    int millis = random.nextInt(network.leastMillis(), network.mostMillis() + 1);
                    int after = 1 + millis * STEPS_PER_SECOND / 1_000;
                    coming.get((step + after) % LATEST).add(new Message(to, report));
                }
            }
        }
    }

    private void deliver(int step) {
        List<Message> due = coming.get(step % LATEST);
        for (Message message : due) {
            waiting.get(message.to()).add(message);
        }
        due.clear();
    }

    private void take(int i, ClusterNode node, long realNanos) {
        List<Message> mine = waiting.get(i);
        for (Message message : mine) {
            node.exchange().received(message.report(), node.clock(realNanos));
        }
        mine.clear();
    }
}
