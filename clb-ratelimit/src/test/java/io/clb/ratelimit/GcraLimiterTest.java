package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clb.contract.Allocation;
import io.clb.contract.Loops;
import io.clb.spi.RateLimiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class GcraLimiterTest {

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile long last;

    @Property
    void neverExceedsTheShareAndABurstInAnyWindow(
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        Admissions taken = new Admissions();
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            long permits = call.permits(limit);
            long wait = limiter.tryAcquire(permits, now);
            if (wait > 0 && call.pause() % 2 == 0) {
                now += wait;
                wait = limiter.tryAcquire(permits, now);
            }
            if (wait == 0) {
                taken.add(now, permits);
            }
        }
        assertThat(taken.keepTo(limit)).isTrue();
    }

    @Property
    void givesSteadyDemandItsShareLessOnePpmAtMost(
            @ForAll("limits") ExactLimit limit, @ForAll @IntRange(min = 1, max = 1_000) int size, @ForAll long start) {
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
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
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
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
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
            @ForAll("limits") ExactLimit limit,
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

    /** Words wrap: at worst there seems to be a line for one who comes back just then. */
    @Property
    void makesNobodyWaitForMoreThanABurstAndALineAfterAnyTimeOfIdleness(
            @ForAll("limits") ExactLimit limit, @ForAll @LongRange(max = Long.MAX_VALUE / 2) long idle) {
        RateLimiter limiter = limit.limiter(0);
        assertThat(limiter.tryAcquire(limit.burst(), 0)).isZero();
        assertThat(limiter.tryAcquire(limit.burst(), limit.burstNanos() + 1 + idle))
                .isLessThanOrEqualTo(limit.burstNanos() + 1 + SECONDS.toNanos(61));
    }

    /** The part of a unit that is lost may cost a nanosecond. */
    @Property
    void goesOnAsItsPredecessorWouldHaveWhenTheLimitIsTheSame(
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        GcraLimiter latest = limit.limiter(start);
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            GcraLimiter next = limit.limiter(now, latest);
            for (long permits : new long[] {1, call.permits(limit)}) {
                long wait = latest.peek(permits, now);
                assertThat(next.peek(permits, now)).isBetween(wait, wait + 1);
            }
            latest = next;
            latest.tryAcquire(call.permits(limit), now);
        }
    }

    @Property
    void neverExceedsWhatWasEarnedAndOneBurstHoweverOftenItChanges(
            @ForAll("limits") ExactLimit one, @ForAll("limits") ExactLimit other, @ForAll("calls") List<Call> calls) {
        GcraLimiter limiter = one.limiter(0);
        ExactLimit current = one;
        long now = 0;
        long nanosOfOne = 0;
        long count = 0;
        for (Call call : calls) {
            long pause = call.pauseNanos(current);
            now += pause;
            nanosOfOne += current.equals(one) ? pause : 0;
            count += limiter.tryAcquire(call.permits(current), now) == 0 ? call.permits(current) : 0;
            assertThat(ExactLimit.admit(one, nanosOfOne, other, now - nanosOfOne, count))
                    .isTrue();
            if (call.permits() % 4 == 0) {
                current = current.equals(one) ? other : one;
                limiter = current.limiter(now, limiter);
            }
        }
    }

    @Property
    void isSpentAfterAChangeIfItWasBeforeAndEarnsTheNewShareAtOnce(
            @ForAll("limits") ExactLimit limit, @ForAll("limits") ExactLimit changed, @ForAll long start) {
        GcraLimiter before = limit.limiter(start);
        assertThat(before.tryAcquire(limit.burst(), start)).isZero();
        RateLimiter after = changed.limiter(start, before);
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
    void tellsWhatTakingWouldReturn(
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            long told = limiter.peek(call.permits(limit), now);
            assertThat(limiter.peek(call.permits(limit), now)).isEqualTo(told);
            assertThat(limiter.tryAcquire(call.permits(limit), now)).isEqualTo(told);
        }
    }

    /** Waits are rounded up, so two may come closer than told by less than a nanosecond. */
    @Property
    void servesALineInTurnAndWithinTheShare(
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        Admissions used = new Admissions();
        long now = start;
        long last = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit) / 10;
            long permits = call.permits(limit);
            long told = limiter.peek(permits, now);
            long wait = limiter.reserve(permits, now);
            if (wait == RateLimiter.NEVER) {
                assertThat(told).isGreaterThan(MINUTES.toNanos(1));
                assertThat(limiter.peek(permits, now)).isEqualTo(told);
                continue;
            }
            assertThat(wait).isEqualTo(told).isBetween(0L, MINUTES.toNanos(1));
            assertThat(now + wait - last).isNotNegative();
            last = now + wait;
            used.add(last, permits);
        }
        assertThat(used.keepTo(limit, 1)).isTrue();
    }

    @Property
    void losesNothingOfTheShareInALine(
            @ForAll("limits") ExactLimit limit, @ForAll @IntRange(min = 1, max = 500) int size) {
        RateLimiter limiter = limit.limiter(0);
        long permits = new Call(0, size).permits(limit);
        long now = 0;
        long count = 0;
        for (int i = 0; i < 1_000; i++) {
            long wait = limiter.reserve(permits, now);
            if (wait == RateLimiter.NEVER) {
                now += limiter.tryAcquire(permits, now);
                continue;
            }
            now += wait;
            count += permits;
        }
        assertThat(limit.isReachedBy(count, now)).isTrue();
    }

    /** What was given back was not let through: the rest keeps to the limit as if it had never been taken. */
    @Property
    void makesNoPermitOfWhatIsGivenBack(
            @ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls, @ForAll long start) {
        RateLimiter limiter = limit.limiter(start);
        Admissions used = new Admissions();
        ArrayDeque<Long> pending = new ArrayDeque<>();
        long now = start;
        for (Call call : calls) {
            now += call.pauseNanos(limit) / 50;
            long permits = call.permits(limit);
            if (limiter.tryAcquire(permits, now) == 0) {
                used.add(now, permits);
                if (call.pause() % 2 == 0) {
                    pending.add(now);
                    pending.add(permits);
                }
            }
            if (call.pause() % 3 == 0 && !pending.isEmpty()) {
                long taken = pending.remove();
                long back = pending.remove();
                limiter.giveBack(back, taken, now);
                used.remove(taken, back);
            }
        }
        assertThat(used.keepTo(limit)).isTrue();
    }

    @Property
    void takesBackAllThatIsReturnedAtOnce(@ForAll("limits") ExactLimit limit, @ForAll("calls") List<Call> calls) {
        RateLimiter limiter = limit.limiter(0);
        long now = 0;
        for (Call call : calls) {
            now += call.pauseNanos(limit);
            long before = limiter.peek(limit.burst(), now);
            if (limiter.tryAcquire(call.permits(limit), now) == 0) {
                limiter.giveBack(call.permits(limit), now, now);
                // The part of a unit that is lost by who comes after a pause.
                assertThat(limiter.peek(limit.burst(), now)).isBetween(before, before + 1);
            }
            limiter.tryAcquire(Math.max(1, call.permits(limit) / 2), now);
        }
    }

    @Test
    void losesWhatWasEarnedAgainBeforeItIsGivenBack() {
        RateLimiter limiter = new GcraLimiter(Share.of(100, 1), 1, 0);
        assertThat(limiter.tryAcquire(10, 0)).isZero();
        limiter.giveBack(2, 0, MILLISECONDS.toNanos(5));
        assertThat(drain(limiter, MILLISECONDS.toNanos(5))).isEqualTo(2);
        limiter.giveBack(2, 0, MILLISECONDS.toNanos(20));
        assertThat(drain(limiter, MILLISECONDS.toNanos(20))).isOne();
    }

    @Property
    void letsABurstThroughAtMostAfterAJumpOfTheClock(
            @ForAll("limits") ExactLimit limit,
            @ForAll @LongRange(min = -1_000_000_000L, max = Long.MAX_VALUE / 2) long jump) {
        RateLimiter limiter = limit.limiter(0);
        long step = Math.max(1, limit.burst() / 10);
        long count = 0;
        while (limiter.tryAcquire(step, 0) == 0) {
            count += step;
        }
        assertThat(count).isLessThanOrEqualTo(limit.burst());
        long after = 0;
        while (limiter.tryAcquire(step, jump) == 0) {
            after += step;
        }
        assertThat(after).isLessThanOrEqualTo(jump < 0 ? 0 : limit.burst());
    }

    /** Which no clock should: it gives one burst more at most, and nobody waits longer than in a line. */
    @Property
    void neitherGivesAllAwayNorRefusesForEverWhenTheClockGoesBack(
            @ForAll("limits") ExactLimit limit, @ForAll @LongRange(min = Long.MIN_VALUE / 2, max = -1) long back) {
        RateLimiter limiter = limit.limiter(0);
        assertThat(limiter.tryAcquire(limit.burst(), 0)).isZero();
        long wait = limiter.tryAcquire(limit.burst(), back);
        assertThat(wait).isLessThanOrEqualTo(limit.burstNanos() + 1 + SECONDS.toNanos(61));
        if (wait == 0) {
            assertThat(limiter.tryAcquire(1, back)).as("after one burst").isPositive();
        } else {
            assertThat(limiter.tryAcquire(limit.burst(), back + wait)).isZero();
        }
    }

    @Property
    void refusesForeverWhatDoesNotFitIntoTheBurst(@ForAll("limits") ExactLimit limit) {
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

    /** Whatever comes between reading the clock and taking: at the end, exactly what was earned is gone. */
    @Test
    void losesAndMakesNoPermitWhenLoopsAskAllAtOnceWhileTimeGoesOn() throws InterruptedException {
        ExactLimit limit = new ExactLimit(Share.of(3_333_333, 3), 1);
        RateLimiter limiter = limit.limiter(0);
        AtomicLong clock = new AtomicLong();
        LongAdder taken = new LongAdder();
        taken.add(drain(limiter, 0));
        Loops.run(4, loop -> {
            for (int i = 0; i < 200_000; i++) {
                long now = clock.addAndGet(100);
                taken.add(limiter.tryAcquire(1, now) == 0 ? 1 : 0);
            }
        });
        taken.add(drain(limiter, clock.get()));
        assertThat(taken.sum()).isEqualTo(limit.most(clock.get()));
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
                .withMessage("leastBurst: 12000 (expected: 1 to 64, what is earned in 73 years at most)");
        assertThatIllegalArgumentException().isThrownBy(() -> new GcraLimiter(slowest, 0, 0));
    }

    private static long drain(RateLimiter limiter, long now) {
        long count = 0;
        while (limiter.tryAcquire(1, now) == 0) {
            count++;
        }
        return count;
    }

    @Provide
    Arbitrary<ExactLimit> limits() {
        return ExactLimit.any();
    }

    @Provide
    Arbitrary<List<Call>> calls() {
        return Call.some();
    }
}
