package io.clb.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareTest {

    private static final long MAX_TOTAL = 100_000_000_000L;

    /** The product's own examples, and what lies around them. */
    @ParameterizedTest
    @CsvSource({
        "1000, 8, 142",
        "3000, 4, '1,000'",
        "1000, 1, '1,000'",
        "1000, 2, '1,000'",
        "1000, 3, 500",
        "6, 8, 0.857",
        "1, 8, 0.142",
        "1, 1000, 0.001",
        "1, 10000, 0.0001",
        "100000000000, 4, '33,333,333,333'",
    })
    void showsWholePermitsPerSecondTruncated(long total, int nodes, String shown) {
        assertThat(Share.of(total, nodes).display()).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "10000000, 4, 3.33 Mbit/s",
        "10000000, 1, 10 Mbit/s",
        "2000000000, 4, 666.66 Mbit/s",
        "100000000000, 2, 100 Gbit/s",
        "100000000000, 4, 33.33 Gbit/s",
        "5000, 3, 2.5 kbit/s",
        "1000, 8, 142.85 bit/s",
        "1, 8, 0.14 bit/s",
    })
    void showsBandwidthTruncatedToTwoDecimals(long total, int nodes, String shown) {
        assertThat(Share.of(total, nodes).displayBits()).isEqualTo(shown);
    }

    @Test
    void isAnExactFractionInLowestTerms() {
        assertThat(Share.of(1_000, 8)).isEqualTo(new Share(1_000, 7));
        assertThat(Share.of(3_000, 4)).isEqualTo(new Share(1_000, 1));
        assertThat(Share.of(1, Duration.ofHours(1), 8)).isEqualTo(new Share(1, 25_200));
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void makesUpExactlyTheTotalOverAllNodesButOne(
            @ForAll @LongRange(min = 1, max = MAX_TOTAL) long total,
            @ForAll @IntRange(min = 1, max = 3_600) int period,
            @ForAll @IntRange(min = 2, max = 10_000) int nodes) {
        assertThat(sumIsTotalTimes(Share.of(total, Duration.ofSeconds(period), nodes), nodes - 1, total, period, 1, 1))
                .isTrue();
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void exceedsTheTotalOverAllNodesByOnePartInAllButOne(
            @ForAll @LongRange(min = 1, max = MAX_TOTAL) long total,
            @ForAll @IntRange(min = 1, max = 3_600) int period,
            @ForAll @IntRange(min = 2, max = 10_000) int nodes) {
        Share share = Share.of(total, Duration.ofSeconds(period), nodes);
        assertThat(sumIsTotalTimes(share, nodes, total, period, nodes, nodes - 1))
                .isTrue();
    }

    /** Truncated as they are shown, shares miss their sum by less than one permit for each node. */
    @Property(generation = GenerationMode.RANDOMIZED)
    void sumsUpToLessThanAPermitForEachNodeBelowItWhenTruncated(
            @ForAll @LongRange(min = 1, max = MAX_TOTAL) long total,
            @ForAll @IntRange(min = 2, max = 10_000) int nodes) {
        Share share = Share.of(total, nodes);
        long truncated = share.permits() / share.seconds();
        // Times nodes - 1.
        long missing = total * nodes - truncated * nodes * (nodes - 1);
        assertThat(missing).isBetween(0L, (long) nodes * (nodes - 1) - 1);
    }

    /** Whether {@code count * share == total / period * factor / divisor}. */
    private static boolean sumIsTotalTimes(Share share, int count, long total, int period, int factor, int divisor) {
        BigInteger left = product(share.permits(), count, period, divisor);
        return left.equals(product(total, factor, share.seconds(), 1));
    }

    private static BigInteger product(long a, long b, long c, long d) {
        return BigInteger.valueOf(a)
                .multiply(BigInteger.valueOf(b))
                .multiply(BigInteger.valueOf(c))
                .multiply(BigInteger.valueOf(d));
    }

    @Property(generation = GenerationMode.RANDOMIZED)
    void growsWithTheTotalAndShrinksWithTheNodes(
            @ForAll @LongRange(min = 1, max = MAX_TOTAL - 1) long total,
            @ForAll @IntRange(min = 2, max = 9_999) int nodes) {
        assertThat(Share.of(total + 1, nodes)).isGreaterThan(Share.of(total, nodes));
        assertThat(Share.of(total, nodes + 1)).isLessThan(Share.of(total, nodes));
    }

    /** The largest products that the comparison makes. */
    @Test
    void comparesTheLargestWithTheSmallest() {
        Share largest = Share.of(MAX_TOTAL, 1);
        Share smallest = Share.of(1, Duration.ofHours(1), 10_000);
        assertThat(smallest).isEqualTo(new Share(1, 35_996_400)).isLessThan(largest);
        assertThat(largest).isGreaterThan(Share.of(MAX_TOTAL - 1, Duration.ofHours(1), 10_000));
        assertThat(smallest.display()).isEqualTo("0.0000000277");
        assertThat(smallest.displayBits()).isEqualTo("0 bit/s");
        assertThatIllegalArgumentException().isThrownBy(() -> new Share(1, 35_996_401));
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Share.of(0, 4))
                .withMessage("total: 0 (expected: 1 to 100,000,000,000)");
        assertThatIllegalArgumentException().isThrownBy(() -> Share.of(MAX_TOTAL + 1, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Share.of(1, 0))
                .withMessage("nodes: 0 (expected: 1 to 10,000)");
        assertThatIllegalArgumentException().isThrownBy(() -> Share.of(1, 10_001));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Share.of(1, Duration.ofMillis(1_500), 4))
                .withMessage("period: PT1.5S (expected: whole seconds)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Share.of(1, Duration.ofSeconds(3_601), 4))
                .withMessage("period: 3601 (expected: 1 to 3,600)");
    }
}
