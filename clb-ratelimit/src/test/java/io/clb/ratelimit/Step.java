package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * What a loop or control does some time after the step before.
 *
 * @param pause in thousandths of the time in which the whole earns its burst
 * @param action what it does
 * @param size what it asks for, in thousandths of the burst
 * @param parts what the node has then
 * @param after how many thousandths of it from the deadline on
 * @param until the deadline, in units of pauses
 * @param lagNanos by how much the clock of the loop is behind
 */
record Step(int pause, Action action, int size, long parts, int after, int until, long lagNanos) {

    enum Action {
        MOVE,
        TOTAL,
        OPEN,
        TAKE,
        WAIT_AND_TAKE,
        GIVE_BACK
    }

    static Arbitrary<List<Step>> some() {
        Arbitrary<Integer> times = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 100), Arbitraries.integers().between(0, 2_000));
        Arbitrary<Action> actions = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(Action.MOVE)),
                Tuple.of(1, Arbitraries.of(Action.TOTAL, Action.OPEN)),
                Tuple.of(8, Arbitraries.of(Action.TAKE, Action.TAKE, Action.WAIT_AND_TAKE, Action.GIVE_BACK)));
        Arbitrary<Long> lags =
                Arbitraries.oneOf(Arbitraries.just(0L), Arbitraries.longs().between(0, 1_000_000_000));
        return Combinators.combine(
                        times,
                        actions,
                        Arbitraries.integers().between(1, 1_000),
                        anyParts(),
                        Arbitraries.of(0, 1, 500, 1_000),
                        times,
                        lags)
                .as(Step::new)
                .list()
                .ofMaxSize(60);
    }

    static Arbitrary<Long> anyParts() {
        return Arbitraries.oneOf(
                Arbitraries.of(0L, 1L, Parts.WHOLE / 10_000, Parts.WHOLE / 3, Parts.WHOLE, 2 * Parts.WHOLE, Parts.MAX),
                Arbitraries.longs().between(0, Parts.WHOLE));
    }

    /** A thousandth of the burst's time, or of 100 ms. */
    static long tick(Share whole, long leastBurst) {
        double burstNanos = 1e9 * leastBurst * whole.seconds() / whole.permits();
        return Math.max(MILLISECONDS.toNanos(100), (long) burstNanos) / 1_000;
    }

    long partsAfter() {
        return parts / 1_000 * after;
    }

    long permits(long burst) {
        return Math.max(1, burst / 1_000 * size);
    }
}
