package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.RateLimiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Random moves and calls, against exact arithmetic. */
class MovingLimiterPropertyTest {

    private static final long FAR = SECONDS.toNanos(1L << 32);

    @Property
    void neverExceedsWhatWasEarnedAndTheLargestBurstInAnyWindow(
            @ForAll("limits") Limit limit,
            @ForAll("parts") long parts,
            @ForAll("steps") List<Step> steps,
            @ForAll long start) {
        assertThat(run(limit, parts, steps, start).keepsToIt(0)).isTrue();
    }

    /** What loops and control do, with clocks that lag behind, and what was let through. */
    private static ExactMoves run(Limit limit, long parts, List<Step> steps, long start) {
        MovingLimiter limiter = limit.limiter(parts, start);
        ExactMoves exact = limit.exact(parts);
        ArrayDeque<long[]> unused = new ArrayDeque<>();
        long tick = limit.tick();
        long now = 0;
        long moved = 0;
        for (Step step : steps) {
            now += step.pause() * tick;
            switch (step.action()) {
                case MOVE -> {
                    long until = now + (step.until() - 100) * tick;
                    limiter.move(step.parts(), start + until, step.partsAfter(), start + now);
                    exact.move(step.parts(), until, step.partsAfter(), now);
                    moved = now;
                }
                case TOTAL -> {
                    Share changed = limit.changed(step.size());
                    limiter.total(
                            changed.permits(), Duration.ofSeconds(changed.seconds()), limit.leastBurst(), start + now);
                    exact.total(changed, now);
                    moved = now;
                }
                case OPEN -> {
                    limiter.open();
                    exact.open(now);
                    moved = now;
                    assertThat(limiter.tryAcquire(Long.MAX_VALUE, start + now)).isZero();
                }
                case TAKE, WAIT_AND_TAKE -> {
                    // A clock that is behind the last move is taken to be there.
                    long at = Math.max(moved, now - step.lagNanos());
                    long permits = step.permits(exact.burst(at));
                    long clock = start + now - step.lagNanos();
                    long told = limiter.peek(permits, clock);
                    long wait = limiter.tryAcquire(permits, clock);
                    assertThat(wait).isEqualTo(told);
                    if (wait > 0 && wait < 10_000 * tick && step.action() == Step.Action.WAIT_AND_TAKE) {
                        now += wait;
                        at = now;
                        clock = start + now;
                        wait = limiter.tryAcquire(permits, clock);
                    }
                    if (wait == 0) {
                        exact.take(at, permits);
                        unused.add(new long[] {at, permits, clock});
                    }
                }
                case GIVE_BACK -> {
                    if (!unused.isEmpty()) {
                        long[] back = step.size() % 2 == 0 ? unused.removeFirst() : unused.removeLast();
                        limiter.giveBack(back[1], back[2], start + now);
                        exact.giveBack(back[0], back[1]);
                    }
                }
            }
        }
        return exact;
    }

    /**
     * Who never rests, through moves, deadlines and changes of the total. A move may come while the wait that was told goes on, and who takes all that fits at once has to wait until nothing of it is
     * missing: each of both may lose the smallest part of a permit.
     */
    @Property
    void givesSteadyDemandItsShareLessOnePpmAtMost(
            @ForAll("limits") Limit limit,
            @ForAll("moves") List<Step> moves,
            @ForAll @IntRange(min = 1, max = 3) int size) {
        long permits = Math.max(
                limit.leastBurst(), limit.whole().permits() / 10 / limit.whole().seconds() / (20L * size));
        Limit sized = new Limit(limit.whole(), permits);
        MovingLimiter limiter = sized.limiter(Parts.WHOLE, 0);
        ExactMoves exact = sized.exact(Parts.WHOLE);
        while (limiter.tryAcquire(permits, 0) == 0) {
            // So that nothing is saved up.
        }
        long now = 0;
        long count = 0;
        int rests = moves.size();
        for (Step move : moves) {
            long next = now + move.pause() * sized.tick();
            for (int i = 0; i < 200 && now < next; i++) {
                long wait = limiter.tryAcquire(permits, now);
                count += wait == 0 ? permits : 0;
                rests += wait == 0 && exact.burst(now) <= permits ? 1 : 0;
                now = Math.min(next, now + wait);
            }
            while (limiter.tryAcquire(permits, now) == 0) {
                count += permits;
                rests += exact.burst(now) <= permits ? 1 : 0;
            }
            long until = now + move.until() * sized.tick();
            limiter.move(move.parts(), until, move.partsAfter(), now);
            exact.move(move.parts(), until, move.partsAfter(), now);
        }
        assertThat(exact.isReachedBy(count, 0, now, permits, rests)).isTrue();
    }

