package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is left of a time when all that is kept is the number of its bucket. */
final class LatencyBucketsTest {

    private static final long FLOOR = 1_024;
    private static final long CEILING = 1L << 44;

    /** As likely of one length as of another. */
    @Provide
    static Arbitrary<Long> times() {
        return Arbitraries.doubles()
                .between(6.9, 30.6)
                .ofScale(9)
                .map(log -> Math.min(CEILING - 1, Math.max(FLOOR, Math.round(Math.exp(log)))));
    }

    @Provide
    static Arbitrary<List<Long>> manyTimes() {
        return times().list().ofMinSize(1).ofMaxSize(200);
    }

    @Property
    void theMiddleOfItsBucketIsWithinASixteenthOfATime(@ForAll("times") long nanos) {
        long told = LatencyBuckets.nanos(LatencyBuckets.of(nanos));
        assertThat(Math.abs(told - nanos) * 16).isLessThanOrEqualTo(nanos);
    }

    @Property
    void aLongerTimeIsInNoLowerBucket(@ForAll("times") long one, @ForAll("times") long other) {
        assertThat(LatencyBuckets.of(Math.max(one, other)))
                .isGreaterThanOrEqualTo(LatencyBuckets.of(Math.min(one, other)));
    }

    @Property
    void everyTimeHasABucket(@ForAll long nanos) {
        assertThat(LatencyBuckets.of(nanos)).isBetween(0, LatencyBuckets.COUNT - 1);
    }

    @Example
    void everyBucketHasItsOwnMiddle() {
        for (int bucket = 0; bucket < LatencyBuckets.COUNT; bucket++) {
            assertThat(LatencyBuckets.of(LatencyBuckets.nanos(bucket))).isEqualTo(bucket);
        }
    }

    @Example
    void whatIsTooShortOrTooLongIsInTheFirstAndInTheLast() {
        assertThat(LatencyBuckets.of(0)).isZero();
        assertThat(LatencyBuckets.of(FLOOR - 1)).isZero();
        assertThat(LatencyBuckets.of(FLOOR)).isEqualTo(1);
        assertThat(LatencyBuckets.of(CEILING - 1)).isEqualTo(LatencyBuckets.COUNT - 1);
        assertThat(LatencyBuckets.of(TimeUnit.DAYS.toNanos(1))).isEqualTo(LatencyBuckets.COUNT - 1);
    }

    @Property
    void aPercentileIsWithinASixteenthOfTheTimeOfThatRank(@ForAll("manyTimes") List<Long> times) {
        long[] buckets = new long[LatencyBuckets.COUNT];
        times.forEach(nanos -> buckets[LatencyBuckets.of(nanos)]++);
        LatencyView.Window window = LatencyView.Window.of(buckets);
        long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
        assertThat(window.count()).isEqualTo(sorted.length);
        for (int percent : new int[] {1, 50, 90, 99, 100}) {
            long exact = sorted[(int) Math.ceil(percent / 100.0 * sorted.length) - 1];
            long told = window.percentile(percent).toNanos();
            assertThat(Math.abs(told - exact) * 16)
                    .as("%d of %s", percent, Arrays.toString(sorted))
                    .isLessThanOrEqualTo(exact);
        }
        assertThat(window.max()).isEqualTo(window.percentile(100));
    }

    @Example
    void ofNothingAllIsZero() {
        LatencyView.Window window = LatencyView.Window.of(new long[LatencyBuckets.COUNT]);
        assertThat(window.p50()).isEqualTo(Duration.ZERO);
        assertThat(window.max()).isEqualTo(Duration.ZERO);
    }
}
