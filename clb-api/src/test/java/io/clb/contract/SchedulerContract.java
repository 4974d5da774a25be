package io.clb.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.GroupView;
import io.clb.spi.Outcome;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every scheduler must do, whatever it picks by. Extend it with the factory to test. */
public abstract class SchedulerContract {

    private static final int LOOPS = 4;
    private static final int PICKS_PER_LOOP = 5_000;
    private static final int[] WEIGHTS = {100, 50, 0, 1, 7, 100};

    /** Kept where the compiler must write it, so that measured picks are not dropped. */
    private volatile @Nullable Server last;

    /** For subclasses. */
    protected SchedulerContract() {}

    /**
     * Returns what to test.
     *
     * @return the factory
     */
    protected abstract SchedulerFactory factory();

    /**
     * Makes a flow of a kind that the scheduler can judge.
     *
     * @return a new flow
     */
    protected FakeFlow flow() {
        return new FakeFlow();
    }

    /** Names are what configurations and messages show. */
    @Test
    public void hasAName() {
        assertThat(factory().name()).isNotBlank();
    }

    /** The rule for retries: everything is tried before null is returned. */
    @Test
    public void picksEachServerWithWeightOnceForAFlowThatFailsOnAllAndThenNone() {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler scheduler = factory().create(group, null);
        for (int i = 0; i < 1_000; i++) {
            assertThat(picksUntilNone(scheduler, i)).containsExactlyInAnyOrderElementsOf(takers(group));
        }
    }

    /** Weight 0 takes nothing, tried or not. */
    @Test
    public void picksNothingWhereNoServerHasWeight() {
        assertThat(factory().create(FakeGroup.ofWeights(0, 0, 0), null).pick(flow(), 0))
                .isNull();
    }

    /** A group may lose its last server. */
    @Test
    public void picksNothingFromAnEmptyGroup() {
        assertThat(factory().create(FakeGroup.of(), null).pick(flow(), 0)).isNull();
    }

    /** The weight in force counts, not the configured one. */
    @Test
    public void goesByTheWeightInForce() {
        FakeGroup group = FakeGroup.ofWeights(100, 0, 100).withWeights(0, 1, 0);
        Scheduler scheduler = factory().create(group, null);
        for (int i = 0; i < 100; i++) {
            assertThat(scheduler.pick(flow(), i)).isSameAs(group.server(1));
        }
    }

    /** Clocks count from anywhere, and wrap. */
    @Test
    public void picksAtAnyTimeOfTheClock() {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler scheduler = factory().create(group, null);
        for (long now : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1_000}) {
            assertThat(scheduler.pick(flow(), now)).isIn(takers(group));
        }
    }

    /** Servers come, go and change weight: a successor knows its own servers only. */
    @Test
    public void goesOnFromItsPredecessorWithWhateverServersThereAre() {
        FakeGroup all = FakeGroup.ofWeights(WEIGHTS);
        List<FakeGroup> changes = List.of(
                all,
                all,
                all.without(0),
                all.without(0).without(0),
                FakeGroup.of(),
                all,
                all.withWeights(0, 0, 0, 0, 0, 0),
                all.withWeights(1, 2, 3, 4, 5, 6));
        Scheduler scheduler = null;
        for (FakeGroup group : changes) {
            scheduler = factory().create(group, scheduler);
            for (int i = 0; i < 200; i++) {
                assertThat(picksUntilNone(scheduler, i)).containsExactlyInAnyOrderElementsOf(takers(group));
            }
        }
    }

    /** Another factory's scheduler may stand before: the operator changed the algorithm. */
    @Test
    public void takesAStrangerAsPredecessor() {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler stranger = (flow, nowNanos) -> null;
        assertThat(picksUntilNone(factory().create(group, stranger), 0))
                .containsExactlyInAnyOrderElementsOf(takers(group));
    }

    /** The predecessor is still in use while its successor is being published. */
    @Test
    public void leavesItsPredecessorInOrder() {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler before = factory().create(group, null);
        Scheduler after = factory().create(group.without(0), before);
        for (int i = 0; i < 200; i++) {
            assertThat(picksUntilNone(before, i)).containsExactlyInAnyOrderElementsOf(takers(group));
            assertThat(picksUntilNone(after, i)).containsExactlyInAnyOrderElementsOf(takers(group.without(0)));
        }
    }

    /** A flow may end on a server that left long ago. */
    @Test
    public void isToldOfTheEndOfFlowsOnServersThatItDoesNotHave() {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler scheduler = factory().create(group, null);
        FakeServer gone = FakeServer.of("gone", 80, 65_535);
        for (Outcome outcome : Outcome.values()) {
            scheduler.released(gone, outcome, 1_000, 0);
        }
        assertThat(picksUntilNone(scheduler, 0)).containsExactlyInAnyOrderElementsOf(takers(group));
    }

    /** Ends of all kinds come back, in any order. */
    @Test
    public void goesOnAfterFlowsThatEndInEveryWay() {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler scheduler = factory().create(group, null);
        for (int i = 0; i < 250; i++) {
            for (Outcome outcome : Outcome.values()) {
                picksUntilNone(scheduler, i)
                        .forEach(server -> scheduler.released(server, outcome, 1_000_000, 2_000_000));
            }
        }
        assertThat(picksUntilNone(scheduler, 0)).containsExactlyInAnyOrderElementsOf(takers(group));
    }

    /**
     * Loops pick all at once, while control builds successors.
     *
     * @throws InterruptedException if the test is interrupted
     */
    @Test
    public void picksSoundlyOnManyLoopsWhileItIsRebuilt() throws InterruptedException {
        FakeGroup all = FakeGroup.ofWeights(WEIGHTS).withLoops(LOOPS);
        FakeGroup fewer = all.without(5).without(0);
        record Published(Scheduler scheduler, FakeGroup group) {}
        var current = new Object() {
            volatile Published plan = new Published(factory().create(all, null), all);
        };
        Loops.run(LOOPS + 1, loop -> {
            if (loop == LOOPS) {
                for (int i = 0; i < 200; i++) {
                    FakeGroup group = i % 2 == 0 ? fewer : all;
                    current.plan = new Published(factory().create(group, current.plan.scheduler()), group);
                }
                return;
            }
            for (int i = 0; i < PICKS_PER_LOOP; i++) {
                Published plan = current.plan;
                FakeFlow flow = flow().on(loop).failedOn(all.server(1));
                Server server = plan.scheduler().pick(flow, i);
                assertThat(server).isIn(takers(plan.group())).isNotSameAs(all.server(1));
            }
        });
    }

    /** A pick takes nanoseconds, and leaves nothing to collect. */
    @Test
    public void picksWithoutAllocating() {
        Scheduler scheduler = factory().create(FakeGroup.ofWeights(WEIGHTS), null);
        FakeFlow flow = flow();
        assertThat(Allocation.bytesPerCall(() -> last = scheduler.pick(flow, 0)))
                .as("bytes for a pick")
                .isLessThan(1);
    }

    /** Picks for one flow that cannot reach any server. */
    private List<Server> picksUntilNone(Scheduler scheduler, long nowNanos) {
        FakeFlow flow = flow();
        List<Server> picked = new ArrayList<>();
        Server server = scheduler.pick(flow, nowNanos);
        while (server != null && picked.size() <= WEIGHTS.length) {
            picked.add(server);
            server = scheduler.pick(flow.failedOn(server), nowNanos);
        }
        return picked;
    }

    private static List<Server> takers(GroupView group) {
        return IntStream.range(0, group.size())
                .filter(i -> group.weight(i) > 0)
                .mapToObj(group::server)
                .toList();
    }
}
