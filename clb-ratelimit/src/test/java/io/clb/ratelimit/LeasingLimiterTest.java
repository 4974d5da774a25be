package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.contract.Allocation;
import io.clb.contract.Loops;
import io.clb.spi.RateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LeasingLimiterTest {

    /** 10,000 a second, 1,000 at once, for 4 loops: batches of 62, and 752 at once for one loop. */
    private static final ExactLimit LIMIT = new ExactLimit(Share.of(10_000, 2), 1);

    private static final int LOOPS = 4;
    private static final long BATCH = 62;

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile long last;

    /** A loop asks some time after the call before, and gives back what it got if it is told so. */
    record Ask(int loop, int pause, int permits, boolean returned) {}

    @Property
    void neverExceedTogetherTheShareAndABurstInAnyWindow(
            @ForAll("limits") ExactLimit limit, @ForAll("asks") List<Ask> asks, @ForAll long start) {
        List<LeasingLimiter> loops = loops(limit, LOOPS, start);
        Admissions used = new Admissions();
        long now = start;
        for (Ask ask : asks) {
            now += limit.burstNanos() / 10_000 * ask.pause;
            LeasingLimiter limiter = loops.get(ask.loop);
            // What is less than a batch, and what is more.
            for (long permits : new long[] {ask.permits, limit.burst() / 200 * ask.permits + 1}) {
                long told = limiter.peek(permits, now);
                assertThat(limiter.tryAcquire(permits, now)).isEqualTo(told);
                if (told == 0 && ask.returned) {
                    limiter.giveBack(permits, now - ask.pause, now);
                } else if (told == 0) {
                    used.add(now, permits);
                } else if (ask.pause % 3 == 0 && told != RateLimiter.NEVER) {
                    now += told;
                    assertThat(limiter.tryAcquire(permits, now)).isZero();
                    used.add(now, permits);
                }
            }
        }
        assertThat(used.keepTo(limit)).isTrue();
    }

    @Property
    void giveSteadyDemandItsShareLessABatchPerLoop(
            @ForAll("limits") ExactLimit limit, @ForAll @IntRange(min = 1, max = LOOPS) int asking) {
        List<LeasingLimiter> loops = loops(limit, LOOPS, 0);
        long step = limit.burstNanos() / 500;
        long count = 0;
        long now = 0;
        for (int i = 0; i < 1_000; i++) {
            now += step;
            LeasingLimiter limiter = loops.get(i % asking);
            // All there is, but for less than a permit: by ever smaller parts.
            for (long size = limit.burst() / 4; size > 0; size /= 2) {
                while (limiter.tryAcquire(size, now) == 0) {
                    count += size;
                }
            }
        }
        assertThat(limit.isReachedBy(count, now, 1 + loops.get(0).batch() * LOOPS))
                .isTrue();
    }

    @Property
    void goOnFromWhatIsFreeWhenALimitChanges(
            @ForAll("limits") ExactLimit one, @ForAll("limits") ExactLimit other, @ForAll("asks") List<Ask> asks) {
        GcraLimiter limiter = new GcraLimiter(one.share(), one.leastBurst(), LOOPS, 0, null);
        ExactLimit current = one;
        long now = 0;
        long nanosOfOne = 0;
        long count = 0;
        for (Ask ask : asks) {
            long pause = current.burstNanos() / 10_000 * ask.pause;
            now += pause;
            nanosOfOne += current.equals(one) ? pause : 0;
            long permits = current.burst() / 200 * ask.permits;
            count += limiter.onLoop(ask.loop).tryAcquire(permits, now) == 0 ? permits : 0;
            count += limiter.onLoop(ask.loop).tryAcquire(1, now) == 0 ? 1 : 0;
            assertThat(ExactLimit.admit(one, nanosOfOne, other, now - nanosOfOne, count))
                    .isTrue();
            if (ask.returned) {
                current = current.equals(one) ? other : one;
                limiter = new GcraLimiter(current.share(), current.leastBurst(), LOOPS, now, limiter);
            }
        }
    }

    @Test
    void leaseToOneLoopAllThatIsNotKeptForBatches() {
        List<LeasingLimiter> loops = loops(LIMIT, LOOPS, 0);
        assertThat(loops.get(0).batch()).isEqualTo(BATCH);
        assertThat(drain(loops.get(0), 0)).isEqualTo(1_000 - LOOPS * BATCH);
        assertThat(drain(loops.get(1), 0)).isZero();
        assertThat(drain(loops.get(1), MILLISECONDS.toNanos(1))).isEqualTo(10);
    }

    /** What each of them holds at last is used at once with all that the word has. */
    @Test
    void spendWhatTheyHoldAndTheBurstAtOnce() {
        List<LeasingLimiter> loops = loops(LIMIT, LOOPS, 0);
        loops.forEach(loop -> assertThat(loop.tryAcquire(1, 0)).isZero());
        long count = loops.stream()
                .mapToLong(loop -> drain(loop, SECONDS.toNanos(1)))
                .sum();
        assertThat(count).isEqualTo(1_000 - LOOPS);
    }

    @Test
    void takeAllOrNone() {
        LeasingLimiter limiter = loops(LIMIT, LOOPS, 0).get(0);
        assertThat(limiter.tryAcquire(753, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(limiter.peek(753, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(limiter.tryAcquire(1, 0)).isZero();
        assertThat(limiter.tryAcquire(740, 0)).isZero();
        assertThat(limiter.tryAcquire(12, 0)).isEqualTo(MILLISECONDS.toNanos(1) / 10);
        assertThat(limiter.tryAcquire(11, 0)).isZero();
    }

    @Test
    void holdAgainWhatIsGivenBack() {
        LeasingLimiter limiter = loops(LIMIT, LOOPS, 0).get(0);
        assertThat(drain(limiter, 0)).isEqualTo(752);
        limiter.giveBack(40, 0, 0);
        limiter.giveBack(40, 0, MILLISECONDS.toNanos(1) / 2);
        // 62 fit; of the 18 others 5 have been earned again.
        assertThat(drain(limiter, MILLISECONDS.toNanos(1) / 2)).isEqualTo(BATCH + 18);
    }

    @Test
    void waitInALineForAllOrForNone() {
        LeasingLimiter limiter = loops(LIMIT, LOOPS, 0).get(0);
        assertThat(limiter.reserve(752, 0)).isZero();
        assertThat(limiter.reserve(10, 0)).isEqualTo(MILLISECONDS.toNanos(1));
        assertThat(limiter.reserve(10, 0)).isEqualTo(MILLISECONDS.toNanos(2));
        assertThat(limiter.reserve(753, 0)).isEqualTo(RateLimiter.NEVER);
    }

    @Test
    void areMadeOnceForEachLoopAndOnlyWhereABatchIsMoreThanOnePermit() {
        GcraLimiter limiter = new GcraLimiter(LIMIT.share(), 1, LOOPS, 0, null);
        assertThat(limiter.onLoop(0)).isSameAs(limiter.onLoop(0)).isNotSameAs(limiter.onLoop(1));
        assertThatThrownBy(() -> limiter.onLoop(LOOPS)).isInstanceOf(IndexOutOfBoundsException.class);
        GcraLimiter slow = new GcraLimiter(Share.of(310, 1), 1, LOOPS, 0, null);
        assertThat(slow.onLoop(0)).isSameAs(slow);
        GcraLimiter atOnce = new GcraLimiter(LIMIT.share(), 1_000, LOOPS, 0, null);
        assertThat(atOnce.onLoop(0)).isSameAs(atOnce);
        GcraLimiter barely = new GcraLimiter(LIMIT.share(), 992, LOOPS, 0, null);
        assertThat(barely.onLoop(0).tryAcquire(992, 0)).isZero();
    }

    /** Each keeps time on its own; at the end exactly what was earned is gone, but for what is kept for batches. */
    @Test
    void loseAndMakeNoPermitWhenLoopsAskAllAtOnce() throws InterruptedException {
        ExactLimit limit = new ExactLimit(Share.of(3_333_333, 3), 1);
        List<LeasingLimiter> loops = loops(limit, LOOPS, 0);
        AtomicLong clock = new AtomicLong();
        LongAdder taken = new LongAdder();
        loops.forEach(limiter -> taken.add(drain(limiter, 0)));
        Loops.run(LOOPS, loop -> {
            for (int i = 0; i < 200_000; i++) {
                long now = clock.addAndGet(100);
                taken.add(loops.get(loop).tryAcquire(1, now) == 0 ? 1 : 0);
            }
        });
        loops.forEach(limiter -> taken.add(drain(limiter, clock.get())));
        assertThat(taken.sum())
                .isEqualTo(limit.most(clock.get()) - LOOPS * loops.get(0).batch());
    }

    @Test
    void takeWithoutAllocating() {
        LeasingLimiter limiter = loops(LIMIT, LOOPS, 0).get(0);
        assertThat(Allocation.bytesPerCall(() -> last = limiter.tryAcquire(1, last)))
                .isLessThan(1);
    }

    private static List<LeasingLimiter> loops(ExactLimit limit, int loops, long now) {
        GcraLimiter limiter = new GcraLimiter(limit.share(), limit.leastBurst(), loops, now, null);
        return new ArrayList<>(IntStream.range(0, loops)
                .mapToObj(loop -> (LeasingLimiter) limiter.onLoop(loop))
                .toList());
    }

    private static long drain(RateLimiter limiter, long now) {
        long count = 0;
        while (limiter.tryAcquire(1, now) == 0) {
            count++;
        }
        return count;
    }

    /** Those that are large enough: 400 at once or more. */
    @Provide
    Arbitrary<ExactLimit> limits() {
        Arbitrary<Long> totals = Arbitraries.oneOf(
                Arbitraries.of(4_000L, 10_000L, 33_333L, 1_000_000L, 100_000_000_000L),
                Arbitraries.longs().between(4_000, 100_000_000_000L));
        return totals.map(total -> new ExactLimit(Share.of(total, 1), 1));
    }

    @Provide
    Arbitrary<List<Ask>> asks() {
        Arbitrary<Integer> pauses =
                Arbitraries.oneOf(Arbitraries.just(0), Arbitraries.integers().between(0, 2_000));
        return Combinators.combine(
                        Arbitraries.integers().between(0, LOOPS - 1),
                        pauses,
                        Arbitraries.integers().between(1, 50),
                        Arbitraries.integers().between(0, 3).map(dice -> dice == 0))
                .as(Ask::new)
                .list()
                .ofMaxSize(60);
    }
}
