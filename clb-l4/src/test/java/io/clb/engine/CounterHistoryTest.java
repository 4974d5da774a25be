package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Seconds and minutes of two counters that only grow. */
final class CounterHistoryTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long START = 100 * 60 * SECOND;

    private final Sampling sampling = new Sampling(START);
    private final CounterHistory history = new CounterHistory(START);
    private final long[] totals = new long[2];
    private long now = START;

    private void pass(long nanos, long first, long second) {
        now += nanos;
        totals[0] += first;
        totals[1] += second;
        sampling.end(now);
        history.sample(totals, sampling);
    }

    private List<CounterHistory.Slice> seconds() {
        return history.copy(now).seconds();
    }

    private List<CounterHistory.Slice> minutes() {
        return history.copy(now).minutes();
    }

    private static List<Long> firsts(List<CounterHistory.Slice> slices) {
        return slices.stream().map(slice -> slice.count(0)).toList();
    }

    private static List<Long> counts(CounterHistory.Slice slice) {
        return List.of(slice.count(0), slice.count(1));
    }

    private static List<Long> highest(CounterHistory.Slice slice) {
        return List.of(slice.highest(0), slice.highest(1));
    }

    @Test
    void eachSecondHasWhatCameInIt() {
        pass(SECOND, 5, 1);
        pass(SECOND, 0, 0);
        pass(SECOND, 7, 2);
        List<CounterHistory.Slice> seconds = seconds();
        assertThat(firsts(seconds)).containsExactly(5L, 0L, 7L);
        assertThat(counts(seconds.get(2))).containsExactly(7L, 2L);
        assertThat(highest(seconds.get(2))).containsExactly(7L, 2L);
        assertThat(seconds.get(2).span().startNanos()).isEqualTo(START + 2 * SECOND);
        assertThat(seconds.get(2).span().endNanos()).isEqualTo(START + 3 * SECOND);
        assertThat(minutes()).isEmpty();
    }

    @Test
    void aMinuteHasItsSumAndItsHighestSecond() {
        for (int i = 0; i < 60; i++) {
            pass(SECOND, i == 30 ? 100 : 1, 1);
        }
        CounterHistory.Slice minute = minutes().get(0);
        assertThat(counts(minute)).containsExactly(159L, 60L);
        assertThat(highest(minute)).containsExactly(100L, 1L);
        assertThat(minute.span().startNanos()).isEqualTo(START);
        assertThat(minute.span().endNanos()).isEqualTo(START + 60 * SECOND);
        for (int i = 0; i < 60; i++) {
            pass(SECOND, 2, 0);
        }
        assertThat(firsts(minutes())).containsExactly(159L, 120L);
        assertThat(highest(minutes().get(1))).containsExactly(2L, 0L);
    }

    @Test
    void sixtyOfEachAreKept() {
        for (int i = 0; i < 61 * 60; i++) {
            pass(SECOND, i, 0);
        }
        assertThat(firsts(seconds())).hasSize(60).startsWith(3_600L).endsWith(3_659L);
        assertThat(minutes()).hasSize(60);
        assertThat(minutes().get(0).span().startNanos()).isEqualTo(START + 60 * SECOND);
    }

    /** Nobody was there to count: each of the seconds may have had its part. */
    @Test
    void whatCameDuringAPauseIsOneLongSlice() {
        pass(SECOND, 1, 0);
        pass(10 * SECOND, 101, 0);
        CounterHistory.Slice pause = seconds().get(1);
        assertThat(pause.span().endNanos() - pause.span().startNanos()).isEqualTo(10 * SECOND);
        assertThat(pause.count(0)).isEqualTo(101);
        assertThat(pause.highest(0)).isEqualTo(11);
    }

    @Test
    void whatIsOldIsNotShown() {
        pass(SECOND, 1, 0);
        pass(3_600 * SECOND, 0, 0);
        pass(SECOND, 2, 0);
        assertThat(firsts(seconds())).containsExactly(2L);
        pass(60 * SECOND, 3, 0);
        assertThat(firsts(minutes())).containsExactly(5L);
    }

    @Test
    void aSecondTimeAtOneMomentChangesNothing() {
        pass(SECOND, 1, 0);
        pass(0, 2, 0);
        pass(SECOND, 0, 0);
        assertThat(firsts(seconds())).containsExactly(1L, 2L);
    }

    @Test
    void whatBeganLaterHasAShorterFirstSecondAndMinute() {
        sampling.end(START + SECOND);
        CounterHistory later = new CounterHistory(START + SECOND + SECOND / 2);
        for (int second = 2; second <= 60; second++) {
            sampling.end(START + second * SECOND);
            later.sample(new long[] {second, 0}, sampling);
        }
        CounterHistory.Copy copy = later.copy(START + 60 * SECOND);
        assertThat(copy.seconds().get(0).span())
                .isEqualTo(new Sampling.Span(START + SECOND + SECOND / 2, START + 2 * SECOND));
        assertThat(firsts(copy.seconds())).hasSize(59).startsWith(2L, 1L);
        assertThat(copy.minutes()).hasSize(1);
        assertThat(copy.minutes().get(0).span())
                .isEqualTo(new Sampling.Span(START + SECOND + SECOND / 2, START + 60 * SECOND));
        assertThat(counts(copy.minutes().get(0))).containsExactly(60L, 0L);
    }

    @Test
    void aCopyStaysAsItIs() {
        pass(SECOND, 1, 0);
        CounterHistory.Copy copy = history.copy(now);
        pass(SECOND, 2, 0);
        assertThat(firsts(copy.seconds())).containsExactly(1L);
    }
}