    /** Though nobody moves it, as control is frozen. */
    @Property
    void goesByTheLowerShareFromTheDeadlineOn(
            @ForAll("limits") Limit limit,
            @ForAll("parts") long parts,
            @ForAll("calls") List<Call> calls,
            @ForAll long start) {
        long tick = limit.tick();
        long after = parts / 7;
        long until = 500 * tick;
        MovingLimiter limiter = limit.limiter(Parts.MAX, start);
        limiter.move(parts, start + until, after, start);
        ExactMoves exact = limit.exact(after);
        long now = until;
        for (Call call : calls) {
            now += call.pause() * tick;
            long permits = Math.max(1, exact.burst(now) / 1_000 * call.permits());
            if (limiter.tryAcquire(permits, start + now) == 0) {
                exact.take(now, permits);
            }
        }
        assertThat(exact.keepsToIt(0)).isTrue();
    }

    /** Parts that two nodes pass to each other: away first, and then there. */
    @Property
    void neverExceedsTheTotalTogetherWithTheNodeThatHasTheOtherParts(
            @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls) {
        long half = Parts.WHOLE / 2;
        MovingLimiter[] nodes = {limit.limiter(half, 0), limit.limiter(half, 0)};
        ExactMoves[] exact = {limit.exact(half), limit.exact(half)};
        long[] parts = {half, half};
        long now = 0;
        for (Call call : calls) {
            int from = call.permits() % 2;
            int to = 1 - from;
            long passed = parts[from] / 1_000 * call.permits();
            parts[from] -= passed;
            nodes[from].move(parts[from], FAR, 0, now);
            exact[from].move(parts[from], FAR, 0, now);
            now += ask(nodes, exact, call, now);
            now += call.pause() * limit.tick() / 4;
            now += ask(nodes, exact, call, now);
            parts[to] += passed;
            nodes[to].move(parts[to], FAR, 0, now);
            exact[to].move(parts[to], FAR, 0, now);
            now += ask(nodes, exact, call, now);
        }
        assertThat(exact[0].keepsToIt(0)).isTrue();
        assertThat(exact[1].keepsToIt(0)).isTrue();
        assertThat(ExactMoves.keepTogether(exact[0], exact[1])).isTrue();
    }

    private static long ask(MovingLimiter[] nodes, ExactMoves[] exact, Call call, long now) {
        for (int i = 0; i < nodes.length; i++) {
            long permits = Math.max(1, exact[i].burst(now) / 1_000 * call.permits());
            for (int n = 0; n < 3; n++) {
                if (nodes[i].tryAcquire(permits, now) == 0) {
                    exact[i].take(now, permits);
                }
            }
        }
        return call.pause();
    }

    /** Waits are rounded up, so two may come closer than told by less than a nanosecond; here that is less than a permit. */
    @Property
    void servesALineInTurnWithinAMinuteAndWithinTheShare(
            @ForAll("limits") Limit limit,
            @ForAll("parts") long parts,
            @ForAll("parts") long next,
            @ForAll("calls") List<Call> calls) {
        MovingLimiter limiter = limit.limiter(parts, 0);
        long until = 1_000 * limit.tick();
        limiter.move(parts, until, parts / 3, 0);
        ExactMoves exact = limit.exact(parts);
        exact.move(parts, until, parts / 3, 0);
        long now = reserveAll(limiter, exact, limit, calls, 0);
        assertThat(exact.keepsToIt(nanosecond(limit))).isTrue();

        // The line that is there keeps its places, and no more than it comes on top.
        long promised = promised(limiter, exact, now);
        limiter.move(next, FAR, 0, now);
        exact.move(next, FAR, 0, now);
        reserveAll(limiter, exact, limit, calls, now);
        assertThat(exact.keepsToIt(promised + nanosecond(limit))).isTrue();
    }

