package io.clb.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** What every rate limiter must do, however it counts. Extend it with the factory to test. */
public abstract class RateLimiterContract {

    private static final int LOOPS = 4;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Duration PER_SECOND = Duration.ofSeconds(1);

    /** 400 a second on each node, 40 at once: a permit every 2.5 ms. */
    private static final Quota QUOTA = quota(1_200, 4);

    private static final long PERMIT = 2_500_000;
    private static final long BURST = 40;

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile long last;

    /** For subclasses. */
    protected RateLimiterContract() {}

    /**
     * Returns what to test.
     *
     * @return the factory
     */
    protected abstract RateLimiterFactory factory();

    /** Names are what messages show. */
    @Test
    public void hasAName() {
        assertThat(factory().name()).isNotBlank();
    }

    /** SPEC's own example is 142, not 143. */
    @Test
    public void saysWhatANodeEnforcesTruncated() {
        assertThat(factory().enforced(quota(1_000, 8))).isEqualTo("142");
        assertThat(factory().enforced(quota(3_000, 4))).isEqualTo("1,000");
        assertThat(factory().enforced(quota(1, 8))).isEqualTo("0.142");
    }

    /** The whole total for one node and for each of two; else all but one make it up. */
    @Test
    public void sharesTheTotalAmongAllNodesButOne() {
        for (int nodes : new int[] {1, 2, 3, 4, 8, 10_000}) {
            long shares = Math.max(1, nodes - 1);
            RateLimiter limiter = factory().create(quota(shares, nodes), 0, null);
            assertThat(limiter.tryAcquire(1, 0)).as("%d nodes", nodes).isZero();
            assertThat(limiter.tryAcquire(1, 0)).as("%d nodes", nodes).isEqualTo(SECOND);
        }
    }

    /** A new limit has its burst at once, and then what is earned. */
    @Test
    public void letsTheBurstThroughAndThenTheRate() {
        RateLimiter limiter = factory().create(QUOTA, 0, null);
        assertThat(drain(limiter, 0)).isEqualTo(BURST);
        for (int i = 1; i <= 1_000; i++) {
            assertThat(limiter.tryAcquire(1, i * PERMIT - 1)).isEqualTo(1);
            assertThat(limiter.tryAcquire(1, i * PERMIT)).isZero();
        }
    }

    /** Nothing of it is lost where a permit costs no whole number of nanoseconds. */
    @Test
    public void letsTheWholeBurstThroughHoweverOddTheRate() {
        for (int total : new int[] {70, 1_200, 1_230, 9_990, 33_330}) {
            assertThat(drain(factory().create(quota(total, 1), 0, null), 0)).isEqualTo(total / 10);
        }
    }

    /** The burst is a cap, however long nobody came. */
    @Test
    public void savesNoMoreThanTheBurst() {
        RateLimiter limiter = factory().create(QUOTA, 0, null);
        for (int i = 0; i < 10; i++) {
            assertThat(drain(limiter, i * SECOND)).isEqualTo(BURST);
        }
    }

