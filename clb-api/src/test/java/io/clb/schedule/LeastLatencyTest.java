package io.clb.schedule;

import static io.clb.schedule.Schedulers.peakEwma;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.spi.Outcome;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeastLatencyTest {

    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final FakeFlow flow = new FakeFlow();

    @Test
    void picksTheFasterOfTwo() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().create(group, null);
        ran(scheduler, group.server(0), 20 * MILLI, 0);
        ran(scheduler, group.server(1), 10 * MILLI, 0);
        assertAlways(scheduler, group.server(1), 0);
    }

    @Test
    void countsTheFlowsThatAServerHas() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().create(group, null);
        ran(scheduler, group.server(0), 25 * MILLI, 0);
        ran(scheduler, group.server(1), 10 * MILLI, 0);
        group.server(1).active(1);
        assertAlways(scheduler, group.server(1), 0);
        // Three flows of 10 ms each against one of 25.
        group.server(1).active(2);
        assertAlways(scheduler, group.server(0), 0);
    }

    @Test
    void expectsMoreOfAServerThatWeighsMore() {
        FakeGroup group = FakeGroup.ofWeights(100, 30);
        Scheduler scheduler = peakEwma().create(group, null);
        ran(scheduler, group.server(0), 10 * MILLI, 0);
        ran(scheduler, group.server(1), 10 * MILLI, 0);
        group.server(0).active(2);
        assertAlways(scheduler, group.server(0), 0);
        group.server(0).active(3);
        assertAlways(scheduler, group.server(1), 0);
    }

    /** Peak-sensitive: one slow flow is enough to go elsewhere, and time heals. */
    @Test
    void leavesAServerThatTurnsSlowAtOnceAndComesBackToItLater() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().create(group, null);
        ran(scheduler, group.server(0), 10 * MILLI, 0);
        ran(scheduler, group.server(1), 20 * MILLI, 0);
        ran(scheduler, group.server(0), 500 * MILLI, MILLI);
        assertAlways(scheduler, group.server(1), 2 * MILLI);
        // 500 ms fade to less than 20 within ten seconds times ln 25 = 33 s, as long as the other goes on with its 20.
        ran(scheduler, group.server(1), 20 * MILLI, 33 * SECOND);
        assertAlways(scheduler, group.server(0), 33 * SECOND);
    }

    @Test
    void remembersForAsLongAsItIsTold() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().decay(Duration.ofMillis(100)).create(group, null);
        ran(scheduler, group.server(0), 500 * MILLI, 0);
        ran(scheduler, group.server(1), 20 * MILLI, 330 * MILLI);
        assertAlways(scheduler, group.server(0), 330 * MILLI);
    }

    /** A server that refuses at once would else look the fastest. */
    @ParameterizedTest
    @EnumSource(names = "SUCCESS", mode = EnumSource.Mode.EXCLUDE)
    void takesAFailureForASlowAnswerHoweverFastItWas(Outcome outcome) {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().create(group, null);
        ran(scheduler, group.server(0), 10 * MILLI, 0);
        ran(scheduler, group.server(1), 800 * MILLI, 0);
        scheduler.released(group.server(0), outcome, 1, 0);
        assertAlways(scheduler, group.server(1), 0);
    }

    /** It is given one flow to learn from, and no more than its part before it has answered. */
    @Test
    void learnsOfANewServerWithoutFloodingIt() {
        FakeGroup group = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().create(group, null);
        ran(scheduler, group.server(0), 10 * MILLI, 0);
        assertAlways(scheduler, group.server(1), 0);
        group.server(1).active(1);
        assertAlways(scheduler, group.server(0), 0);
        group.server(0).active(2);
        assertAlways(scheduler, group.server(1), 0);
    }

    @Test
    void keepsWhatItLearntThroughRebuildsAndHearsOfFlowsThatItsPredecessorPicked() {
        FakeGroup group = FakeGroup.ofWeights(100, 100, 100);
        Scheduler first = peakEwma().create(group, null);
        for (int i = 0; i < 3; i++) {
            ran(first, group.server(i), (10 + i) * MILLI, 0);
        }
        Scheduler without = peakEwma().create(group.without(0), first);
        assertAlways(without, group.server(1), 0);
        ran(without, group.server(1), 50 * MILLI, 0);
        ran(without, group.server(0), 1, 0);
        assertAlways(without, group.server(2), 0);
        Scheduler again = peakEwma().create(group.withWeights(100, 99, 98), without);
        // What left the group is new.
        group.server(0).active(1);
        ran(again, group.server(0), 60 * MILLI, 0);
        group.server(0).active(0);
        FakeFlow notOnTheSecond = new FakeFlow().failedOn(group.server(1));
        assertThat(again.pick(notOnTheSecond, 0)).isSameAs(group.server(2));
    }

    /** The number of a server that went may be another's by now. */
    @Test
    void doesNotTakeAServerForTheOneThatHadItsNumber() {
        FakeGroup before = FakeGroup.ofWeights(100, 100);
        FakeGroup after = FakeGroup.ofWeights(100, 100);
        Scheduler scheduler = peakEwma().create(after, null);
        ran(scheduler, after.server(0), 10 * MILLI, 0);
        ran(scheduler, after.server(1), 20 * MILLI, 0);
        ran(scheduler, before.server(0), SECOND, 0);
        assertAlways(scheduler, after.server(0), 0);
    }

    /** The fastest does not get all: of each two that are drawn the better one, and its flows count. */
    @Test
    void spreadsManyFlowsByWhatServersCanDo() {
        FakeGroup group =
                FakeGroup.ofWeights(IntStream.range(0, 10).map(i -> 100).toArray());
        Scheduler scheduler = peakEwma().create(group, null);
        for (int i = 0; i < 10; i++) {
            ran(scheduler, group.server(i), (i < 5 ? 10 : 40) * MILLI, 0);
        }
        for (int i = 0; i < 1_000; i++) {
            Server server = scheduler.pick(flow, 0);
            assertThat(server).isNotNull();
            group.server(server.slot()).active(server.active() + 1);
        }
        // Five that are four times as fast as the other five: 160 and 40 each.
        for (int i = 0; i < 10; i++) {
            assertThat(group.server(i).active()).isBetween(i < 5 ? 140 : 30, i < 5 ? 180 : 50);
        }
    }

    @Test
    void isEqualWithEqualSettings() {
        PeakEwma ten = peakEwma().decay(Duration.ofSeconds(10));
        assertThat(ten).isEqualTo(peakEwma()).hasSameHashCodeAs(peakEwma()).hasToString("ewma");
        assertThat(peakEwma().decay(Duration.ofSeconds(9))).isNotEqualTo(ten).hasToString("ewma(decay PT9S)");
    }

    private static void ran(Scheduler scheduler, Server server, long nanos, long nowNanos) {
        scheduler.released(server, Outcome.SUCCESS, nanos, nowNanos);
    }

    private void assertAlways(Scheduler scheduler, Server expected, long nowNanos) {
        for (int i = 0; i < 50; i++) {
            assertThat(scheduler.pick(flow, nowNanos)).isSameAs(expected);
        }
    }
}
