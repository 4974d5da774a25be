package io.clb.schedule;

/** A binary heap of longs, the smallest first, of fixed capacity. {@code PriorityQueue} would box each, which doubles the time of a build. */
final class LongHeap {

    private final long[] heap;
    private int size;

    LongHeap(int capacity) {
        heap = new long[capacity];
    }

    void add(long value) {
        int at = size++;
        while (at > 0 && heap[parent(at)] > value) {
            heap[at] = heap[parent(at)];
            at = parent(at);
        }
        heap[at] = value;
    }

    /** Takes the smallest out. There must be one. */
    long remove() {
        long smallest = heap[0];
        long last = heap[--size];
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (child >= size || heap[child] >= last) {
                heap[at] = last;
                return smallest;
            }
            heap[at] = heap[child];
            at = child;
        }
    }

    private static int parent(int at) {
        return (at - 1) >>> 1;
    }
}
