package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import org.junit.jupiter.api.Test;

/** One row for each loop, summed by whoever asks. */
final class CountersTest {

    @Test
    void aCounterIsTheSumOverTheLoops() {
        DefaultEventLoop never = new DefaultEventLoop();
        Loop first = new Loop(0, never, Clock.SYSTEM, EngineSetup.ALLOCATOR);
        Loop second = new Loop(1, never, Clock.SYSTEM, EngineSetup.ALLOCATOR);
        Counters counters = new Counters(2, 3);
        counters.add(first, 0, 1);
        counters.add(second, 0, 10);
        counters.add(second, 2, 100);
        counters.add(second, 2, 100);
        assertThat(counters.sum(0)).isEqualTo(11);
        assertThat(counters.sum(1)).isZero();
        assertThat(counters.sum(2)).isEqualTo(200);
    }
}
