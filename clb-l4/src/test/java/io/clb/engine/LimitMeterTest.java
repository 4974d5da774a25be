package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a limit has counted, on a clock that is moved by hand. */
final class LimitMeterTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long HALF = SECOND / 2;

    private final FakeClock clock = new FakeClock();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loop one = new Loop(0, channel.eventLoop(), clock, EngineSetup.ALLOCATOR);
    private final Loop other = new Loop(1, channel.eventLoop(), clock, EngineSetup.ALLOCATOR);
    private final LimitMeter meter = new LimitMeter(2);

    @AfterEach
    void close() {
        channel.close();
    }

    private long lastSecond() {
        return meter.lastSecond(clock.nanoTime());
    }

    /** Moves to a time before or after the zero of the clock. */
    private void moveTo(long nanos) {
        clock.move(nanos - clock.nanoTime());
    }

    @Test
    void tellsWhatPassedInTheLastFullSecond() {
        assertThat(lastSecond()).isZero();
        meter.passed(one, 3);
        clock.move(SECOND - 1);
        meter.passed(one, 4);
        assertThat(lastSecond()).as("the second is not full yet").isZero();
        clock.move(1);
        assertThat(lastSecond()).isEqualTo(7);
        meter.passed(one, 5);
        assertThat(lastSecond()).isEqualTo(7);
        clock.move(SECOND);
        assertThat(lastSecond()).isEqualTo(5);
        clock.move(SECOND);
        assertThat(lastSecond()).as("nothing has passed since").isZero();
    }

    @Test
    void doesNotTakeTheSecondBeforeAQuietOneForTheLast() {
        meter.passed(one, 3);
        clock.move(2 * SECOND);
        meter.passed(one, 1);
        assertThat(lastSecond()).isZero();
        clock.move(SECOND);
        assertThat(lastSecond()).isEqualTo(1);
    }

    @Test
    void addsUpTheLoopsWhicheverOfThemHasBegunTheSecond() {
        meter.passed(one, 3);
        meter.passed(other, 10);
        clock.move(SECOND);
        meter.passed(other, 100);
        assertThat(lastSecond()).isEqualTo(13);
        clock.move(SECOND);
        assertThat(lastSecond()).isEqualTo(100);
    }

    @Test
    void countsWhatItRefusedAndWhatItPutOffApart() {
        meter.refused(one);
        meter.refused(other);
        meter.putOff(other);
        assertThat(meter.dropped()).isEqualTo(2);
        assertThat(meter.putOff()).isEqualTo(1);
        assertThat(meter.history(clock.nanoTime())).containsExactly(entry(0L, 3L));
        assertThat(lastSecond()).isZero();
    }

    @Test
    void tellsTheSecondsInWhichItBitTheOldestFirst() {
        assertThat(meter.history(clock.nanoTime())).isEmpty();
        clock.move(HALF);
        meter.refused(one);
        meter.refused(one);
        clock.move(3 * SECOND);
        meter.passed(one, 1);
        clock.move(SECOND);
        meter.putOff(other);
        clock.move(SECOND / 4);
        long quarters = HALF + SECOND / 4;
        assertThat(meter.history(clock.nanoTime()))
                .containsExactly(entry(4 * SECOND + quarters, 2L), entry(quarters, 1L));
    }

    @Test
    void keepsSixtySecondsOfEachLoopThenTheOldestGivesWay() {
        int seconds = LimitMeter.HISTORY + 5;
        for (int second = 0; second < seconds; second++) {
            for (int bite = 0; bite <= second; bite++) {
                meter.refused(one);
            }
            clock.move(SECOND);
        }
        assertThat(meter.history(clock.nanoTime()).keySet())
                .containsExactlyElementsOf(LongStream.rangeClosed(1, LimitMeter.HISTORY)
                        .map(ago -> (LimitMeter.HISTORY + 1 - ago) * SECOND)
                        .boxed()
                        .toList());
        assertThat(meter.history(clock.nanoTime()).values())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(6, seconds).boxed().toList());
        assertThat(meter.dropped()).isEqualTo((long) seconds * (seconds + 1) / 2);
    }

    /** {@link System#nanoTime} may be anything. */
    @Test
    void countsOnAClockThatIsNegative() {
        moveTo(-2 * SECOND - HALF);
        meter.passed(one, 3);
        meter.refused(one);
        clock.move(SECOND);
        assertThat(lastSecond()).isEqualTo(3);
        meter.passed(one, 4);
        assertThat(meter.history(clock.nanoTime())).containsExactly(entry(SECOND + HALF, 1L));
        clock.move(SECOND);
        meter.refused(one);
        assertThat(lastSecond()).isEqualTo(4);
        clock.move(SECOND);
        assertThat(lastSecond()).as("the clock is positive by now").isZero();
        assertThat(meter.history(clock.nanoTime()))
                .containsExactly(entry(3 * SECOND + HALF, 1L), entry(SECOND + HALF, 1L));
    }
}
