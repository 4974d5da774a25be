package io.clb.contract;

import static io.clb.spi.Quota.Unit.BIT;
import static io.clb.spi.Quota.Unit.FLOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clb.spi.KeyedRateLimiter;
import io.clb.spi.Quota;
import io.clb.spi.RateLimiter;
import io.clb.spi.RateLimiterFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every rate limiter must do, however it counts. Extend it with the factory to test. */
public abstract class RateLimiterContract {

    private static final int LOOPS = 4;
    private static final int KEYS = 10_000;
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
        assertThat(factory().enforced(new Quota(10_000_000, PER_SECOND, 4, 12_000, BIT)))
                .isEqualTo("3.33 Mbit/s");
    }

    /** The whole total for one node and for each of two; else all but one make it up. */
    @Test
    public void sharesTheTotalAmongAllNodesButOne() {
        for (int nodes : new int[] {1, 2, 3, 4, 8, 10_000}) {
            long shares = Math.max(1, nodes - 1);
            RateLimiter limiter = create(quota(shares, nodes), 0, null);
            assertThat(limiter.tryAcquire(1, 0)).as("%d nodes", nodes).isZero();
            assertThat(limiter.tryAcquire(1, 0)).as("%d nodes", nodes).isEqualTo(SECOND);
        }
    }

    /** A new limit has its burst at once, and then what is earned. */
    @Test
    public void letsTheBurstThroughAndThenTheRate() {
        RateLimiter limiter = create(QUOTA, 0, null);
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
            assertThat(drain(create(quota(total, 1), 0, null), 0)).isEqualTo(total / 10);
        }
    }

    /** The burst is a cap, however long nobody came. */
    @Test
    public void savesNoMoreThanTheBurst() {
        RateLimiter limiter = create(QUOTA, 0, null);
        for (int i = 0; i < 10; i++) {
            assertThat(drain(limiter, i * SECOND)).isEqualTo(BURST);
        }
    }

    /** All or none: who is refused has taken nothing from those who ask for less. */
    @Test
    public void takesNothingWhenItRefuses() {
        RateLimiter limiter = create(QUOTA, 0, null);
        assertThat(limiter.tryAcquire(BURST - 1, 0)).isZero();
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.tryAcquire(2, 0)).isEqualTo(PERMIT);
        }
        assertThat(limiter.tryAcquire(1, 0)).isZero();
    }

    /** A burst that is too small for what must fit at once is enlarged, and no other. */
    @Test
    public void neverAdmitsWhatDoesNotFitIntoTheBurst() {
        assertThat(create(QUOTA, 0, null).tryAcquire(BURST + 1, 0)).isEqualTo(RateLimiter.NEVER);
        RateLimiter slow = create(new Quota(1, PER_SECOND, 1, 12, FLOW), 0, null);
        assertThat(slow.tryAcquire(13, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(slow.tryAcquire(12, 0)).isZero();
    }

    /** Never above the share, at most a millionth below it. */
    @Test
    public void givesSteadyDemandItsExactShare() {
        RateLimiter limiter = create(quota(1_000, 8), 0, null);
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
            RateLimiter limiter = create(QUOTA, start, null);
            assertThat(drain(limiter, start)).isEqualTo(BURST);
            assertThat(drain(limiter, start + SECOND / 20)).isEqualTo(BURST / 2);
            RateLimiter next = create(quota(2_400, 4), start + SECOND / 20, limiter);
            assertThat(drain(next, start + SECOND / 20)).isZero();
        }
    }

    /** An update must not open the gate, in whichever direction it goes. */
    @Test
    public void givesNoFreeBurstWhenALimitChanges() {
        for (Quota changed : new Quota[] {QUOTA, quota(12, 4), quota(12_000, 4), quota(1_200, 1), quota(1_200, 100)}) {
            RateLimiter before = create(QUOTA, 0, null);
            drain(before, 0);
            assertThat(create(changed, 0, before).tryAcquire(1, 0))
                    .as("after %s", changed)
                    .isGreaterThan(0);
        }
    }

    /** What was free stays free, and grows at the new rate. */
    @Test
    public void goesOnFromWhereItsPredecessorStands() {
        RateLimiter before = create(QUOTA, 0, null);
        assertThat(before.tryAcquire(30, 0)).isZero();
        RateLimiter after = create(quota(2_400, 4), 0, before);
        assertThat(drain(after, 0)).isEqualTo(10);
        assertThat(after.tryAcquire(1, 0)).isEqualTo(PERMIT / 2);
        assertThat(drain(after, SECOND)).isEqualTo(2 * BURST);
    }

    /** A smaller limit holds at once, and nobody pays for long for what the larger one let through. */
    @Test
    public void fitsWhatIsFreeIntoASmallerBurst() {
        RateLimiter before = create(quota(12_000, 4), 0, null);
        assertThat(before.tryAcquire(300, 0)).isZero();
        RateLimiter after = create(QUOTA, 0, before);
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
        RateLimiter limiter = create(quota(rate, 1), now, null);
        for (int i = 0; i < 2_000; i++) {
            int pause = random.nextInt(20_000_000);
            now += pause;
            earned += (double) rate * pause / SECOND;
            taken += random.nextBoolean() ? drain(limiter, now) : 0;
            assertThat((double) taken).isLessThanOrEqualTo(earned + 1_000);
            rate = 1 + random.nextInt(10_000);
            limiter = create(quota(rate, 1), now, limiter);
        }
        assertThat(taken).isGreaterThan(10_000);
    }

    /** The change may fail, and the predecessor goes on. */
    @Test
    public void leavesItsPredecessorAsItIs() {
        RateLimiter before = create(QUOTA, 0, null);
        assertThat(before.tryAcquire(30, 0)).isZero();
        drain(create(quota(12, 4), 0, before), 0);
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
            new Quota(1, Duration.ZERO, 1, 1, FLOW),
            new Quota(1, Duration.ofSeconds(3_601), 1, 1, FLOW),
            new Quota(1, Duration.ofMillis(1_500), 1, 1, FLOW),
            new Quota(1, PER_SECOND, 1, 0, FLOW)
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> create(wrong, 0, null));
        }
    }

    /**
     * Loops ask all at once, at one moment.
     *
     * @throws InterruptedException if the test is interrupted
     */
    @Test
    public void givesEachPermitOnceToLoopsThatAskAllAtOnce() throws InterruptedException {
        RateLimiter limiter = create(quota(1_000_000, 1), 0, null);
        LongAdder taken = new LongAdder();
        Loops.run(LOOPS, loop -> taken.add(drain(limiter, 0)));
        assertThat(taken.sum()).isEqualTo(100_000);
    }

    /** Asking takes nanoseconds, and leaves nothing to collect. */
    @Test
    public void asksWithoutAllocating() {
        RateLimiter limiter = create(QUOTA, 0, null);
        assertThat(Allocation.bytesPerCall(() -> last = limiter.tryAcquire(1, last)))
                .as("bytes for a call")
                .isLessThan(1);
    }

    /** Asking in advance takes nothing, and promises what then happens. */
    @Test
    public void tellsWhatTakingWouldReturn() {
        RateLimiter limiter = create(QUOTA, 0, null);
        for (int i = 0; i < BURST; i++) {
            assertThat(limiter.peek(1, 0)).isZero();
            assertThat(limiter.tryAcquire(1, 0)).isZero();
        }
        assertThat(limiter.peek(2, 0)).isIn(0L, 2 * PERMIT);
        assertThat(limiter.tryAcquire(2, 0)).isEqualTo(2 * PERMIT);
    }

    /** Each gets a place behind the one before, up to a minute from now. */
    @Test
    public void servesALineInTurn() {
        RateLimiter limiter = create(QUOTA, 0, null);
        assertThat(limiter.reserve(BURST, 0)).isZero();
        for (int i = 1; i <= 24_000; i++) {
            assertThat(limiter.reserve(1, 0)).isEqualTo(i * PERMIT);
        }
        assertThat(limiter.reserve(1, 0)).isEqualTo(RateLimiter.NEVER);
        assertThat(limiter.reserve(1, PERMIT)).isEqualTo(60 * SECOND);
        assertThat(limiter.tryAcquire(1, 60 * SECOND)).isEqualTo(2 * PERMIT);
        assertThat(limiter.tryAcquire(1, 60 * SECOND + 2 * PERMIT)).isZero();
        assertThat(limiter.reserve(BURST + 1, 100 * SECOND)).isEqualTo(RateLimiter.NEVER);
    }

    /** Who stands in a line that is given up loses his place, and nobody has gained. */
    @Test
    public void voidsALineWhenTheLimitChanges() {
        RateLimiter before = create(QUOTA, 0, null);
        drain(before, 0);
        assertThat(before.reserve(BURST, 0)).isEqualTo(BURST * PERMIT);
        RateLimiter after = create(quota(2_400, 4), 0, before);
        assertThat(after.tryAcquire(1, 0)).isEqualTo(PERMIT / 2);
    }

    /** What is given back may be lost, and is never more than what was taken. */
    @Test
    public void makesNoPermitOfWhatIsGivenBack() {
        RateLimiter limiter = create(QUOTA, 0, null);
        drain(limiter, 0);
        limiter.giveBack(3, 0, 0);
        assertThat(drain(limiter, 0)).isLessThanOrEqualTo(3);
        limiter.giveBack(5, 0, SECOND);
        assertThat(drain(limiter, SECOND)).isEqualTo(BURST);
        // All but what has been earned since is there again, if any.
        limiter.giveBack(5, SECOND, SECOND + 2 * PERMIT);
        assertThat(drain(limiter, SECOND + 2 * PERMIT)).isBetween(2L, 5L);
    }

    /** Whatever each loop may have leased: together they keep to the share and one burst, and do not starve. */
    @Test
    public void keepsToTheShareOverAllLoopsTogether() {
        RateLimiter limiter = create(quota(40_000, 1), 0, null);
        List<RateLimiter> loops =
                IntStream.range(0, LOOPS).mapToObj(limiter::onLoop).toList();
        long[] taken = new long[1_001];
        for (int i = 0; i < taken.length; i++) {
            RateLimiter asked = loops.get(i % LOOPS);
            taken[i] = i % 3 == 0
                    ? drain(asked, i * (SECOND / 1_000))
                    : 1 - Long.signum(asked.tryAcquire(1, i * (SECOND / 1_000)));
        }
        for (int from = 0; from < taken.length; from++) {
            long count = 0;
            for (int to = from; to < taken.length; to++) {
                count += taken[to];
                assertThat(count).isLessThanOrEqualTo(4_000 + 40L * (to - from));
            }
        }
        assertThat(Arrays.stream(taken).sum()).isGreaterThan(40_000);
    }

    /** Each key has the whole limit, and what one takes is not missed by another. */
    @Test
    public void limitsEachKeyByItself() {
        KeyedRateLimiter limiter = createKeyed(QUOTA, 0, null);
        for (int key = 0; key < 100; key++) {
            long hash = hash(key);
            assertThat(limiter.peek(hash, 0)).isZero();
            for (int i = 0; i < BURST; i++) {
                assertThat(limiter.tryAcquire(hash, 0)).isZero();
            }
            assertThat(limiter.tryAcquire(hash, 0)).isEqualTo(PERMIT);
            assertThat(limiter.peek(hash, 0)).isEqualTo(PERMIT);
        }
        assertThat(limiter.tryAcquire(hash(1), PERMIT)).isZero();
        assertThat(limiter.shared()).isZero();
    }

    /** A change opens the gate for no key. */
    @Test
    public void givesNoKeyAFreeBurstWhenALimitChanges() {
        for (Quota changed : new Quota[] {QUOTA, quota(12, 4), quota(12_000, 4), quota(1_200, 1), quota(1_200, 100)}) {
            KeyedRateLimiter before = createKeyed(QUOTA, 0, null);
            for (int i = 0; i < BURST; i++) {
                before.tryAcquire(hash(1), 0);
            }
            for (int keys : new int[] {100, KEYS, 100_000}) {
                KeyedRateLimiter after = factory().createKeyed(changed, keys, 0, before);
                assertThat(after.tryAcquire(hash(1), 0)).as("after %s", changed).isGreaterThan(0);
                assertThat(after.tryAcquire(hash(2), 0)).isZero();
            }
        }
    }

    /** More keys than it tells apart share some, and no key gets more than its own. */
    @Test
    public void givesNoKeyTooMuchHoweverManyThereAre() {
        KeyedRateLimiter limiter = factory().createKeyed(quota(1, 1), 1, 0, null);
        int taken = 0;
        for (int key = 0; key < 10_000; key++) {
            taken += limiter.tryAcquire(hash(key), 0) == 0 ? 1 : 0;
            assertThat(limiter.tryAcquire(hash(key), 0)).isGreaterThan(0);
        }
        assertThat(taken).isGreaterThan(0);
        assertThat(taken + limiter.shared()).isGreaterThanOrEqualTo(10_000);
    }

    /** Ranges are the factory's to judge. */
    @Test
    public void refusesNumbersOfKeysAndLoopsOutOfRange() {
        for (int keys : new int[] {0, -1, (1 << 24) + 1}) {
            assertThatIllegalArgumentException().isThrownBy(() -> factory().createKeyed(QUOTA, keys, 0, null));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> factory().createKeyed(quota(0, 1), 1, 0, null));
        assertThatIllegalArgumentException().isThrownBy(() -> factory().create(QUOTA, 0, 0, null));
    }

    /** Also for keys, once the table is there. */
    @Test
    public void asksForKeysWithoutAllocating() {
        KeyedRateLimiter limiter = createKeyed(QUOTA, 0, null);
        assertThat(Allocation.bytesPerCall(() -> last = limiter.tryAcquire(hash(last % 100), last)))
                .as("bytes for a call")
                .isLessThan(1);
    }

    private KeyedRateLimiter createKeyed(Quota quota, long nowNanos, @Nullable KeyedRateLimiter previous) {
        return factory().createKeyed(quota, KEYS, nowNanos, previous);
    }

    /** No two of some thousand are alike in any part. */
    private static long hash(long key) {
        return (key + 1) * 0x9E37_79B9_7F4A_7C15L;
    }

    private RateLimiter create(Quota quota, long nowNanos, @Nullable RateLimiter previous) {
        return factory().create(quota, LOOPS, nowNanos, previous);
    }

    private static Quota quota(long total, int nodes) {
        return new Quota(total, PER_SECOND, nodes, 1, FLOW);
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
