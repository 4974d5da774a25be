package io.clb.schedule;

import static io.clb.schedule.Schedulers.roundRobin;
import static io.clb.schedule.Schedulers.weightedRoundRobin;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.contract.Loops;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Round robin, weighted or not. The order itself: {@link SmoothSequenceTest}. */
class SequenceSchedulerTest {

    private static final int LOOPS = 3;

    private final FakeFlow flow = new FakeFlow();

    @Property(tries = 200)
    void givesEachServerItsExactShareOfAPeriodThatSeveralLoopsTakeTogether(
            @ForAll(supplier = Weights.class) int[] weights) throws InterruptedException {
        FakeGroup group = FakeGroup.ofWeights(weights).withLoops(LOOPS);
        Scheduler scheduler = weightedRoundRobin().create(group, null);
        int period = SmoothSequence.of(weights).length;
        AtomicIntegerArray taken = new AtomicIntegerArray(weights.length);
        Loops.run(LOOPS, loop -> {
            FakeFlow own = new FakeFlow().on(loop);
            for (int i = 0; i < period; i++) {
                Server server = scheduler.pick(own, 0);
                assertThat(server).isNotNull();
                taken.incrementAndGet(server.slot());
            }
        });
        int[] shares = Weights.reduced(weights);
        for (int i = 0; i < weights.length; i++) {
            assertThat(taken.get(i)).isEqualTo(LOOPS * shares[i]);
        }
    }

    @Property
    void roundRobinGivesAllServersTheSameWhateverTheirWeights(@ForAll(supplier = Weights.class) int[] weights) {
        FakeGroup group = FakeGroup.ofWeights(weights);
        Scheduler scheduler = roundRobin().create(group, null);
        List<FakeServer> takers =
                group.servers().stream().filter(server -> server.weight() > 0).toList();
        assertThat(picks(scheduler, 2 * takers.size())).containsExactlyElementsOf(twice(takers));
    }

    @Property
    void goesOnExactlyWhereItStandsWhenRebuiltWithTheSameWeights(
            @ForAll(supplier = Weights.class) int[] weights, @ForAll @IntRange(max = 2_000) int picksBefore) {
        FakeGroup group = FakeGroup.ofWeights(weights);
        Scheduler undisturbed = weightedRoundRobin().create(group, null);
        Scheduler rebuilt = weightedRoundRobin().create(group, null);
        assertThat(picks(rebuilt, picksBefore)).isEqualTo(picks(undisturbed, picksBefore));
        Scheduler successor = weightedRoundRobin().create(group, rebuilt);
        assertThat(picks(successor, 100)).isEqualTo(picks(undisturbed, 100));
    }

