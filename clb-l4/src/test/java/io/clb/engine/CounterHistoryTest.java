package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Seconds and minutes of two counters that only grow. */
final class CounterHistoryTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long START = 100 * 60 * SECOND;

    private final CounterHistory history = new CounterHistory(new long[] {1_000, 0}, START);
    private final long[] totals = {1_000, 0};
    private long now = START;

    private void pass(long nanos, long first, long second) {
        now += nanos;
        totals[0] += first;
        totals[1] += second;
        history.sample(totals, now);
    }

    private static List<Long> firsts(List<CounterHistory.Slice> slices) {
        return slices.stream().map(slice -> slice.counts()[0]).toList();
    }

    @Test
    void eachSecondHasWhatCameInIt() {
        pass(SECOND, 5, 1);
        pass(SECOND, 0, 0);
        pass(SECOND, 7, 2);
        List<CounterHistory.Slice> seconds = history.seconds(now);
        assertThat(firsts(seconds)).containsExactly(5L, 0L, 7L);
        assertThat(seconds.get(2).counts()).containsExactly(7, 2);
        assertThat(seconds.get(2).highest()).containsExactly(7, 2);
        assertThat(seconds.get(2).startNanos()).isEqualTo(START + 2 * SECOND);
        assertThat(seconds.get(2).endNanos()).isEqualTo(START + 3 * SECOND);
        assertThat(history.minutes(now)).isEmpty();
    }

    @Test
    void aMinuteHasItsSumAndItsHighestSecond() {
        for (int i = 0; i < 60; i++) {
            pass(SECOND, i == 30 ? 100 : 1, 1);
        }
        CounterHistory.Slice minute = history.minutes(now).get(0);
        assertThat(minute.counts()).containsExactly(159, 60);
        assertThat(minute.highest()).containsExactly(100, 1);
        assertThat(minute.startNanos()).isEqualTo(START);
        assertThat(minute.endNanos()).isEqualTo(START + 60 * SECOND);
        for (int i = 0; i < 60; i++) {
            pass(SECOND, 2, 0);
        }
        assertThat(firsts(history.minutes(now))).containsExactly(159L, 120L);
        assertThat(history.minutes(now).get(1).highest()).containsExactly(2, 0);
    }

    @Test
    void sixtyOfEachAreKept() {
        for (int i = 0; i < 61 * 60; i++) {
            pass(SECOND, i, 0);
        }
        assertThat(firsts(history.seconds(now))).hasSize(60).startsWith(3_600L).endsWith(3_659L);
        assertThat(history.minutes(now)).hasSize(60);
        assertThat(history.minutes(now).get(0).startNanos()).isEqualTo(START + 60 * SECOND);
    }

    /** Nobody was there to count: each of the seconds may have had its part. */
    @Test
    void whatCameDuringAPauseIsOneLongSlice() {
        pass(SECOND, 1, 0);
        pass(10 * SECOND, 101, 0);
        CounterHistory.Slice pause = history.seconds(now).get(1);
        assertThat(pause.endNanos() - pause.startNanos()).isEqualTo(10 * SECOND);
        assertThat(pause.counts()[0]).isEqualTo(101);
        assertThat(pause.highest()[0]).isEqualTo(11);
    }

    @Test
    void whatIsOldIsNotShown() {
        pass(SECOND, 1, 0);
        pass(3_600 * SECOND, 0, 0);
        pass(SECOND, 2, 0);
        assertThat(firsts(history.seconds(now))).containsExactly(2L);
        pass(60 * SECOND, 3, 0);
        assertThat(firsts(history.minutes(now))).containsExactly(5L);
    }

    @Test
    void aSecondTimeAtOneMomentChangesNothing() {
        pass(SECOND, 1, 0);
        pass(0, 2, 0);
        pass(SECOND, 0, 0);
        assertThat(firsts(history.seconds(now))).containsExactly(1L, 2L);
    }
}
