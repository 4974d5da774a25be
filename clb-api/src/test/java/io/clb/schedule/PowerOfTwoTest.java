package io.clb.schedule;

import static io.clb.schedule.Schedulers.powerOfTwoChoices;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PowerOfTwoTest {

    private final FakeFlow flow = new FakeFlow();

    /** Of two servers both are always compared. */
    @Property
    void picksTheOneOfTwoWithFewerFlowsForItsWeight(
            @ForAll @IntRange(min = 1, max = 100) int weight,
            @ForAll @IntRange(min = 1, max = 100) int otherWeight,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int active,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int otherActive) {
        FakeGroup group = FakeGroup.ofWeights(weight, otherWeight);
        group.server(0).active(active);
        group.server(1).active(otherActive);
        Scheduler scheduler = powerOfTwoChoices().create(group, null);
        int compared = Long.compare((long) active * otherWeight, (long) otherActive * weight);
        for (int i = 0; i < 20; i++) {
            Server picked = scheduler.pick(flow, 0);
            if (compared != 0) {
                assertThat(picked).isSameAs(group.server(compared < 0 ? 0 : 1));
            }
        }
    }

    /** With more, the worst is never picked, and any other may be. */
    @Test
    void neverPicksTheServerWithTheMostFlows() {
        FakeGroup group = FakeGroup.ofWeights(100, 100, 100, 100);
        group.server(2).active(5);
        int[] taken = taken(powerOfTwoChoices().create(group, null), 4, 10_000);
        assertThat(taken[2]).isZero();
        assertThat(IntStream.of(taken[0], taken[1], taken[3])).allMatch(count -> count > 3_000);
    }

    @Test
    void usesAnIdleGroupByWeight() {
        int[] weights = {100, 50, 25, 25, 0};
        int[] taken = taken(powerOfTwoChoices().create(FakeGroup.ofWeights(weights), null), 5, 100_000);
        for (int i = 0; i < weights.length; i++) {
            assertThat(taken[i]).isBetween(weights[i] * 480, weights[i] * 520);
        }
    }

    /** Mitzenmacher's result: the gap stays at log log n, where one random choice has the square root of what it holds. */
    @Test
    void keepsAThousandServersWithinAFewFlowsOfEachOther() {
        FakeGroup group =
                FakeGroup.ofWeights(IntStream.range(0, 1_000).map(i -> 100).toArray());
        Scheduler scheduler = powerOfTwoChoices().create(group, null);
        for (int i = 0; i < 100_000; i++) {
            FakeServer server = group.server(slotOf(scheduler));
            server.active(server.active() + 1);
        }
        assertThat(group.servers()).allMatch(server -> server.active() < 106);
    }

    @Test
    void fillsServersInProportionToTheirWeights() {
        int[] weights = IntStream.range(0, 100).map(i -> 1 + i).toArray();
        FakeGroup group = FakeGroup.ofWeights(weights);
        Scheduler scheduler = powerOfTwoChoices().create(group, null);
        for (int i = 0; i < 50_500; i++) {
            FakeServer server = group.server(slotOf(scheduler));
            server.active(server.active() + 1);
        }
        // Ten flows for each unit of weight.
        assertThat(group.servers()).allMatch(server -> server.active() <= 10 * server.weight() * 1.2 + 3);
    }

    @Test
    void drawsOnAfterARebuildAndDifferentlyOnEachLoop() {
        FakeGroup group = FakeGroup.ofWeights(
                        IntStream.range(0, 1_000).map(i -> 1).toArray())
                .withLoops(2);
        Scheduler undisturbed = powerOfTwoChoices().create(group, null);
        Scheduler rebuilt = powerOfTwoChoices().create(group, null);
        assertThat(slots(rebuilt, 0)).isEqualTo(slots(undisturbed, 0)).isNotEqualTo(slots(undisturbed, 1));
        rebuilt = powerOfTwoChoices().create(group, powerOfTwoChoices().create(group.without(3), rebuilt));
        assertThat(slots(rebuilt, 0)).isEqualTo(slots(undisturbed, 0));
        assertThat(slots(powerOfTwoChoices().create(group.withSeed(1), null), 0))
                .isNotEqualTo(slots(powerOfTwoChoices().create(group, null), 0));
    }

    private static int[] slots(Scheduler scheduler, int loop) {
        FakeFlow flow = new FakeFlow().on(loop);
        return IntStream.range(0, 50).map(i -> slotOf(scheduler, flow)).toArray();
    }

    private int[] taken(Scheduler scheduler, int servers, int picks) {
        int[] taken = new int[servers];
        for (int i = 0; i < picks; i++) {
            taken[slotOf(scheduler)]++;
        }
        assertThat(Arrays.stream(taken).sum()).isEqualTo(picks);
        return taken;
    }

    private int slotOf(Scheduler scheduler) {
        return slotOf(scheduler, flow);
    }

    private static int slotOf(Scheduler scheduler, FakeFlow flow) {
        Server server = scheduler.pick(flow, 0);
        assertThat(server).isNotNull();
        return server.slot();
    }
}