    /** Control publishes a successor while loops still pick with the old one: both step one rotation. */
    @Test
    void sharesItsRotationWithASuccessorOfTheSameWeights() {
        FakeGroup group = FakeGroup.ofWeights(1, 1, 1);
        Scheduler old = weightedRoundRobin().create(group, null);
        Scheduler young = weightedRoundRobin().create(group, old);
        List<Server> taken = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            taken.add((i % 2 == 0 ? old : young).pick(flow, 0));
        }
        assertThat(taken).containsExactlyElementsOf(group.servers());
    }

    @Property
    void goesOnAsFarIntoThePeriodAsItStandsWhenRebuiltWithOtherWeights(
            @ForAll(supplier = Weights.class) int[] weightsBefore,
            @ForAll(supplier = Weights.class) int[] weightsAfter,
            @ForAll @IntRange(max = 2_000) int picksBefore) {
        Scheduler before = weightedRoundRobin().create(FakeGroup.ofWeights(weightsBefore), null);
        picks(before, picksBefore);
        int periodBefore = SmoothSequence.of(weightsBefore).length;
        char[] orderAfter = SmoothSequence.of(weightsAfter);
        int expected = orderAfter[(int) ((long) (picksBefore % periodBefore) * orderAfter.length / periodBefore)];

        Scheduler after = weightedRoundRobin().create(FakeGroup.ofWeights(weightsAfter), before);
        assertThat(picks(after, 1).get(0).slot()).isEqualTo(expected);
    }

    /** Few picks, many rebuilds: whatever were rounded away with each would starve the servers that stand late in the period. */
    @Property
    void losesNothingToAServerThatComesAndGoesBetweenPicks(
            @ForAll(supplier = Weights.class) int[] weights, @ForAll @IntRange(max = 11) int flapping) {
        FakeGroup all = FakeGroup.ofWeights(weights);
        FakeGroup fewer = all.without(flapping % weights.length);
        Scheduler undisturbed = weightedRoundRobin().create(all, null);
        Scheduler rebuilt = weightedRoundRobin().create(all, null);
        for (int i = 0; i < 50; i++) {
            assertThat(picks(rebuilt, 1)).isEqualTo(picks(undisturbed, 1));
            rebuilt = weightedRoundRobin().create(all, weightedRoundRobin().create(fewer, rebuilt));
        }
    }

    @Test
    void keepsSharesFairWhenAServerComesAndGoesWithEveryPick() {
        FakeGroup all = FakeGroup.ofWeights(1, 1, 1);
        FakeGroup two = all.without(2);
        Scheduler scheduler = null;
        int[] taken = new int[3];
        for (int i = 0; i < 1_200; i++) {
            scheduler = weightedRoundRobin().create(i % 2 == 0 ? two : all, scheduler);
            taken[picks(scheduler, 1).get(0).slot()]++;
        }
        // 600 picks of two, 600 of three
        assertThat(taken).containsExactly(500, 500, 200);
    }

    @Property
    void sendsARetryToTheNextUntriedServerInTurn(
            @ForAll(supplier = Weights.class) int[] weights,
            @ForAll @IntRange(max = 2_000) int picksBefore,
            @ForAll @Size(12) List<Boolean> tried) {
        FakeGroup group = FakeGroup.ofWeights(weights);
        Scheduler scheduler = weightedRoundRobin().create(group, null);
        picks(scheduler, picksBefore);
        FakeFlow retry = new FakeFlow();
        group.servers().stream().filter(server -> tried.get(server.slot())).forEach(retry::failedOn);

        char[] order = SmoothSequence.of(weights);
        FakeServer expected = IntStream.range(picksBefore, picksBefore + order.length)
                .mapToObj(turn -> group.server(order[turn % order.length]))
                .filter(server -> !retry.tried(server))
                .findFirst()
                .orElse(null);
        assertThat(scheduler.pick(retry, 0)).isSameAs(expected);
    }

    @Property(tries = 200)
    void givesEachServerItsExactShareOnEachLoopWhereEachHasARotation(@ForAll(supplier = Weights.class) int[] weights)
            throws InterruptedException {
        FakeGroup group = FakeGroup.ofWeights(weights).withLoops(LOOPS);
        Scheduler scheduler = weightedRoundRobin().perLoop().create(group, null);
        int[] shares = Weights.reduced(weights);
        int period = Arrays.stream(shares).sum();
        Loops.run(LOOPS, loop -> {
            FakeFlow own = new FakeFlow().on(loop);
            int[] taken = new int[weights.length];
            for (int i = 0; i < period; i++) {
                Server server = scheduler.pick(own, 0);
                assertThat(server).isNotNull();
                taken[server.slot()]++;
            }
            assertThat(taken).isEqualTo(shares);
        });
    }

    /** Two at most, not one: loops but the first start within the period. */
    @Property(tries = 200)
    void isLessThanTwoPicksOffOnEachLoopAtAnyTimeWhereEachHasARotation(
            @ForAll(supplier = Weights.class) int[] weights) {
        Scheduler scheduler = weightedRoundRobin()
                .perLoop()
                .create(FakeGroup.ofWeights(weights).withLoops(LOOPS), null);
        int sum = Arrays.stream(weights).sum();
        for (int loop = 0; loop < LOOPS; loop++) {
            FakeFlow own = new FakeFlow().on(loop);
            long[] taken = new long[weights.length];
            for (int k = 1; k <= sum; k++) {
                taken[slotOf(scheduler, own)]++;
                for (int i = 0; i < weights.length; i++) {
                    assertThat(Math.abs(taken[i] * sum - (long) k * weights[i])).isLessThan(2L * sum);
                }
            }
        }
    }

    /** Few flows on many loops must not all go to the first servers. */
    @Test
    void startsTheLoopsAtEvenDistances() {
        FakeGroup group = FakeGroup.ofWeights(1, 1, 1, 1, 1, 1, 1, 1).withLoops(4);
        Scheduler scheduler = roundRobin().perLoop().create(group, null);
        int[] firsts = IntStream.range(0, 4)
                .map(loop -> slotOf(scheduler, new FakeFlow().on(loop)))
                .toArray();
        assertThat(firsts).containsExactly(0, 2, 4, 6);
        int[] seconds = IntStream.range(0, 4)
                .map(loop -> slotOf(scheduler, new FakeFlow().on(loop)))
                .toArray();
        assertThat(seconds).containsExactly(1, 3, 5, 7);
    }

    @Property
    void goesOnOnEachLoopWhereThatLoopStandsWhenRebuilt(
            @ForAll(supplier = Weights.class) int[] weights,
            @ForAll @IntRange(max = 11) int flapping,
            @ForAll @IntRange(max = 300) int onTheSecond) {
        FakeGroup all = FakeGroup.ofWeights(weights).withLoops(2);
        FakeGroup fewer = all.without(flapping % weights.length);
        RoundRobin factory = weightedRoundRobin().perLoop();
        Scheduler undisturbed = factory.create(all, null);
        Scheduler rebuilt = factory.create(all, null);
        FakeFlow second = new FakeFlow().on(1);
        for (int i = 0; i < onTheSecond; i++) {
            assertThat(slotOf(rebuilt, second)).isEqualTo(slotOf(undisturbed, second));
        }
        for (int i = 0; i < 50; i++) {
            rebuilt = factory.create(all, factory.create(fewer, rebuilt));
            assertThat(slotOf(rebuilt, flow)).isEqualTo(slotOf(undisturbed, flow));
            assertThat(slotOf(rebuilt, second)).isEqualTo(slotOf(undisturbed, second));
        }
    }

    /** The setting changes while the balancer runs, and so may the number of loops in a test of the application's. */
    @Test
    void startsAnewFromAPredecessorWithOtherRotations() {
        FakeGroup group = FakeGroup.ofWeights(3, 2, 1).withLoops(3);
        Scheduler shared = weightedRoundRobin().create(group, null);
        Scheduler perLoop = weightedRoundRobin().perLoop().create(group, shared);
        assertThat(slotOf(perLoop, new FakeFlow().on(2))).isBetween(0, 2);
        Scheduler moreLoops = weightedRoundRobin().perLoop().create(group.withLoops(5), perLoop);
        assertThat(slotOf(moreLoops, new FakeFlow().on(4))).isBetween(0, 2);
        assertThat(slotOf(weightedRoundRobin().create(group, moreLoops), flow)).isZero();
    }

    @Test
    void isEqualWithEqualSettings() {
        assertThat(weightedRoundRobin().perLoop())
                .isEqualTo(weightedRoundRobin().perLoop())
                .hasSameHashCodeAs(weightedRoundRobin().perLoop())
                .isNotEqualTo(weightedRoundRobin())
                .isNotEqualTo(roundRobin().perLoop())
                .hasToString("wrr per loop");
    }

    private static int slotOf(Scheduler scheduler, FakeFlow flow) {
        Server server = scheduler.pick(flow, 0);
        assertThat(server).isNotNull();
        return server.slot();
    }

    private List<Server> picks(Scheduler scheduler, int count) {
        List<Server> picks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Server server = scheduler.pick(flow, 0);
            assertThat(server).isNotNull();
            picks.add(server);
        }
        return picks;
    }

    private static List<FakeServer> twice(List<FakeServer> servers) {
        FakeServer[] twice = Arrays.copyOf(servers.toArray(FakeServer[]::new), 2 * servers.size());
        System.arraycopy(twice, 0, twice, servers.size(), servers.size());
        return List.of(twice);
    }
}
