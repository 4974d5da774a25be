package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.Snapshot.Metric;
import io.clb.l4.LiveHeap;
import io.clb.spi.Reason;
import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is counted of a part, and what that costs. */
final class TallyTest {

    private static final int LOOPS = 8;
    private static final int BUSY = 50;
    private static final int IDLE = 5_000;
    private static final int SECONDS = 3_660;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private final DefaultEventLoop never = new DefaultEventLoop();
    private final List<Loop> loops = IntStream.range(0, LOOPS)
            .mapToObj(index -> new Loop(index, never, Clock.SYSTEM, EngineSetup.ALLOCATOR))
            .toList();
    private final Random random = new Random(1);

    private void request(Tally tally) {
        Loop loop = loops.get(random.nextInt(LOOPS));
        tally.countBegun(loop);
        tally.count(loop, Metric.REQUESTS, 1);
        tally.count(loop, Metric.BYTES_FROM_CLIENTS, 400);
        tally.count(loop, Metric.BYTES_FROM_SERVERS, random.nextInt(100_000));
        tally.countStatuses(loop, 200, 200);
        tally.countLatency(loop, (long) (10 * MILLISECOND * Math.exp(random.nextGaussian() / 2)));
        tally.countEnded(loop, random.nextInt(100) == 0 ? Reason.CLIENT_GONE : Reason.COMPLETED);
    }

    /** An hour of 10 requests a second on each of many parts, on 8 loops: what is kept of it, on average. */
    @Test
    void aBusyPartTakesLessThan24KibAndAnIdleOneNextToNothing() {
        long before = LiveHeap.bytes();
        List<Tally> idle =
                IntStream.range(0, IDLE).mapToObj(i -> new Tally(LOOPS)).toList();
        long withIdle = LiveHeap.bytes();
        List<Tally> busy =
                IntStream.range(0, BUSY).mapToObj(i -> new Tally(LOOPS)).toList();
        Sampling sampling = new Sampling(0);
        for (int second = 1; second <= SECONDS; second++) {
            for (Tally tally : busy) {
                for (int i = 0; i < 10; i++) {
                    request(tally);
                }
            }
            sampling.end(second * SECOND);
            busy.forEach(tally -> tally.sample(sampling));
        }
        idle.forEach(tally -> tally.sample(sampling));
        long ofBusy = (LiveHeap.bytes() - withIdle) / BUSY;
        long ofIdle = (withIdle - before) / IDLE;
        assertThat(ofBusy).isLessThan(24 * 1_024);
        assertThat(ofIdle).isLessThan(512);
        assertThat(busy).hasSize(BUSY);
        assertThat(idle).hasSize(IDLE);
    }

    @Test
    void whatBeganIsActiveUntilItEnds() {
        Tally tally = new Tally(LOOPS);
        tally.countBegun(loops.get(0));
        tally.countBegun(loops.get(1));
        assertThat(tally.active()).isEqualTo(2);
        tally.countEnded(loops.get(1), Reason.COMPLETED);
        assertThat(tally.active()).isEqualTo(1);
    }

    @Test
    void aHistoryBeginsWithTheSecondOfTheFirstCount() {
        Tally tally = new Tally(LOOPS);
        Sampling sampling = new Sampling(0);
        List<Long> expected = new ArrayList<>();
        for (int second = 1; second <= 5; second++) {
            if (second >= 3) {
                tally.count(loops.get(second), Metric.REQUESTS, second);
                expected.add((long) second);
            }
            sampling.end(second * SECOND);
            tally.sample(sampling);
        }
        List<CounterHistory.Slice> seconds = tally.history(5 * SECOND).seconds();
        assertThat(seconds.stream().map(slice -> Tally.count(slice, Metric.REQUESTS)))
                .isEqualTo(expected);
        assertThat(seconds.get(0).span()).isEqualTo(new Sampling.Span(2 * SECOND, 3 * SECOND));
    }
}
