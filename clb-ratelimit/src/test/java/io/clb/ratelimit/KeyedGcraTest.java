package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clb.contract.Allocation;
import io.clb.contract.Loops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyedGcraTest {

    private static final int KEYS = 8;

    /** More keys than fit into a group. */
    private static final int MANY = 20;

    /** 10 a second, one at once. */
    private static final Share TEN = Share.of(10, 2);

    /** Kept where the compiler must write it, so that measured calls are not dropped. */
    private volatile long last;

    /** A key asks so many times at once, some time after the call before, in thousandths of the burst. */
    record Ask(int key, int pause, int times) {}

    /** The same decisions and waits, to the nanosecond, as long as there is room: the limiter's clock has the table's units. */
    @Property
    void treatsEachKeyAsALimiterOfItsOwn(
            @ForAll("limits") ExactLimit limit, @ForAll("asks") List<Ask> asks, @ForAll long start) {
        KeyedGcra table = table(limit, 64, start, null);
        List<GcraLimiter> own = Stream.generate(() -> ownLimiter(limit, start, null))
                .limit(KEYS)
                .toList();
        long now = start;
        for (Ask ask : asks) {
            now += limit.burstNanos() / 1_000 * ask.pause;
            for (int i = 0; i < ask.times; i++) {
                int key = ask.key % KEYS;
                long wait = own.get(key).tryAcquire(1, now);
                assertThat(table.peek(key(key), now)).isEqualTo(wait);
                assertThat(table.tryAcquire(key(key), now)).isEqualTo(wait);
            }
        }
        assertThat(table.shared()).isZero();
    }

    /** Which no clock should. Who waits as he is told is let in; what he owes may come into sight only while he waits. */
    @Property
    void refusesNobodyForEverWhenTheClockGoesBack(
            @ForAll("limits") ExactLimit limit, @ForAll @LongRange(min = Long.MIN_VALUE / 2, max = -1) long back) {
        KeyedGcra table = table(limit, 64, 0, null);
        assertThat(table.tryAcquire(key(0), 0)).isZero();
        long waited = 0;
        int asked = 0;
        for (long wait = -1; wait != 0; waited += wait, asked++) {
            wait = table.tryAcquire(key(0), back + waited);
        }
        assertThat(asked).isLessThanOrEqualTo(3);
        assertThat(waited).isLessThanOrEqualTo(2 * (limit.burstNanos() + 2 + SECONDS.toNanos(1)));
    }

    /** Also if the table grows or shrinks with it. */
    @Property
    void treatsEachKeyAsALimiterOfItsOwnWhenTheLimitChanges(
            @ForAll("limits") ExactLimit one, @ForAll("limits") ExactLimit other, @ForAll("asks") List<Ask> asks) {
        boolean grows = asks.size() % 2 == 0;
        int size = 256;
        KeyedGcra table = table(one, size, 0, null);
        List<GcraLimiter> own = new ArrayList<>(
                Stream.generate(() -> ownLimiter(one, 0, null)).limit(KEYS).toList());
        ExactLimit current = one;
        long now = 0;
        for (Ask ask : asks) {
            now += current.burstNanos() / 1_000 * ask.pause;
            int key = ask.key % KEYS;
            assertThat(table.tryAcquire(key(key), now)).isEqualTo(own.get(key).tryAcquire(1, now));
            if (ask.times == 1) {
                ExactLimit next = current.equals(one) ? other : one;
                current = next;
                size = grows ? Math.min(size * 2, 1 << 13) : Math.max(size / 2, KEYS);
                table = table(next, size, now, table);
                long at = now;
                own.replaceAll(limiter -> ownLimiter(next, at, limiter));
            }
        }
        assertThat(table.shared()).isZero();
    }

    @Property
    void neverGivesAKeyMoreThanItsLimitHoweverManyThereAre(
            @ForAll("limits") ExactLimit limit, @ForAll("asks") List<Ask> asks) {
        KeyedGcra table = table(limit, 1, 0, null);
        List<Admissions> used = Stream.generate(Admissions::new).limit(MANY).toList();
        long now = 0;
        for (Ask ask : asks) {
            now += limit.burstNanos() / 1_000 * ask.pause;
            for (int i = 0; i < ask.times; i++) {
                if (table.tryAcquire(key(ask.key), now) == 0) {
                    used.get(ask.key).add(now, 1);
                }
            }
        }
        assertThat(used).allMatch(ofKey -> ofKey.keepTo(limit));
    }

    @Property
    void neverGivesAKeyMoreThanWasEarnedAndOneBurstHoweverOftenItChanges(
            @ForAll("limits") ExactLimit one, @ForAll("limits") ExactLimit other, @ForAll("asks") List<Ask> asks) {
        KeyedGcra table = table(one, 1, 0, null);
        ExactLimit current = one;
        long[] counts = new long[MANY];
        long now = 0;
        long nanosOfOne = 0;
        for (Ask ask : asks) {
            long pause = current.burstNanos() / 1_000 * ask.pause;
            now += pause;
            nanosOfOne += current.equals(one) ? pause : 0;
            for (int i = 0; i < ask.times; i++) {
                counts[ask.key] += table.tryAcquire(key(ask.key), now) == 0 ? 1 : 0;
            }
            assertThat(ExactLimit.admit(one, nanosOfOne, other, now - nanosOfOne, counts[ask.key]))
                    .isTrue();
            if (ask.times == 1) {
                current = current.equals(one) ? other : one;
                table = table(current, 1 << ask.pause % 6, now, table);
            }
        }
    }

    @Test
    void takesMemoryOnlyForWhatIsUsed() {
        KeyedGcra table = new KeyedGcra(TEN, 1, 1 << 24, 0, null);
        assertThat(table.peek(key(1), 0)).isZero();
        assertThat(table.allocated()).isZero();
        assertThat(table.tryAcquire(key(1), 0)).isZero();
        assertThat(table.allocated()).isEqualTo(4_096);
        KeyedGcra small = new KeyedGcra(TEN, 1, 1, 0, null);
        small.tryAcquire(key(1), 0);
        assertThat(small.allocated()).isEqualTo(8);
    }

    /** A million a second, each once: 100,000 are in debt at one time, one in a group of eight, or far more than fit. */
    @Test
    void isBoundedAndSharesLittleWhenTenMillionKeysPass() {
        KeyedGcra table = new KeyedGcra(TEN, 1, 1 << 20, 0, null);
        KeyedGcra tight = new KeyedGcra(TEN, 1, 1 << 10, 0, null);
        SplittableRandom random = new SplittableRandom(1);
        long now = 0;
        int refused = 0;
        for (int i = 0; i < 10_000_000; i++) {
            now += 1_000;
            long key = random.nextLong();
            refused += table.tryAcquire(key, now) == 0 ? 0 : 1;
            tight.tryAcquire(key, now);
        }
        assertThat(table.allocated()).isEqualTo(1 << 20);
        assertThat(table.shared()).isLessThan(100);
        // Those with the print of another in their group, too: 0.8 others on average, so 15 are expected.
        assertThat(refused).isLessThan(150);
        assertThat(tight.allocated()).isEqualTo(1 << 10);
        assertThat(tight.shared()).isGreaterThan(9_000_000);
    }

    @Test
    void countsWhoFindsItsGroupFullAndRefusesItRatherThanLetTooMuchThrough() {
        KeyedGcra table = new KeyedGcra(TEN, 1, KEYS, 0, null);
        for (int key = 0; key < KEYS; key++) {
            assertThat(table.tryAcquire(key(key), key)).isZero();
        }
        assertThat(table.shared()).isZero();
        assertThat(table.tryAcquire(key(KEYS), 10)).isPositive();
        assertThat(table.shared()).isOne();
        assertThat(table.tryAcquire(key(KEYS), MILLISECONDS.toNanos(101))).isZero();
        assertThat(table.shared()).isOne();
    }

    @Test
    void findsNoDebtThatWasPaidLongAgo() {
        KeyedGcra table = new KeyedGcra(TEN, 1, KEYS, 0, null);
        for (long hour = 0; hour < 200; hour++) {
            assertThat(table.tryAcquire(key((int) hour % MANY), HOURS.toNanos(hour)))
                    .isZero();
        }
        assertThat(table.shared()).isZero();
    }

    @Test
    void givesEachKeyItsBurstOnceToLoopsThatAskAllAtOnce() throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            KeyedGcra table = new KeyedGcra(TEN, 5, 1 << 14, 0, null);
            LongAdder taken = new LongAdder();
            Loops.run(4, loop -> {
                for (int i = 0; i < 8_000; i++) {
                    taken.add(table.tryAcquire(spread(i / 8), 0) == 0 ? 1 : 0);
                }
            });
            assertThat(table.shared()).isZero();
            assertThat(taken.sum()).isEqualTo(5_000);
        }
    }

    @Test
    void keepsDebtsWhateverItsSizeBecomes() {
        for (int size : new int[] {1 << 10, 1 << 13, 1 << 15}) {
            KeyedGcra before = new KeyedGcra(TEN, 1, 1 << 13, 0, null);
            for (int key = 0; key < 500; key++) {
                assertThat(before.tryAcquire(spread(key), 0)).isZero();
            }
            KeyedGcra after = new KeyedGcra(Share.of(20, 2), 1, size, 0, before);
            for (int key = 0; key < 500; key++) {
                assertThat(after.tryAcquire(spread(key), 0)).isEqualTo(MILLISECONDS.toNanos(50));
            }
            assertThat(after.tryAcquire(spread(501), 0)).isZero();
        }
    }

    /** A copy of a debt in another group, made when there were more of them, is older than the debt itself. */
    @Test
    void keepsTheLargerOfTwoDebtsOfAKeyWhenGroupsBecomeOne() {
        // In the first of 128 groups, and in another of 512.
        long key = key(1) | 128;
        KeyedGcra table = new KeyedGcra(TEN, 5, 1 << 10, 0, null);
        assertThat(table.tryAcquire(key, 0)).isZero();
        KeyedGcra larger = new KeyedGcra(TEN, 5, 1 << 12, 0, table);
        for (int i = 0; i < 4; i++) {
            assertThat(larger.tryAcquire(key, 0)).isZero();
        }
        KeyedGcra smaller = new KeyedGcra(TEN, 5, 1 << 10, 0, larger);
        assertThat(smaller.tryAcquire(key, 0)).isPositive();
        assertThat(drain(smaller, 2, 0)).isEqualTo(5);
    }

    /** All have what the old burst was, and earn the new one. */
    @Test
    void givesNobodyALargerBurstAtOnce() {
        KeyedGcra before = new KeyedGcra(TEN, 2, 1 << 10, 0, null);
        KeyedGcra after = new KeyedGcra(TEN, 12, 1 << 10, 0, before);
        assertThat(drain(after, 1, 0)).isEqualTo(2);
        assertThat(drain(after, 2, SECONDS.toNanos(1) / 2)).isEqualTo(7);
        assertThat(drain(after, 3, SECONDS.toNanos(2))).isEqualTo(12);
    }

    @Test
    void takesAndRefusesWithoutAllocating() {
        KeyedGcra table = new KeyedGcra(Share.of(1_000, 2), 1, 1 << 10, 0, null);
        assertThat(Allocation.bytesPerCall(() -> last = table.tryAcquire(spread((int) (last & 511)), last)))
                .isLessThan(1);
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyedGcra(TEN, 1, 0, 0, null))
                .withMessage("keys: 0 (expected: 1 to 16,777,216)");
        assertThatIllegalArgumentException().isThrownBy(() -> new KeyedGcra(TEN, 1, (1 << 24) + 1, 0, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new KeyedGcra(TEN, 0, 1, 0, null));
    }

    private static long drain(KeyedGcra table, int key, long now) {
        long count = 0;
        while (table.tryAcquire(key(key), now) == 0) {
            count++;
        }
        return count;
    }

    private static KeyedGcra table(ExactLimit limit, int keys, long now, @Nullable KeyedGcra previous) {
        return new KeyedGcra(limit.share(), limit.leastBurst(), keys, now, previous);
    }

    private static GcraLimiter ownLimiter(ExactLimit limit, long now, @Nullable GcraLimiter previous) {
        PermitClock clock = KeyedGcra.clock(limit.share(), limit.leastBurst(), now);
        return new GcraLimiter(clock, limit.leastBurst(), 0, now, previous);
    }

    /** All in the first group of a table of any size, and told apart. */
    private static long key(int number) {
        return (number + 1L) << 45;
    }

    /** A thousand of them are in a group each, if the table is large enough. */
    private static long spread(int number) {
        return key(number) | number;
    }

    /** What clients are limited to, with a burst from 1 to some permits. */
    @Provide
    Arbitrary<ExactLimit> limits() {
        Arbitrary<Share> shares = Arbitraries.oneOf(
                Combinators.combine(
                                Arbitraries.of(1L, 3L, 10L, 100L, 333L, 1_000_000L),
                                Arbitraries.integers().between(1, 100))
                        .as(Share::of),
                Combinators.combine(
                                Arbitraries.longs().between(1, 100),
                                Arbitraries.integers().between(1, 10_000))
                        .as((total, nodes) -> Share.of(total, Duration.ofHours(1), nodes)));
        return Combinators.combine(shares, Arbitraries.of(1L, 2L, 5L)).as(ExactLimit::of);
    }

    /** Their pauses are so short that all together no word comes round. */
    @Provide
    Arbitrary<List<Ask>> asks() {
        Arbitrary<Integer> pauses = Arbitraries.oneOf(
                Arbitraries.just(0),
                Arbitraries.integers().between(0, 100),
                Arbitraries.integers().between(0, 1_000));
        return Combinators.combine(
                        Arbitraries.integers().between(0, MANY - 1),
                        pauses,
                        Arbitraries.integers().between(1, 8))
                .as(Ask::new)
                .list()
                .ofMaxSize(60);
    }
}
