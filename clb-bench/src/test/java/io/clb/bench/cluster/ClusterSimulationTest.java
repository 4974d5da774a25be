package io.clb.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clb.ratelimit.Parts;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/benchmarks.md and decision 30 say of limits over a cluster. */
class ClusterSimulationTest {

    private static final int NODES = 8;

    /** What all nodes may let through at once: 100 ms of their shares. */
    private static final double BURST = 0.1;

    private static final int RANDOM_CLUSTERS = 60;

    private static ClusterResult adaptive(ClusterScenario scenario) {
        return ClusterSimulation.run(scenario, LimitMode.ADAPTIVE, 1);
    }

    private static double part(long parts) {
        return (double) parts / Parts.WHOLE;
    }

    @Test
    void theProductsTwoComplaints() {
        ClusterScenario busy = ClusterScenario.of("busy", NODES, 10, Workload.uniform(NODES, 2));
        ClusterScenario hot = ClusterScenario.of("hot", NODES, 10, Workload.hot(3, 2, 0));

        assertThat(ClusterSimulation.run(busy, LimitMode.EVEN, 1).utilisation(2, 10))
                .isCloseTo(8.0 / 7, within(0.002));
        assertThat(ClusterSimulation.run(hot, LimitMode.EVEN, 1).utilisation(2, 10))
                .isCloseTo(1.0 / 7, within(0.002));
    }