    /** All or none: who is refused has taken nothing from those who ask for less. */
    @Test
    public void takesNothingWhenItRefuses() {
        RateLimiter limiter = factory().create(QUOTA, 0, null);
        assertThat(limiter.tryAcquire(BURST - 1, 0)).isZero();
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.tryAcquire(2, 0)).isEqualTo(PERMIT);
        }
        assertThat(limiter.tryAcquire(1, 0)).isZero();
    }

    /** A burst that is too small for what must fit at once is enlarged, and no other. */
    @Test
    public void neverAdmitsWhatDoesNotFitIntoTheBurst() {
        assertThat(factory().create(QUOTA, 0, null).tryAcquire(BURST + 1, 0)).isEqualTo(RateLimiter.NEVER);
        RateLimiter slow = factory().create(new Quota(1, PER_SECOND, 1, 12), 0, null);
        assertThat(slow.tryAcquire(13, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(slow.tryAcquire(12, 0)).isZero();
    }

    /** Never above the share, at most a millionth below it. */
    @Test
    public void givesSteadyDemandItsExactShare() {
        RateLimiter limiter = factory().create(quota(1_000, 8), 0, null);
        drain(limiter, 0);
        long taken = 0;
        for (long now = 1; now <= 7_000 * SECOND; now += SECOND / 20) {
            taken += drain(limiter, now);
        }
        assertThat(taken).isBetween(1_000_000L - 15, 1_000_000L);
    }

    /** Clocks count from anywhere, and wrap. */
    @Test
    public void worksAtAnyTimeOfTheClock() {
        for (long start : new long[] {0, -1, Long.MAX_VALUE, Long.MAX_VALUE - SECOND / 10, Long.MIN_VALUE}) {
            RateLimiter limiter = factory().create(QUOTA, start, null);
            assertThat(drain(limiter, start)).isEqualTo(BURST);
            assertThat(drain(limiter, start + SECOND / 20)).isEqualTo(BURST / 2);
            RateLimiter next = factory().create(quota(2_400, 4), start + SECOND / 20, limiter);
            assertThat(drain(next, start + SECOND / 20)).isZero();
        }
    }

    /** An update must not open the gate, in whichever direction it goes. */
    @Test
    public void givesNoFreeBurstWhenALimitChanges() {
        for (Quota changed : new Quota[] {QUOTA, quota(12, 4), quota(12_000, 4), quota(1_200, 1), quota(1_200, 100)}) {
            RateLimiter before = factory().create(QUOTA, 0, null);
            drain(before, 0);
            assertThat(factory().create(changed, 0, before).tryAcquire(1, 0))
                    .as("after %s", changed)
                    .isGreaterThan(0);
        }
    }

    /** What was free stays free, and grows at the new rate. */
    @Test
    public void goesOnFromWhereItsPredecessorStands() {
        RateLimiter before = factory().create(QUOTA, 0, null);
        assertThat(before.tryAcquire(30, 0)).isZero();
        RateLimiter after = factory().create(quota(2_400, 4), 0, before);
        assertThat(drain(after, 0)).isEqualTo(10);
        assertThat(after.tryAcquire(1, 0)).isEqualTo(PERMIT / 2);
        assertThat(drain(after, SECOND)).isEqualTo(2 * BURST);
    }

    /** A smaller limit holds at once, and nobody pays for long for what the larger one let through. */
    @Test
    public void fitsWhatIsFreeIntoASmallerBurst() {
        RateLimiter before = factory().create(quota(12_000, 4), 0, null);
        assertThat(before.tryAcquire(300, 0)).isZero();
        RateLimiter after = factory().create(QUOTA, 0, before);
        assertThat(drain(after, 0)).isEqualTo(BURST);
        assertThat(after.tryAcquire(1, 0)).isEqualTo(PERMIT);
    }

    /** Not even an operator who never rests lets more through than was earned, and one burst. */
    @Test
    public void letsNoMoreThroughHoweverOftenTheLimitChanges() {
        Random random = new Random(1);
        long now = 0;
        double earned = 0;
        long taken = 0;
        int rate = 1_000;
        RateLimiter limiter = factory().create(quota(rate, 1), now, null);
        for (int i = 0; i < 2_000; i++) {
            int pause = random.nextInt(20_000_000);
            now += pause;
            earned += (double) rate * pause / SECOND;
            taken += random.nextBoolean() ? drain(limiter, now) : 0;
            assertThat((double) taken).isLessThanOrEqualTo(earned + 1_000);
            rate = 1 + random.nextInt(10_000);
            limiter = factory().create(quota(rate, 1), now, limiter);
        }
        assertThat(taken).isGreaterThan(10_000);
    }

    /** The change may fail, and the predecessor goes on. */
    @Test
    public void leavesItsPredecessorAsItIs() {
        RateLimiter before = factory().create(QUOTA, 0, null);
        assertThat(before.tryAcquire(30, 0)).isZero();
        drain(factory().create(quota(12, 4), 0, before), 0);
        assertThat(drain(before, 0)).isEqualTo(10);
    }

    /** Ranges are the factory's to judge. */
    @Test
    public void refusesQuotasOutOfRange() {
        for (Quota wrong : new Quota[] {
            quota(0, 4),
            quota(100_000_000_001L, 4),
            quota(1, 0),
            quota(1, 10_001),
            new Quota(1, Duration.ZERO, 1, 1),
            new Quota(1, Duration.ofSeconds(3_601), 1, 1),
            new Quota(1, Duration.ofMillis(1_500), 1, 1),
            new Quota(1, PER_SECOND, 1, 0)
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> factory().create(wrong, 0, null));
        }
    }

    /**
     * Loops ask all at once, at one moment.
     *
     * @throws InterruptedException if the test is interrupted
     */
    @Test
    public void givesEachPermitOnceToLoopsThatAskAllAtOnce() throws InterruptedException {
        RateLimiter limiter = factory().create(quota(1_000_000, 1), 0, null);
        LongAdder taken = new LongAdder();
        Loops.run(LOOPS, loop -> taken.add(drain(limiter, 0)));
        assertThat(taken.sum()).isEqualTo(100_000);
    }

    /** Asking takes nanoseconds, and leaves nothing to collect. */
    @Test
    public void asksWithoutAllocating() {
        RateLimiter limiter = factory().create(QUOTA, 0, null);
        assertThat(Allocation.bytesPerCall(() -> last = limiter.tryAcquire(1, last)))
                .as("bytes for a call")
                .isLessThan(1);
    }

    private static Quota quota(long total, int nodes) {
        return new Quota(total, PER_SECOND, nodes, 1);
    }

    /** Takes all there is, one by one. */
    private static long drain(RateLimiter limiter, long now) {
        long count = 0;
        while (limiter.tryAcquire(1, now) == 0) {
            count++;
        }
        return count;
    }
}
