package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A queue of longs. */
final class PlacesTest {

    private static void assertSame(Places places, Queue<Long> expected) {
        assertThat(places.count()).isEqualTo(expected.size());
        assertThat(places.isEmpty()).isEqualTo(expected.isEmpty());
        if (!expected.isEmpty()) {
            assertThat(places.first()).isEqualTo(expected.element());
        }
    }

    @Test
    void comeUpInTheOrderInWhichTheyWereTaken() {
        Places places = new Places();
        assertThat(places.isEmpty()).isTrue();
        for (long nanos = -500; nanos < 500; nanos++) {
            places.add(nanos);
        }
        assertThat(places.count()).isEqualTo(1_000);
        for (long nanos = -500; nanos < 500; nanos++) {
            assertThat(places.first()).isEqualTo(nanos);
            places.removeFirst();
        }
        assertThat(places.isEmpty()).isTrue();
    }

    /** Grows and shrinks, from any position of the ring. */
    @Test
    void areAQueueWhateverIsAddedAndRemoved() {
        Random random = new Random(20_260_729);
        Places places = new Places();
        Queue<Long> expected = new ArrayDeque<>();
        for (int round = 0; round < 2_000; round++) {
            int adds = random.nextInt(random.nextInt(10) == 0 ? 400 : 20);
            for (int i = 0; i < adds; i++) {
                long nanos = random.nextLong();
                places.add(nanos);
                expected.add(nanos);
            }
            assertSame(places, expected);
            int removes = Math.min(expected.size(), random.nextInt(60));
            for (int i = 0; i < removes; i++) {
                places.removeFirst();
                expected.remove();
                assertSame(places, expected);
            }
        }
    }

    @Test
    void comeUpSoonerIfTheyAreHastened() {
        Places places = new Places();
        for (long nanos : new long[] {5, 40, 20, -3}) {
            places.add(nanos);
        }
        places.hasten(10);
        for (long nanos : new long[] {5, 10, 10, -3}) {
            assertThat(places.first()).isEqualTo(nanos);
            places.removeFirst();
        }
    }
}