    private static long reserveAll(MovingLimiter limiter, ExactMoves exact, Limit limit, List<Call> calls, long start) {
        long now = start;
        long last = start;
        for (Call call : calls) {
            now += call.pause() * limit.tick() / 10;
            long permits = Math.max(1, exact.burst(now) / 1_000 * call.permits());
            long told = limiter.peek(permits, now);
            long wait = limiter.reserve(permits, now);
            if (wait == RateLimiter.NEVER) {
                assertThat(limiter.peek(permits, now)).isEqualTo(told).isPositive();
                continue;
            }
            assertThat(wait).isEqualTo(told).isBetween(0L, MINUTES.toNanos(1));
            assertThat(now + wait).isGreaterThanOrEqualTo(last);
            last = now + wait;
            exact.take(last, permits);
        }
        return now;
    }

    /** What is in line. */
    private static long promised(MovingLimiter limiter, ExactMoves exact, long now) {
        return limiter.peek(1, now) == 0 ? exact.burst(now) : exact.takenAfter(now) + exact.burst(now);
    }

    /** What the largest share of the limit earns in a nanosecond, in permits, rounded up. */
    private static long nanosecond(Limit limit) {
        return 1 + limit.whole().permits() * 16 / limit.whole().seconds() / 1_000_000_000;
    }

    /** A total, and what must fit at once. */
    record Limit(Share whole, long leastBurst) {

        MovingLimiter limiter(long parts, long start) {
            return new MovingLimiter(whole.permits(), Duration.ofSeconds(whole.seconds()), leastBurst, parts, start);
        }

        ExactMoves exact(long parts) {
            return new ExactMoves(whole, leastBurst, parts);
        }

        /** A hundred times as much at most, or another altogether. */
        Share changed(int size) {
            long total = Math.min(100_000_000_000L, Math.max(1, whole.permits() / 10 * size));
            return switch (size % 8) {
                case 0 -> Share.of(100_000_000_000L, 1);
                case 1 -> Share.of(1, Duration.ofHours(1), 1);
                default -> Share.of(total, Duration.ofSeconds(whole.seconds()), 1);
            };
        }

        long tick() {
            return Step.tick(whole, leastBurst);
        }
    }

    @Provide
    Arbitrary<Limit> limits() {
        Arbitrary<Long> round = Arbitraries.of(1L, 7L, 100L, 3_000L, 1_000_000L, 1_000_000_000L, 100_000_000_000L);
        Arbitrary<Share> second = Arbitraries.oneOf(round, Arbitraries.longs().between(1, 100_000_000_000L))
                .map(total -> Share.of(total, 1));
        Arbitrary<Share> hour =
                Arbitraries.longs().between(1, 10_000).map(total -> Share.of(total, Duration.ofHours(1), 1));
        return Combinators.combine(Arbitraries.oneOf(second, hour), Arbitraries.of(1L, 2L, 100L))
                .as(Limit::new);
    }

    @Provide
    Arbitrary<Long> parts() {
        return Step.anyParts();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Step.some();
    }

    /** No less than a 10,000th, or nothing: of less than that the rate may be rounded by more. */
    @Provide
    Arbitrary<List<Step>> moves() {
        return Step.some()
                .map(steps -> steps.stream()
                        .filter(step -> step.partsAfter() == 0 || step.partsAfter() >= Parts.WHOLE / 10_000)
                        .filter(step -> step.parts() == 0 || step.parts() >= Parts.WHOLE / 10_000)
                        .limit(20)
                        .toList());
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        return Call.some().map(calls -> calls.subList(0, Math.min(12, calls.size())));
    }
}
