package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.PriorityQueue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LongHeapTest {

    /** True: add the next number. False: take one out, if there is one. */
    @Property
    void givesTheSmallestAsThePriorityQueueOfTheJdkDoes(@ForAll List<Boolean> adds, @ForAll long[] numbers) {
        LongHeap heap = new LongHeap(adds.size());
        PriorityQueue<Long> queue = new PriorityQueue<>();
        for (int i = 0; i < adds.size(); i++) {
            if (adds.get(i) && numbers.length > 0) {
                heap.add(numbers[i % numbers.length]);
                queue.add(numbers[i % numbers.length]);
            } else if (!queue.isEmpty()) {
                assertThat(heap.remove()).isEqualTo(queue.remove());
            }
        }
        while (!queue.isEmpty()) {
            assertThat(heap.remove()).isEqualTo(queue.remove());
        }
    }
}
