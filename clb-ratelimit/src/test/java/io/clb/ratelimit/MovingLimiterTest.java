package io.clb.ratelimit;

import static io.clb.ratelimit.Parts.WHOLE;
import static io.clb.spi.RateLimiter.NEVER;
import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.clb.contract.Allocation;
import io.clb.contract.Loops;
import io.clb.spi.RateLimiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class MovingLimiterTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long FAR = SECONDS.toNanos(1L << 32);
    private static final long MS = MILLISECONDS.toNanos(1);

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile long last;

    /** 100 at once of 1,000 a second become 10 of 100. */
    @Test
    void cutsWhatWasSavedUpToTheBurstOfASmallerShare() {
        MovingLimiter limiter = thousand(0);
        limiter.move(WHOLE / 10, FAR, 0, 0);
        long burst = 9; // of 99.99
        assertThat(limiter.tryAcquire(burst + 1, 0)).isEqualTo(NEVER);
        assertThat(drain(limiter, 0)).isEqualTo(burst);
        assertThat(drain(limiter, 1_000 * MS)).isEqualTo(burst);
    }

    @Test
    void keepsWhatWasSavedUpAndFitsIntoASmallerBurst() {
        MovingLimiter limiter = thousand(0);
        assertThat(limiter.tryAcquire(93, 0)).isZero();
        limiter.move(WHOLE / 8, FAR, 0, 0);
        assertThat(drain(limiter, 0)).isEqualTo(7);
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(8 * MS);
    }

    @Test
    void hasALargerBurstEarned() {
        MovingLimiter limiter = new MovingLimiter(1_000, SECOND, 1, WHOLE / 8, 0);
        assertThat(limiter.tryAcquire(2, 0)).isZero();
        limiter.move(WHOLE, FAR, 0, 0);
        assertThat(drain(limiter, 0)).isEqualTo(10);
        assertThat(limiter.tryAcquire(100, 0)).isEqualTo(100 * MS - MS / 2);
        assertThat(drain(limiter, 1_000 * MS)).isEqualTo(100);
    }

    /** Whatever comes in between: a share to and fro leaves what was there, or what fitted into the smallest burst. */
    @Test
    void makesNoPermitHoweverOftenTheShareMoves() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        for (int i = 0; i < 1_000; i++) {
            limiter.move(i % 2 == 0 ? 4 * WHOLE : i % 3 * WHOLE / 8, FAR, 0, 0);
            assertThat(limiter.tryAcquire(1, 0)).isPositive();
        }
    }

    /** 1,000/7 a second, with moves at odd times. */
    @Test
    void losesNothingByMoves() {
        MovingLimiter limiter = new MovingLimiter(1_000, Duration.ofSeconds(7), 1, WHOLE, 0);
        drain(limiter, 0);
        long count = 0;
        long end = SECONDS.toNanos(700);
        for (long now = 0; now < end; now += 33_333_333) {
            limiter.move(WHOLE, now + 300 * MS, WHOLE / 2, now);
            count += drain(limiter, now);
        }
        limiter.move(WHOLE, FAR, 0, end);
        count += drain(limiter, end);
        assertThat(count).isEqualTo(100_000);
    }

    /** Frozen for an hour, and nobody has moved it since. */
    @Test
    void findsItselfWithTheLowerShareAfterTheDeadlineWhereverTheClockStands() {
        for (long start : new long[] {0, -1, Long.MAX_VALUE, Long.MAX_VALUE - SECONDS.toNanos(1), Long.MIN_VALUE}) {
            MovingLimiter limiter = thousand(start);
            long until = start + SECONDS.toNanos(2);
            limiter.move(WHOLE, until, WHOLE / 8, start);
            assertThat(drain(limiter, until - MS)).isEqualTo(100);
            assertThat(drain(limiter, until + HOURS.toNanos(1))).isEqualTo(12);
            assertThat(limiter.tryAcquire(13, until + HOURS.toNanos(1))).isEqualTo(NEVER);
            assertThat(limiter.tryAcquire(9, until + HOURS.toNanos(1))).isBetween(68 * MS, 72 * MS);
        }
    }

    /** 10 are earned until the deadline, and the other 2 take 8 ms each. */
    @Test
    void tellsWaitsThatGoBeyondTheDeadline() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        limiter.move(WHOLE, 10 * MS, WHOLE / 8, 0);
        assertThat(limiter.peek(9, 0)).isEqualTo(9 * MS);
        assertThat(limiter.peek(10, 0)).isEqualTo(10 * MS);
        assertThat(limiter.peek(12, 0)).isEqualTo(26 * MS);
        assertThat(limiter.reserve(12, 0)).isEqualTo(26 * MS);
        assertThat(limiter.tryAcquire(1, 26 * MS)).isEqualTo(8 * MS);
    }

    @Test
    void holdsTheLaterShareAtOnceIfTheDeadlineIsPast() {
        MovingLimiter limiter = thousand(SECONDS.toNanos(5));
        limiter.move(WHOLE, SECONDS.toNanos(5), WHOLE / 8, SECONDS.toNanos(5));
        assertThat(drain(limiter, SECONDS.toNanos(5))).isEqualTo(12);
        limiter.total(2_000, SECOND, 1, SECONDS.toNanos(6));
        assertThat(drain(limiter, SECONDS.toNanos(7))).isEqualTo(25);
    }

    @Test
    void earnsNothingWithoutParts() {
        MovingLimiter limiter = new MovingLimiter(1_000, SECOND, 5, WHOLE, 0);
        limiter.move(0, FAR, 0, 0);
        assertThat(drain(limiter, 0)).isEqualTo(5);
        long later = HOURS.toNanos(1);
        assertThat(limiter.tryAcquire(5, later)).isEqualTo(100 * MS);
        assertThat(limiter.peek(1, later)).isEqualTo(100 * MS);
        assertThat(limiter.reserve(1, later)).isEqualTo(NEVER);
        assertThat(limiter.tryAcquire(6, later)).isEqualTo(NEVER);
        limiter.move(WHOLE, FAR, 0, later);
        assertThat(limiter.tryAcquire(1, later)).isEqualTo(MS);
    }

    /** What would come up after the deadline may never come up. */
    @Test
    void promisesNoPlaceBeyondADeadlineAfterWhichNothingIsEarned() {
        MovingLimiter limiter = new MovingLimiter(1_000, SECOND, 10, WHOLE, 0);
        drain(limiter, 0);
        limiter.move(WHOLE, 10 * MS, 0, 0);
        assertThat(limiter.reserve(10, 0)).isEqualTo(10 * MS);
        assertThat(limiter.reserve(1, 0)).isEqualTo(NEVER);
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(100 * MS);
    }

    /** Nobody gets more at once than fits into the burst when his turn comes. */
    @Test
    void promisesNothingThatDoesNotFitIntoTheBurstAfterTheDeadline() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        limiter.move(WHOLE, 10 * MS, WHOLE / 8, 0);
        assertThat(limiter.reserve(13, 0)).isEqualTo(NEVER);
        assertThat(limiter.reserve(12, 0)).isEqualTo(26 * MS);
    }

    @Test
    void tellsADayAtMost() {
        MovingLimiter limiter = new MovingLimiter(1, Duration.ofHours(1), 1, WHOLE / 10_000, 0);
        assertThat(limiter.tryAcquire(1, 0)).isZero();
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(HOURS.toNanos(24));
        assertThat(limiter.tryAcquire(1, HOURS.toNanos(9_999)))
                .isBetween(HOURS.toNanos(1), HOURS.toNanos(1) + MINUTES.toNanos(1));
        assertThat(limiter.tryAcquire(1, HOURS.toNanos(10_001))).isZero();
    }

    @Test
    void keepsTheLineThroughMovesAndHasItPaid() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        assertThat(limiter.reserve(100, 0)).isEqualTo(100 * MS);
        assertThat(limiter.reserve(100, 0)).isEqualTo(200 * MS);
        limiter.move(WHOLE / 8, FAR, 0, 0);
        // 200 were promised: the 201st is earned in 1.6 s.
        assertThat(limiter.reserve(1, 0)).isEqualTo(1_608 * MS);
        limiter.move(WHOLE, FAR, 0, 0);
        assertThat(limiter.reserve(1, 0)).isEqualTo(202 * MS);
    }

    /** A minute's line becomes one of eight, which nobody can join. */
    @Test
    void letsNobodyWaitForMoreThanAMinute() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        while (limiter.reserve(100, 0) != NEVER) {
            assertThat(limiter.peek(1, 0)).isLessThanOrEqualTo(MINUTES.toNanos(1) + MS);
        }
        limiter.move(WHOLE / 8, FAR, 0, 0);
        assertThat(limiter.reserve(1, 0)).isEqualTo(NEVER);
        assertThat(limiter.reserve(1, MINUTES.toNanos(7) - MS)).isEqualTo(NEVER);
        assertThat(limiter.reserve(1, MINUTES.toNanos(7) + 8 * MS)).isEqualTo(MINUTES.toNanos(1));
    }

    @Test
    void takesAClockThatIsBehindTheLastMoveToBeThere() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        limiter.move(2 * WHOLE, FAR, 0, 1_000 * MS);
        assertThat(drain(limiter, 0)).isEqualTo(100);
        // By its own clock.
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(1_000 * MS + MS / 2);
        assertThat(limiter.reserve(1, 0)).isEqualTo(1_000 * MS + MS / 2);
        assertThat(limiter.tryAcquire(1, 1_000 * MS + MS / 2)).isEqualTo(MS / 2);
    }

    @Test
    void limitsNothingWhileItIsOpen() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        limiter.open();
        limiter.total(100, SECOND, 1, 0);
        limiter.open();
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.peek(Long.MAX_VALUE, 0)).isZero();
            assertThat(limiter.tryAcquire(Long.MAX_VALUE, 0)).isZero();
            assertThat(limiter.reserve(Long.MAX_VALUE, 0)).isZero();
        }
        limiter.giveBack(1_000, 0, 0);
        limiter.move(WHOLE, FAR, 0, 0);
        limiter.giveBack(1_000, 0, 0);
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(10 * MS);
        assertThat(drain(limiter, 1_000 * MS)).isEqualTo(10);
    }

    /** What was free stays free, and grows at the new rate. */
    @Test
    void changesTheTotalAndLeavesTheParts() {
        MovingLimiter limiter = new MovingLimiter(1_000, SECOND, 1, WHOLE / 2, 0);
        limiter.move(WHOLE / 2, 10 * MS, WHOLE / 8, 0);
        assertThat(limiter.tryAcquire(40, 0)).isZero();
        limiter.total(4_000, SECOND, 1, 0);
        assertThat(drain(limiter, 0)).isEqualTo(10);
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(MS / 2);
        // 20 until the deadline, and then 500 a second.
        assertThat(limiter.peek(21, 0)).isEqualTo(12 * MS);
        limiter.total(1, Duration.ofHours(1), 1, 20 * MS);
        assertThat(drain(limiter, 20 * MS)).isOne();
        assertThat(limiter.tryAcquire(1, 20 * MS)).isBetween(HOURS.toNanos(7), HOURS.toNanos(8) + 1);
        limiter.total(100_000_000_000L, SECOND, 1, 20 * MS);
        assertThat(drain(limiter, 20 * MS)).isZero();
        assertThat(limiter.tryAcquire(12_500, 20 * MS)).isBetween(1L, 1_000L);
    }

    @Test
    void takesBackAllThatIsReturnedAtOnceAlsoAcrossAMoveOfNothing() {
        MovingLimiter limiter = thousand(0);
        limiter.move(WHOLE, 300 * MS, 0, 20 * MS);
        assertThat(limiter.tryAcquire(100, 50 * MS)).isZero();
        limiter.move(WHOLE, 350 * MS, 0, 50 * MS);
        limiter.giveBack(100, 50 * MS, 50 * MS);
        assertThat(limiter.tryAcquire(100, 50 * MS)).isZero();
        limiter.giveBack(100, 50 * MS, 60 * MS);
        assertThat(drain(limiter, 60 * MS)).isEqualTo(100);
    }

    /** The one who took next began at what the smaller burst had left. */
    @Test
    void makesNoPermitOfWhatIsGivenBackAfterACut() {
        MovingLimiter limiter = thousand(0);
        assertThat(limiter.tryAcquire(5, 0)).isZero();
        limiter.move(WHOLE / 8, FAR, 0, 0);
        assertThat(limiter.tryAcquire(12, 0)).isZero();
        limiter.giveBack(5, 0, 0);
        assertThat(limiter.tryAcquire(1, 0)).isPositive();
    }

    @Test
    void losesWhatIsGivenBackLate() {
        MovingLimiter limiter = new MovingLimiter(1, Duration.ofHours(1), 10, WHOLE, 0);
        assertThat(limiter.tryAcquire(10, 0)).isZero();
        limiter.giveBack(4, 0, MINUTES.toNanos(1) + 1);
        assertThat(limiter.tryAcquire(1, MINUTES.toNanos(1) + 1)).isPositive();
        long moved = MINUTES.toNanos(2);
        limiter.move(WHOLE, FAR, 0, moved);
        long again = moved + 100 * MS;
        limiter.move(WHOLE, FAR, 0, again);
        limiter.giveBack(4, moved, again);
        assertThat(limiter.tryAcquire(1, again)).isPositive();
        limiter.giveBack(4, moved + 1, again);
        assertThat(drain(limiter, again)).isBetween(3L, 4L);
    }

    /** Nobody knows then in which of them it was taken. */
    @Test
    void losesWhatIsGivenBackAroundTwoMovesAtOnce() {
        MovingLimiter limiter = new MovingLimiter(1, Duration.ofHours(1), 10, WHOLE, 0);
        assertThat(limiter.tryAcquire(10, 0)).isZero();
        long now = 200 * MS;
        limiter.total(2, Duration.ofHours(1), 10, now);
        limiter.move(WHOLE, FAR, 0, now);
        limiter.giveBack(4, now + MS, now + 2 * MS);
        assertThat(limiter.tryAcquire(1, now + 2 * MS)).isPositive();
        now += 1_500 * MS;
        limiter.giveBack(4, now, now);
        assertThat(limiter.tryAcquire(4, now)).isZero();
    }

    /** At 100 Gbit/s readings come round every 97 minutes, and the word with them. */
    @Test
    void makesNobodyWaitAfterAnyTimeOfIdlenessAsLongAsItIsMoved() {
        MovingLimiter limiter = new MovingLimiter(100_000_000_000L, SECOND, 12_000, WHOLE, 0);
        assertThat(limiter.tryAcquire(5_000_000_000L, 0)).isZero();
        for (long minute = 0; minute < 300; minute++) {
            long now = MINUTES.toNanos(minute);
            limiter.move(WHOLE, now + MINUTES.toNanos(5), WHOLE / 2, now);
            assertThat(limiter.peek(1, now)).isZero();
            assertThat(limiter.peek(1, now + SECONDS.toNanos(30))).isZero();
        }
    }

    @Test
    void givesEachPermitOnceToLoopsThatAskWhileTheShareMovesAndTimeGoesOn() throws InterruptedException {
        MovingLimiter limiter = new MovingLimiter(3_333_333, SECOND, 1, WHOLE, 0);
        AtomicLong clock = new AtomicLong();
        LongAdder taken = new LongAdder();
        taken.add(drain(limiter, 0));
        Loops.run(4, loop -> {
            for (int i = 0; i < 100_000; i++) {
                long now = clock.addAndGet(100);
                if (loop == 0 && i % 100 == 0) {
                    limiter.move(i % 200 == 0 ? WHOLE / 8 : WHOLE, FAR, 0, now);
                }
                taken.add(limiter.tryAcquire(1, now) == 0 ? 1 : 0);
            }
        });
        long now = clock.get();
        taken.add(drain(limiter, now));
        assertThat(taken.sum()).isBetween(333_333L, 333_333 + 3_333_333 * now / SECONDS.toNanos(1));
    }

    @Test
    void allocatesNothingForCallers() {
        MovingLimiter limiter = new MovingLimiter(1_000_000, SECOND, 1, WHOLE, 0);
        limiter.move(WHOLE, MS, WHOLE / 3, 0);
        assertThat(Allocation.bytesPerCall(() -> {
                    last = limiter.peek(1, last);
                    last = limiter.reserve(1, last);
                    last = limiter.tryAcquire(1, last) & 0xFFFF;
                    limiter.giveBack(1, last, last);
                }))
                .isLessThan(1);
    }

    @Test
    void leasesNothing() {
        MovingLimiter limiter = thousand(0);
        assertThat(limiter.onLoop(3)).isSameAs(limiter);
    }

    @Test
    void refusesWhatIsOutOfRangeAndGoesOn() {
        MovingLimiter limiter = thousand(0);
        drain(limiter, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.move(Parts.MAX + 1, FAR, 0, 0))
                .withMessage("parts: 17592186044417 (expected: 0 to 17,592,186,044,416)");
        assertThatIllegalArgumentException().isThrownBy(() -> limiter.move(-1, FAR, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limiter.move(1_000, FAR, 1_001, 0))
                .withMessage("partsAfter: 1001 (expected: 0 to 1,000)");
        assertThatIllegalArgumentException().isThrownBy(() -> limiter.move(1_000, FAR, -1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> limiter.total(0, SECOND, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> limiter.total(1, Duration.ofMillis(1_500), 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> limiter.total(5, SECOND, 0, 0));
        assertThat(limiter.tryAcquire(1, 0)).isEqualTo(MS);

        assertThatIllegalArgumentException().isThrownBy(() -> new MovingLimiter(0, SECOND, 1, WHOLE, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MovingLimiter(1, SECOND, 0, WHOLE, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MovingLimiter(1, SECOND, (1L << 44) + 1, WHOLE, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MovingLimiter(1, SECOND, 1, -1, 0));
    }

    @Test
    void letsMoreThroughAtOnceWhenThatIsEarnedIfTheLeastBurstGrows() {
        MovingLimiter limiter = new MovingLimiter(10, SECOND, 1, WHOLE, 0);
        assertThat(limiter.tryAcquire(2, 0)).isEqualTo(RateLimiter.NEVER);

        limiter.total(10, SECOND, 3, 0);
        assertThat(limiter.tryAcquire(3, 0)).isEqualTo(200 * MS);
        assertThat(drain(limiter, 0)).isEqualTo(1);
        assertThat(limiter.tryAcquire(3, 300 * MS)).isZero();
    }

    @Test
    @SuppressWarnings("NullAway")
    void refusesNoPeriod() {
        MovingLimiter limiter = thousand(0);
        assertThatNullPointerException()
                .isThrownBy(() -> limiter.total(1, null, 1, 0))
                .withMessage("period");
        assertThatNullPointerException()
                .isThrownBy(() -> new MovingLimiter(1, null, 1, WHOLE, 0))
                .withMessage("period");
    }

    private static MovingLimiter thousand(long now) {
        return new MovingLimiter(1_000, SECOND, 1, WHOLE, now);
    }

    private static long drain(RateLimiter limiter, long now) {
        long count = 0;
        while (limiter.tryAcquire(1, now) == 0) {
            count++;
        }
        return count;
    }
}
