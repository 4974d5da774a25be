package io.clb.schedule;

import static io.clb.schedule.Schedulers.fourTupleHash;
import static io.clb.schedule.Schedulers.sourceHash;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.spi.FlowKind;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The hashes of client address and four-tuple. How slots are divided: {@link HashSlotsTest}. */
class HashSchedulerTest {

    private static final int CLIENTS = 10_000;

    @Property(tries = 50)
    void sendsAClientToTheSameServerWhateverItsPortLoopAndListener(
            @ForAll(supplier = Weights.class) int[] weights, @ForAll long high, @ForAll long low) {
        Scheduler scheduler = sourceHash().create(FakeGroup.ofWeights(weights).withLoops(4), null);
        Server first = scheduler.pick(new FakeFlow().from(high, low), 0);
        assertThat(first).isNotNull();
        for (int i = 0; i < 20; i++) {
            FakeFlow again = new FakeFlow()
                    .from(high, low)
                    .fromPort(1_024 + i)
                    .to(0, i, i)
                    .on(i % 4);
            assertThat(scheduler.pick(again, i)).isSameAs(first);
        }
    }

    @Property(tries = 50)
    void sendsAFourTupleToTheSameServer(@ForAll(supplier = Weights.class) int[] weights, @ForAll long low) {
        Scheduler scheduler = fourTupleHash().create(FakeGroup.ofWeights(weights), null);
        Server first = scheduler.pick(new FakeFlow().from(0, low), 0);
        assertThat(scheduler.pick(new FakeFlow().from(0, low), 1)).isSameAs(first);
    }

    @Test
    void spreadsTheConnectionsOfOneClientByTheirFourTuples() {
        Scheduler scheduler = fourTupleHash().create(FakeGroup.ofWeights(100, 100, 100, 100), null);
        assertThat(spread(scheduler, 4, i -> new FakeFlow().fromPort(1_024 + i)))
                .allMatch(count -> Math.abs(count - CLIENTS / 4) < 250);
        assertThat(spread(scheduler, 4, i -> new FakeFlow().to(0, 1, 1_024 + i)))
                .allMatch(count -> Math.abs(count - CLIENTS / 4) < 250);
        assertThat(spread(scheduler, 4, i -> new FakeFlow().to(i, 0, 80)))
                .allMatch(count -> Math.abs(count - CLIENTS / 4) < 250);
    }

    @Test
    void sharesClientsByWeight() {
        Scheduler scheduler = sourceHash().create(FakeGroup.ofWeights(100, 50, 25, 25, 0), null);
        int[] taken = taken(scheduler, 5, i -> client(i));
        assertThat(taken[0]).isBetween(4_750, 5_250);
        assertThat(taken[1]).isBetween(2_300, 2_700);
        assertThat(taken[2]).isBetween(1_100, 1_400);
        assertThat(taken[3]).isBetween(1_100, 1_400);
        assertThat(taken[4]).isZero();
    }

    /** Other objects, another seed, other numbers, another way that it came about: nothing but ids and weights counts. */
    @Test
    void picksAlikeOnTwoNodesAndAfterARestart() {
        FakeGroup here = FakeGroup.ofWeights(100, 50, 1, 7, 100, 100);
        FakeServer[] others = here.servers().stream()
                .map(server -> FakeServer.of(server.host(), server.port(), 60_000 - server.slot())
                        .withWeight(server.weight()))
                .toArray(FakeServer[]::new);
        FakeGroup there = FakeGroup.of(others).withSeed(99).withLoops(7).withName("there");
        Scheduler first = sourceHash().create(here, null);
        Scheduler second = sourceHash().create(there, sourceHash().create(there.without(2), null));
        for (int i = 0; i < CLIENTS; i++) {
            assertThat(id(second, client(i))).isEqualTo(id(first, client(i)));
        }
    }

    @Test
    void movesTheClientsOfAServerThatGoesAndBringsThemBack() {
        FakeGroup all = FakeGroup.ofWeights(100, 100, 100, 100, 100);
        Scheduler before = sourceHash().create(all, null);
        Scheduler without = sourceHash().create(all.without(2), before);
        Scheduler after = sourceHash().create(all, without);
        int moved = 0;
        for (int i = 0; i < CLIENTS; i++) {
            Server server = before.pick(client(i), 0);
            assertThat(after.pick(client(i), 0)).isSameAs(server);
            moved += server != all.server(2) && without.pick(client(i), 0) != server ? 1 : 0;
        }
        assertThat(moved).isLessThan(CLIENTS / 100);
    }

