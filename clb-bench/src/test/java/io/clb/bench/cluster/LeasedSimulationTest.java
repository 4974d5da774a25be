package io.clb.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/benchmarks.md and decision 32 say of limits whose permits are leased from a bucket. */
class LeasedSimulationTest {

    private static final int NODES = 8;
    private static final int RANDOM_CLUSTERS = 80;

    /** What an interval earns: granted, and not used yet, or not granted yet. */
    private static final double BATCH = 0.1;

    /** 100 ms of the shares, and as many once more for shares that grow by a batch. */
    private static final double BURST = 0.1;

    /** Clocks go by up to a thousandth too fast. */
    private static final double FAST = 1.002;

    private static ClusterResult leased(ClusterScenario scenario) {
        return ClusterSimulation.run(scenario, LimitMode.LEASED, 1);
    }

    @Test
    void whoWantsTheSameHasTheSameAndAllTogetherHaveTheTotal() {
        ClusterResult busy = leased(ClusterScenario.of("busy", NODES, 10, Workload.uniform(NODES, 2)));

        assertThat(busy.utilisation(2, 10)).isBetween(0.98, 1.001);
        assertThat(busy.fairness(2, 10)).isGreaterThan(0.99);
        assertThat(busy.busiestSecond()).isLessThanOrEqualTo(1 + BATCH + BURST);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aHotSpotThatMovesHasNearlyAllInHalfASecond(long seed) {
        ClusterScenario moving = ClusterScenario.of("moving", NODES, 40, Workload.movingHotSpot(NODES, 2, 5));
        ClusterResult result = ClusterSimulation.run(moving, LimitMode.LEASED, seed);

        for (int moved = 5; moved < 40; moved += 5) {
            assertThat(result.secondsUntil(0.95, moved, moved + 5)).isBetween(0.0, 0.5);
            assertThat(result.busiestSecond(moved + 1, moved + 5)).isGreaterThan(0.95);
        }
        assertThat(result.busiestSecond()).isLessThanOrEqualTo(1 + BATCH + BURST);
    }

    @Test
    void oneLongConnectionHasNearlyAll() {
        ClusterResult result = leased(ClusterScenario.of("long", NODES, 20, Workload.longConnections(5)));

        assertThat(result.secondsUntil(0.95, 10, 15)).isBetween(0.0, 0.5);
        assertThat(result.utilisation(1, 20)).isGreaterThan(0.93);
    }

    @Test
    void whoWantsLessThanTheFairShareHasItAndTheOthersDivideTheRest() {
        Workload workload = (node, seconds) -> node == 0 ? 0.05 : node == 1 ? 0.1 : 0.5;
        ClusterResult result = leased(ClusterScenario.of("uneven", NODES, 10, workload));

        assertThat(result.share(0, 2, 10)).isCloseTo(0.05, within(0.003));
        assertThat(result.share(1, 2, 10)).isCloseTo(0.1, within(0.006));
        for (int node = 2; node < NODES; node++) {
            assertThat(result.share(node, 2, 10)).isCloseTo(0.85 / 6, within(0.01));
        }
    }

    /** The store stands still for a while. */
    private static ClusterScenario.Faults frozenStore(double from, double until) {
        return new ClusterScenario.Faults() {
            @Override
            public boolean isFrozen(int node, double seconds) {
                return false;
            }

            @Override
            public boolean isStoreFrozen(double seconds) {
                return seconds >= from && seconds < until;
            }
        };
    }

    @Test
    void whileTheStoreIsAwayEachNodeHasItsPart() {
        Workload hot = Workload.hot(3, 2, 0);
        ClusterResult result =
                leased(ClusterScenario.of("frozen", NODES, 20, hot).with(frozenStore(5, 10)));

        assertThat(result.share(3, 6, 10)).isCloseTo(1.0 / NODES, within(0.01));
        assertThat(result.share(3, 11, 20)).isGreaterThan(0.95);
        ClusterResult busy = leased(ClusterScenario.of("frozen", NODES, 20, Workload.uniform(NODES, 3))
                .with(frozenStore(5, 10)));
        assertThat(busy.utilisation(6, 10)).isCloseTo(1, within(0.01));
        assertThat(busy.utilisation(11, 20)).isCloseTo(1, within(0.02));
        assertThat(busy.secondsUntil(0.95, 5.2, 10)).isBetween(0.0, 0.5);
    }

    @Test
    void aStoreThatIsTooFarAwayIsNotWorseThanNone() {
        ClusterResult result = leased(ClusterScenario.of("far", NODES, 40, Workload.uniform(NODES, 3))
                .on(new Network(110, 250, 0, 0, Network.WHOLE)));

        assertThat(result.utilisation(20, 40)).isGreaterThan(0.9);
    }

    @Test
    void aNodeThatIsFrozenIsMadeUpFor() {
        ClusterResult result = leased(ClusterScenario.of("frozen", NODES, 20, Workload.uniform(NODES, 3))
                .with((node, seconds) -> node == 3 && seconds >= 5 && seconds < 10));

        assertThat(result.utilisation(6, 10)).isCloseTo(1, within(0.02));
    }

    /**
     * Whatever happens to messages, nodes and the store, what all shares earn in a second is no more than N/(N-1) of what the total earns in that time and in
     * an interval; where no node falls silent and none is too far away, the total instead of N/(N-1).
     */
    @Test
    void nothingMakesASumAboveTheBound() {
        for (int seed = 0; seed < RANDOM_CLUSTERS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int nodes = random.nextInt(2, 7);
            boolean calm = seed % 4 == 0;
            ClusterResult result = ClusterSimulation.run(random(random, nodes, calm), LimitMode.LEASED, seed);

            double bound = calm ? 1 : (double) nodes / (nodes - 1);
            assertThat(result.richestSecond())
                    .as("seed %d, %d nodes", seed, nodes)
                    .isLessThanOrEqualTo((bound + BATCH) * FAST);
            assertThat(result.busiestSecond())
                    .as("seed %d, %d nodes", seed, nodes)
                    .isLessThanOrEqualTo(bound + BATCH + BURST);
        }
    }

    private static ClusterScenario random(SplittableRandom random, int nodes, boolean calm) {
        int shift = random.nextInt(1, 5);
        long seed = random.nextLong();
        int most = random.nextInt(0, calm ? 40 : 150);
        Network network = new Network(
                0,
                most,
                calm ? 0 : random.nextDouble() * 0.3,
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

    /** A part of the time a node is frozen, or gone for longer than a process takes to begin, and so is the store. */
    private static ClusterScenario.Faults faults(long seed) {
        return new ClusterScenario.Faults() {
            @Override
            public boolean isFrozen(int node, double seconds) {
                return Rolls.roll(seed, node, 2, seconds, 0.7) < 0.15;
            }

            @Override
            public boolean isUp(int node, double seconds) {
                return Rolls.roll(seed, node, 3, seconds, 0.5) > 0.05;
            }

            @Override
            public boolean isStoreFrozen(double seconds) {
                return Rolls.roll(seed, 0, 4, seconds, 0.3) < 0.15;
            }

            @Override
            public boolean isStoreNew(double seconds) {
                return Rolls.roll(seed, 0, 5, seconds, 0.005) < 0.001;
            }
        };
    }
}
