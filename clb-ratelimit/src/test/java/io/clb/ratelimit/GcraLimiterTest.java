package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clb.contract.Allocation;
import io.clb.contract.Loops;
import io.clb.spi.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class GcraLimiterTest {

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile long last;

    /** A call some time after the one before, in thousandths of the burst. */
    record Call(int pause, int permits) {

        long pauseNanos(Limit limit) {
            return Math.round(limit.burstNanos() / 1_000.0 * pause);
        }

        long permits(Limit limit) {
            return Math.max(1, limit.burst() / 1_000 * permits);
        }
    }

    record Taken(long at, long permits) {}

    @Property
    void neverExceedsTheShareAndABurstInAnyWindow(
            @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        List<Taken> taken = new ArrayList<>();
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            long permits = call.permits(limit);
            long wait = limiter.tryAcquire(permits, now);
            if (wait > 0 && call.pause % 2 == 0) {
                now += wait;
                wait = limiter.tryAcquire(permits, now);
            }
            if (wait == 0) {
                taken.add(new Taken(now, permits));
            }
        }
        for (int from = 0; from < taken.size(); from++) {
            long count = 0;
            for (int to = from; to < taken.size(); to++) {
                count += taken.get(to).permits;
                assertThat(limit.admits(count, taken.get(to).at - taken.get(from).at))
                        .isTrue();
            }
        }
    }

    @Property
    void givesSteadyDemandItsShareLessOnePpmAtMost(
            @ForAll("limits") Limit limit, @ForAll @IntRange(min = 1, max = 1_000) int size, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        long permits = new Call(0, size).permits(limit);
        long now = start;
        long count = 0;
        for (int i = 0; i < 2_000; i++) {
            long wait = limiter.tryAcquire(permits, now);
            now += wait;
            count += wait == 0 ? permits : 0;
        }
        // What was waited for last was not taken: the share was reached when it was asked for.
        assertThat(limit.isReachedBy(count, now - start)).isTrue();
    }

    @Property
    void tellsExactlyHowLongToWait(
            @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit) / 10;
            long permits = call.permits(limit);
            long wait = limiter.tryAcquire(permits, now);
            if (wait > 0) {
                assertThat(limiter.tryAcquire(permits, now + wait - 1)).isEqualTo(1);
                now += wait;
                assertThat(limiter.tryAcquire(permits, now)).isZero();
            }
        }
    }

    @Property
    void worksTheSameWhereverTheClockStandsAndWhenItWraps(
            @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter fromZero = limit.limiter(0);
        RateLimiter fromAnywhere = limit.limiter(start);
        RateLimiter overTheTop = limit.limiter(Long.MAX_VALUE);
        long now = 0;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            long wait = fromZero.tryAcquire(call.permits(limit), now);
            assertThat(fromAnywhere.tryAcquire(call.permits(limit), start + now))
                    .isEqualTo(wait);
            assertThat(overTheTop.tryAcquire(call.permits(limit), Long.MAX_VALUE + now))
                    .isEqualTo(wait);
        }
    }

    @Property
    void neverExceedsTheShareForLoopsWhoseClocksAreUpToASecondApart(
            @ForAll("limits") Limit limit,
            @ForAll("calls") List<Call> calls,
            @ForAll @LongRange(max = 1_000_000_000) long behind) {
        RateLimiter limiter = limit.limiter(0);
        long now = 0;
        long count = 0;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            for (long clock : new long[] {now, now - behind}) {
                count += limiter.tryAcquire(call.permits(limit), clock) == 0 ? call.permits(limit) : 0;
            }
        }
        assertThat(limit.admits(count, now)).isTrue();
    }

    /** Ticks wrap: at worst the burst looks spent to one who comes back just then. */
    @Property
    void makesNobodyWaitForMoreThanABurstAndASecondAfterAnyTimeOfIdleness(
            @ForAll("limits") Limit limit, @ForAll @LongRange(max = Long.MAX_VALUE / 2) long idle) {
        RateLimiter limiter = limit.limiter(0);
        assertThat(limiter.tryAcquire(limit.burst(), 0)).isZero();
        assertThat(limiter.tryAcquire(limit.burst(), limit.burstNanos() + 1 + idle))
                .isLessThanOrEqualTo(limit.burstNanos() + 1 + SECONDS.toNanos(1));
    }

    @Property
    void goesOnAsItsPredecessorWouldHaveWhenTheLimitIsTheSame(
            @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        GcraLimiter first = limit.limiter(start);
        GcraLimiter latest = limit.limiter(start);
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            latest = call.permits % 4 == 0 ? limit.limiter(now).after(latest, now) : latest;
            assertThat(latest.tryAcquire(call.permits(limit), now))
                    .isEqualTo(first.tryAcquire(call.permits(limit), now));
        }
    }

    @Property
    void neverExceedsWhatWasEarnedAndOneBurstHoweverOftenItChanges(
            @ForAll("limits") Limit one, @ForAll("limits") Limit other, @ForAll("calls") List<Call> calls) {
        GcraLimiter limiter = one.limiter(0);
        Limit current = one;
        long now = 0;
        long nanosOfOne = 0;
        long count = 0;
        for (Call call : calls) {
            long pause = call.pauseNanos(current);
            now += pause;
            nanosOfOne += current.equals(one) ? pause : 0;
            count += limiter.tryAcquire(call.permits(current), now) == 0 ? call.permits(current) : 0;
            assertThat(Limit.admit(one, nanosOfOne, other, now - nanosOfOne, count))
                    .isTrue();
            if (call.permits % 4 == 0) {
                current = current.equals(one) ? other : one;
                limiter = current.limiter(now).after(limiter, now);
            }
        }
    }

    @Property
    void isSpentAfterAChangeIfItWasBeforeAndEarnsTheNewShareAtOnce(
            @ForAll("limits") Limit limit, @ForAll("limits") Limit changed, @ForAll long start) {
        GcraLimiter before = limit.limiter(start);
        assertThat(before.tryAcquire(limit.burst(), start)).isZero();
        RateLimiter after = changed.limiter(start).after(before, start);
        assertThat(after.tryAcquire(1, start)).isGreaterThan(0);
        long permits = new Call(0, 500).permits(changed);
        long now = start;
        long count = 0;
        for (int i = 0; i < 200; i++) {
            long wait = after.tryAcquire(permits, now);
            now += wait;
            count += wait == 0 ? permits : 0;
        }
        assertThat(changed.isReachedBy(count, now - start)).isTrue();
    }

    @Property
    void refusesForeverWhatDoesNotFitIntoTheBurst(@ForAll("limits") Limit limit) {
        RateLimiter limiter = limit.limiter(0);
        assertThat(limiter.tryAcquire(limit.burst() + 1, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(limiter.tryAcquire(Long.MAX_VALUE, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(limiter.tryAcquire(limit.burst(), 0)).isZero();
    }

    /** 1,000 a second over eight nodes: not 142 but 1,000/7. */
    @Test
    void letsExactlyAThousandThroughInSevenSeconds() {
        RateLimiter limiter = new GcraLimiter(Share.of(1_000, 8), 1, 0);
        long burst = drain(limiter, 0);
        long count = 0;
        for (long now = 1; now <= SECONDS.toNanos(7); now += MILLISECONDS.toNanos(1)) {
            count += drain(limiter, now);
        }
        count += drain(limiter, SECONDS.toNanos(7));
        assertThat(burst).isEqualTo(14);
        assertThat(count).isEqualTo(1_000);
    }

    @Test
    void isNeverZeroForEver() {
        RateLimiter limiter = new GcraLimiter(Share.of(1, Duration.ofHours(1), 8), 1, 0);
        assertThat(limiter.tryAcquire(1, 0)).isZero();
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(HOURS.toNanos(7));
        assertThat(limiter.tryAcquire(1, HOURS.toNanos(7))).isZero();
    }

    @Test
    void hasRoomForOneReadHoweverSmallTheBandwidth() {
        RateLimiter limiter = new GcraLimiter(Share.of(8_000, 2), 12_000, 0);
        assertThat(limiter.tryAcquire(12_000, 0)).isZero();
        assertThat(limiter.tryAcquire(12_000, 0)).isEqualTo(MILLISECONDS.toNanos(1_500));
    }

    @Test
    void takesNothingWhenItRefuses() {
        RateLimiter limiter = new GcraLimiter(Share.of(100, 1), 1, 0);
        drain(limiter, 0);
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.tryAcquire(1, 0)).isEqualTo(MILLISECONDS.toNanos(10));
        }
    }

    @Test
    void givesEachPermitOnceToLoopsThatAskAllAtOnce() throws InterruptedException {
        RateLimiter limiter = new GcraLimiter(Share.of(20_000_000, 2), 1, 0);
        LongAdder taken = new LongAdder();
        Loops.run(4, loop -> taken.add(drain(limiter, 0)));
        assertThat(taken.sum()).isEqualTo(2_000_000);
    }

    @Test
    void takesAndRefusesWithoutAllocating() {
        RateLimiter limiter = new GcraLimiter(Share.of(1_000_000, 2), 1, 0);
        assertThat(Allocation.bytesPerCall(() -> last = limiter.tryAcquire(1, last)))
                .isLessThan(1);
    }

    @Test
    void refusesABurstThatItCannotCount() {
        Share slowest = Share.of(1, Duration.ofHours(1), 10_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GcraLimiter(slowest, 1_500 * 8, 0))
                .withMessage("leastBurst: 12000 (expected: 1 to 128)");
        assertThatIllegalArgumentException().isThrownBy(() -> new GcraLimiter(slowest, 0, 0));
    }

    private static long drain(RateLimiter limiter, long now) {
        long count = 0;
        while (limiter.tryAcquire(1, now) == 0) {
            count++;
        }
        return count;
    }

    /** From one an hour to 100 Gbit/s, round totals and odd ones. */
    @Provide
    Arbitrary<Limit> limits() {
        Arbitrary<Long> round =
                Arbitraries.of(1L, 7L, 100L, 3_000L, 1_000_000L, 10_000_000L, 1_000_000_000L, 100_000_000_000L);
        Arbitrary<Long> odd = Arbitraries.longs().between(1, 100_000_000_000L);
        Arbitrary<Integer> nodes = Arbitraries.integers().between(1, 10_000);
        Arbitrary<Share> perSecond =
                Combinators.combine(Arbitraries.oneOf(round, odd), nodes).as(Share::of);
        Arbitrary<Share> perHour = Combinators.combine(Arbitraries.longs().between(1, 10_000), nodes)
                .as((total, n) -> Share.of(total, Duration.ofHours(1), n));
        return Combinators.combine(Arbitraries.oneOf(perSecond, perHour), Arbitraries.of(1L, 2L, 100L))
                .as(Limit::of);
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        Arbitrary<Integer> pauses = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 100), Arbitraries.integers().between(0, 2_000));
        return Combinators.combine(pauses, Arbitraries.integers().between(1, 1_000))
                .as(Call::new)
                .list()
                .ofMaxSize(40);
    }
}
