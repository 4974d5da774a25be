package io.clb.schedule;

import static io.clb.schedule.Schedulers.weightedLeastConnections;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LeastConnectionsTest {

    @Property
    void picksAServerWithTheFewestFlowsForItsWeight(
            @ForAll(supplier = Weights.class) int[] weights,
            @ForAll @Size(12) List<@IntRange(max = Integer.MAX_VALUE) Integer> active,
            @ForAll @Size(12) List<Boolean> tried) {
        FakeGroup group = FakeGroup.ofWeights(weights);
        FakeFlow flow = new FakeFlow();
        for (FakeServer server : group.servers()) {
            server.active(active.get(server.slot()));
            if (tried.get(server.slot())) {
                flow.failedOn(server);
            }
        }
        List<FakeServer> eligible = group.servers().stream()
                .filter(server -> server.weight() > 0 && !flow.tried(server))
                .toList();

        Server picked = weightedLeastConnections().create(group, null).pick(flow, 0);

        if (picked == null) {
            assertThat(eligible).isEmpty();
            return;
        }
        assertThat(eligible).contains((FakeServer) picked);
        for (FakeServer other : eligible) {
            assertThat((long) picked.active() * other.weight())
                    .isLessThanOrEqualTo((long) other.active() * picked.weight());
        }
    }

    @Property
    void usesAnIdleGroupInProportionToItsWeights(@ForAll(supplier = Weights.class) int[] weights) {
        Scheduler scheduler = weightedLeastConnections().create(FakeGroup.ofWeights(weights), null);
        int[] taken = new int[weights.length];
        for (int i = 0; i < SmoothSequence.of(weights).length; i++) {
            taken[slotOf(scheduler)]++;
        }
        assertThat(taken).isEqualTo(Weights.reduced(weights));
    }

    @Property
    void spreadsFlowsThatStayInProportionToTheWeights(@ForAll(supplier = Weights.class) int[] weights) {
        FakeGroup group = FakeGroup.ofWeights(weights);
        Scheduler scheduler = weightedLeastConnections().create(group, null);
        for (int i = 0; i < Arrays.stream(weights).sum(); i++) {
            FakeServer server = group.server(slotOf(scheduler));
            server.active(server.active() + 1);
        }
        assertThat(group.servers())
                .allSatisfy(server -> assertThat(server.active()).isEqualTo(server.weight()));
    }

    /** An idle group under health changes: no rebuild may begin with the first server again. */
    @Property
    void goesOnWithItsTurnsWhenRebuilt(
            @ForAll(supplier = Weights.class) int[] weights, @ForAll @IntRange(max = 11) int flapping) {
        FakeGroup all = FakeGroup.ofWeights(weights);
        FakeGroup fewer = all.without(flapping % weights.length);
        Scheduler undisturbed = weightedLeastConnections().create(all, null);
        Scheduler rebuilt = weightedLeastConnections().create(all, null);
        for (int i = 0; i < 50; i++) {
            assertThat(slotOf(rebuilt)).isEqualTo(slotOf(undisturbed));
            Scheduler between = weightedLeastConnections().create(fewer, rebuilt);
            rebuilt = weightedLeastConnections().create(all, between);
        }
    }

    @Test
    void knowsTheActiveFlowsFromBeforeTheRebuild() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        group.server(0).active(1);
        Scheduler first = weightedLeastConnections().create(group, null);
        Scheduler second = weightedLeastConnections().create(group.withWeights(100, 99), first);
        for (int i = 0; i < 10; i++) {
            assertThat(second.pick(new FakeFlow(), 0)).isSameAs(group.server(1));
        }
    }

    /** One server of many is idle. */
    @Test
    void findsTheBestServerUpToTheLimitAndTheBestOfASampleBeyond() {
        int limit = LeastConnections.SCAN_LIMIT;
        assertThat(picksOfTheOneThatIsIdle(limit, limit)).isEqualTo(limit);
        assertThat(picksOfTheOneThatIsIdle(limit + 1, limit + 1)).isEqualTo(LeastConnections.SAMPLE);
    }

    private static int picksOfTheOneThatIsIdle(int servers, int picks) {
        FakeGroup group =
                FakeGroup.ofWeights(IntStream.range(0, servers).map(i -> 1).toArray());
        group.servers().forEach(server -> server.active(server.slot() == servers / 2 ? 0 : 1));
        Scheduler scheduler = weightedLeastConnections().create(group, null);
        return (int) IntStream.range(0, picks)
                .filter(i -> slotOf(scheduler) == servers / 2)
                .count();
    }

    /** Idle: 32 at a time, in turn, the first of each 32; over a period all of them, by weight, but in another order. */
    @Test
    void usesAnIdleGroupOfManyInProportionToItsWeights() {
        int[] weights = IntStream.range(0, 1_000).map(i -> 1 + i % 7).toArray();
        Scheduler scheduler = weightedLeastConnections().create(FakeGroup.ofWeights(weights), null);
        int period = Arrays.stream(weights).sum();
        int[] taken = new int[1_000];
        for (int i = 0; i < LeastConnections.SAMPLE * period; i++) {
            taken[slotOf(scheduler)]++;
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(taken[i]).isEqualTo(LeastConnections.SAMPLE * weights[i]);
        }
    }

    /** Flows that stay: a sample of 32 keeps the fullest within one flow of the mean where the count of all would, and finds the empty ones. */
    @Test
    void fillsManyServersEvenly() {
        FakeGroup group =
                FakeGroup.ofWeights(IntStream.range(0, 1_000).map(i -> 100).toArray());
        for (int i = 0; i < 1_000; i += 2) {
            group.server(i).active(50);
        }
        Scheduler scheduler = weightedLeastConnections().create(group, null);
        for (int i = 0; i < 75_000; i++) {
            FakeServer server = group.server(slotOf(scheduler));
            server.active(server.active() + 1);
        }
        assertThat(group.servers())
                .allSatisfy(server -> assertThat(server.active()).isBetween(98, 102));
    }

    @Test
    void looksFurtherThanTheSampleForAFlowThatTriedAllOfIt() {
        FakeGroup group =
                FakeGroup.ofWeights(IntStream.range(0, 1_000).map(i -> 1).toArray());
        FakeFlow flow = new FakeFlow();
        group.servers().subList(0, 999).forEach(flow::failedOn);
        Scheduler scheduler = weightedLeastConnections().create(group, null);
        for (int i = 0; i < 100; i++) {
            assertThat(scheduler.pick(flow, 0)).isSameAs(group.server(999));
        }
    }

    private static int slotOf(Scheduler scheduler) {
        Server server = scheduler.pick(new FakeFlow(), 0);
        assertThat(server).isNotNull();
        return server.slot();
    }
}