    @Test
    void theirCure() {
        ClusterResult busy = adaptive(ClusterScenario.of("busy", NODES, 10, Workload.uniform(NODES, 2)));
        assertThat(busy.utilisation(2, 10)).isBetween(0.99, 1.001);
        assertThat(busy.fairness(2, 10)).isGreaterThan(0.99);
        assertThat(busy.busiestSecond()).isLessThanOrEqualTo(1 + BURST);
        assertThat(part(busy.mostShared())).isLessThanOrEqualTo(1);

        ClusterResult hot = adaptive(ClusterScenario.of("hot", NODES, 10, Workload.hot(3, 2, 0)));
        assertThat(hot.utilisation(2, 10)).isGreaterThan(0.95);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aHotSpotThatMovesHasNearlyAllInHalfASecond(long seed) {
        ClusterScenario moving = ClusterScenario.of("moving", NODES, 40, Workload.movingHotSpot(NODES, 2, 5));
        ClusterResult result = ClusterSimulation.run(moving, LimitMode.ADAPTIVE, seed);

        for (int moved = 5; moved < 40; moved += 5) {
            assertThat(result.secondsUntil(0.95, moved, moved + 5)).isBetween(0.0, 0.5);
        }
        assertThat(result.busiestSecond()).isLessThanOrEqualTo(1 + BURST);
        assertThat(part(result.mostShared())).isLessThanOrEqualTo(1);
    }

    @Test
    void aHotSpotThatMovesHasNearlyAllInASecondWhereMessagesTakeATenth() {
        ClusterScenario moving = ClusterScenario.of("moving", NODES, 40, Workload.movingHotSpot(NODES, 2, 5))
                .on(new Network(100, 100, 0, 0, Network.WHOLE));
        ClusterResult result = adaptive(moving);

        for (int moved = 5; moved < 40; moved += 5) {
            assertThat(result.secondsUntil(0.95, moved, moved + 5)).isBetween(0.0, 1.0);
        }
        assertThat(part(result.mostShared())).isLessThanOrEqualTo(1);
    }

    @Test
    void oneLongConnectionHasNearlyAll() {
        ClusterResult result = adaptive(ClusterScenario.of("long", NODES, 20, Workload.longConnections(5)));

        assertThat(result.secondsUntil(0.95, 10, 15)).isBetween(0.0, 0.5);
        assertThat(result.utilisation(1, 20)).isGreaterThan(0.93);
    }

    @Test
    void whoWantsLessThanTheFairShareHasItAndTheOthersDivideTheRest() {
        Workload workload = (node, seconds) -> node == 0 ? 0.05 : 0.5;
        ClusterResult result = adaptive(ClusterScenario.of("uneven", NODES, 10, workload));

        assertThat(result.share(0, 2, 10)).isCloseTo(0.05, within(0.003));
        for (int node = 1; node < NODES; node++) {
            assertThat(result.share(node, 2, 10)).isCloseTo(0.95 / 7, within(0.01));
        }
    }

    @Test
    void thePartOfANodeThatFreezesIsBackInThreeSeconds() {
        ClusterScenario frozen = ClusterScenario.of(
                        "frozen", NODES, 20, (node, seconds) -> node == 3 ? 2 : seconds < 5 ? 0.02 : 1)
                .with((node, seconds) -> node == 3 && seconds >= 5 && seconds < 12);
        ClusterResult result = adaptive(frozen);

        assertThat(result.secondsUntil(0.99, 5.1, 12)).isBetween(0.0, 2.9);
        assertThat(part(result.mostShared())).isLessThanOrEqualTo(8.0 / 7);
        assertThat(result.utilisation(14, 20)).isBetween(0.99, 1.001);
    }

    @Test
    void aNewNodeHasItsPartInASecond() {
        ClusterScenario joining = ClusterScenario.of("joining", NODES, 15, Workload.uniform(NODES, 4))
                .with(new ClusterScenario.Faults() {
                    @Override
                    public boolean isFrozen(int node, double seconds) {
                        return false;
                    }

                    @Override
                    public boolean isUp(int node, double seconds) {
                        return node != 5 || seconds >= 5;
                    }
                });
        ClusterResult result = adaptive(joining);

        assertThat(result.share(5, 6, 15)).isCloseTo(1.0 / NODES, within(0.002));
        assertThat(result.utilisation(6, 15)).isBetween(0.99, 1.001);
        assertThat(result.busiestSecond(0, 15)).isLessThanOrEqualTo(8.0 / 7 + BURST);
    }

    @Test
    void aSplitClusterStaysBelowTheProductsSum() {
        Network split = Network.quick().with((from, to, seconds) -> seconds >= 5 && seconds < 15 && from < 3 != to < 3);
        ClusterResult result = adaptive(ClusterScenario.of("split", NODES, 25, Workload.uniform(NODES, 3))
                .on(split));

        assertThat(part(result.mostShared())).isLessThanOrEqualTo(8.0 / 7);
        assertThat(result.utilisation(18, 25)).isBetween(0.99, 1.001);
    }

    /** Whatever happens to messages and nodes, what all may let through is at no moment more than N/(N-1) of the total; where no node falls silent, not more than the total. */
    @Test
    void nothingMakesASumAboveTheBound() {
        for (int seed = 0; seed < RANDOM_CLUSTERS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int nodes = random.nextInt(2, 7);
            boolean calm = seed % 3 == 0;
            ClusterResult result = ClusterSimulation.run(random(random, nodes, calm), LimitMode.ADAPTIVE, seed);

            double bound = calm ? 1 : (double) nodes / (nodes - 1);
            assertThat(part(result.mostShared()))
                    .as("seed %d, %d nodes", seed, nodes)
                    .isLessThanOrEqualTo(bound);
            assertThat(result.busiestSecond())
                    .as("seed %d, %d nodes", seed, nodes)
                    .isLessThanOrEqualTo(bound + 0.15);
        }
    }

    private static ClusterScenario random(SplittableRandom random, int nodes, boolean calm) {
        int shift = random.nextInt(1, 5);
        long seed = random.nextLong();
        int most = random.nextInt(0, calm ? 150 : 300);
        Network network = new Network(
                random.nextInt(0, most + 1),
                most,
                random.nextDouble() * (calm ? 0.1 : 0.6),
                random.nextDouble() * 0.3,
                calm ? Network.WHOLE : (from, to, seconds) -> Rolls.roll(seed, from / 2, to / 2, seconds, 3) < 0.3);
        return new ClusterScenario(
                "random",
                nodes,
                20,
                (node, seconds) -> Rolls.roll(seed, node, 1, seconds, shift) < 0.4 ? 1.5 : 0.02,
                network,
                calm ? ClusterScenario.NONE : faults(seed),
                Duration.ofMillis(100));
    }

    /** A part of the time a node is frozen, or gone for longer than a process takes to begin. */
    private static ClusterScenario.Faults faults(long seed) {
        return new ClusterScenario.Faults() {
            @Override
            public boolean isFrozen(int node, double seconds) {
                return Rolls.roll(seed, node, 2, seconds, 0.7) < 0.2;
            }

            @Override
            public boolean isUp(int node, double seconds) {
                return Rolls.roll(seed, node, 3, seconds, 0.5) > 0.1;
            }
        };
    }
}
