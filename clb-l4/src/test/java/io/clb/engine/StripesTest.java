package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Counters with a stripe for each loop, summed by whoever asks. */
final class StripesTest {

    private static final int LOOPS = 4;
    private static final int CELLS = 100;
    private static final int TURNS = 200_000;

    @Property
    void aSumIsWhatAllLoopsHaveCounted(
            @ForAll @Size(max = 200) List<@IntRange(max = LOOPS * CELLS - 1) Integer> counts,
            @ForAll @IntRange(min = 1, max = 1_000_000) int amount) {
        Stripes stripes = new Stripes(LOOPS, CELLS);
        long[] expected = new long[CELLS];
        for (int count : counts) {
            stripes.add(count / CELLS, count % CELLS, amount);
            expected[count % CELLS] += amount;
        }
        long[] sums = new long[CELLS];
        stripes.sums(sums);
        assertThat(sums).containsExactly(expected);
        for (int cell = 0; cell < CELLS; cell++) {
            assertThat(stripes.sum(cell)).isEqualTo(expected[cell]);
        }
        assertThat(stripes.isEmpty()).isEqualTo(counts.isEmpty());
    }

    @Example
    void theFirstCellsMayBeAskedForAlone() {
        Stripes stripes = new Stripes(1, CELLS);
        stripes.add(0, 39, 5);
        stripes.add(0, 40, 7);
        long[] first = new long[40];
        stripes.sums(first);
        assertThat(first[39]).isEqualTo(5);
        assertThat(Arrays.stream(first).sum()).isEqualTo(5);
    }

    /** Every loop writes the same cells, in blocks that come into being meanwhile, while somebody reads: sums only grow, and at the end nothing is missing. */
    @Example
    void aReaderSeesSumsThatOnlyGrow() throws Exception {
        Stripes stripes = new Stripes(LOOPS, CELLS);
        CountDownLatch done = new CountDownLatch(LOOPS);
        List<Thread> writers = new ArrayList<>();
        for (int loop = 0; loop < LOOPS; loop++) {
            int own = loop;
            Thread writer = new Thread(() -> {
                for (int turn = 0; turn < TURNS; turn++) {
                    stripes.add(own, turn * CELLS / TURNS, 1);
                    stripes.add(own, 0, 1);
                }
                done.countDown();
            });
            writers.add(writer);
            writer.start();
        }
        long[] before = new long[CELLS];
        long[] now = new long[CELLS];
        do {
            stripes.sums(now);
            for (int cell = 0; cell < CELLS; cell++) {
                assertThat(now[cell]).isGreaterThanOrEqualTo(before[cell]);
            }
            System.arraycopy(now, 0, before, 0, CELLS);
        } while (done.getCount() > 0);
        for (Thread writer : writers) {
            writer.join();
        }
        stripes.sums(now);
        assertThat(now[0]).isEqualTo((long) LOOPS * (TURNS + TURNS / CELLS));
        for (int cell = 1; cell < CELLS; cell++) {
            assertThat(now[cell]).isEqualTo((long) LOOPS * TURNS / CELLS);
        }
    }
}