    /** A ramp would move clients with each step, and on each node at another time. */
    @Test
    void takesNoPartInASlowStart() {
        FakeGroup group = FakeGroup.ofWeights(100, 100, 100);
        Scheduler before = sourceHash().create(group, null);
        assertThat(sourceHash().create(group.inSlowStart(100, 10, 100), before)).isSameAs(before);
    }

    @Test
    void isBuiltAnewOnlyForOtherServersWeightsOrSlots() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler before = sourceHash().create(group, null);
        assertThat(sourceHash().create(group.withLoops(2), before)).isSameAs(before);
        assertThat(sourceHash().create(group.withWeights(100, 99), before)).isNotSameAs(before);
        assertThat(sourceHash().create(group.without(0), before)).isNotSameAs(before);
        assertThat(sourceHash().slots(100_000).create(group, before)).isNotSameAs(before);
        Scheduler tuples = fourTupleHash().create(group, before);
        assertThat(spread(tuples, 2, i -> new FakeFlow().fromPort(i))).allMatch(count -> count > CLIENTS / 3);
    }

    /** Retries of the clients of one server must not all fall on its neighbour. */
    @Test
    void spreadsRetriesOverTheOthersByWeightAndAlwaysAlike() {
        FakeGroup group = FakeGroup.ofWeights(100, 100, 50, 50);
        Scheduler scheduler = sourceHash().create(group, null);
        int[] second = new int[4];
        for (int i = 0; i < CLIENTS; i++) {
            if (scheduler.pick(client(i), 0) == group.server(0)) {
                Server server = scheduler.pick(client(i).failedOn(group.server(0)), 0);
                assertThat(server).isNotNull();
                assertThat(scheduler.pick(client(i).failedOn(group.server(0)), 1))
                        .isSameAs(server);
                second[server.slot()]++;
            }
        }
        double all = Arrays.stream(second).sum();
        assertThat(second[0]).isZero();
        assertThat(second[1] / all).isBetween(0.45, 0.55);
        assertThat(second[2] / all).isBetween(0.2, 0.3);
        assertThat(second[3] / all).isBetween(0.2, 0.3);
    }

    @Test
    void findsTheOneServerOfAThousandThatIsLeft() {
        FakeGroup group =
                FakeGroup.ofWeights(IntStream.range(0, 1_000).map(i -> 1).toArray());
        Scheduler scheduler = sourceHash().create(group, null);
        FakeFlow flow = new FakeFlow();
        List<FakeServer> tried = group.servers().subList(0, 999);
        tried.forEach(flow::failedOn);
        assertThat(scheduler.pick(flow, 0)).isSameAs(group.server(999));
    }

    @Test
    void servesWhatHasTheKey() {
        assertThat(FlowKind.values()).allMatch(sourceHash()::serves);
        assertThat(fourTupleHash().serves(FlowKind.CONNECTION)).isTrue();
        assertThat(fourTupleHash().serves(FlowKind.ASSOCIATION)).isTrue();
        assertThat(fourTupleHash().serves(FlowKind.REQUEST)).isFalse();
    }

    /** Listeners with equal settings share a table. */
    @Test
    void isEqualWithEqualSettings() {
        assertThat(sourceHash().slots(65_536)).isEqualTo(sourceHash()).hasSameHashCodeAs(sourceHash());
        assertThat(sourceHash().slots(70_000)).isNotEqualTo(sourceHash());
        assertThat(sourceHash()).isNotEqualTo(fourTupleHash()).hasToString("sch");
        assertThat(fourTupleHash().slots(70_000)).hasToString("tch(70000 slots)");
    }

    private static FakeFlow client(int number) {
        return new FakeFlow().from(0, FakeFlow.ipv4(10, 0, number / 256, number % 256));
    }

    private static String id(Scheduler scheduler, FakeFlow flow) {
        Server server = scheduler.pick(flow, 0);
        assertThat(server).isNotNull();
        return server.id();
    }

    private static IntStream spread(Scheduler scheduler, int servers, IntFunction<FakeFlow> flows) {
        return Arrays.stream(taken(scheduler, servers, flows));
    }

    private static int[] taken(Scheduler scheduler, int servers, IntFunction<FakeFlow> flows) {
        int[] taken = new int[servers];
        for (int i = 0; i < CLIENTS; i++) {
            Server server = scheduler.pick(flows.apply(i), 0);
            assertThat(server).isNotNull();
            taken[server.slot()]++;
        }
        assertThat(Arrays.stream(taken).sum()).isEqualTo(CLIENTS);
        return taken;
    }
}
