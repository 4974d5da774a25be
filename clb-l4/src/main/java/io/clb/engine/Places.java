package io.clb.engine;

/** The times at which turns come up, in the order of joining: a queue of longs, as long as there are who wait. Confined to one loop. */
final class Places {

    private static final int SMALLEST = 16;

    private long[] times = new long[SMALLEST];
    private int head;
    private int count;

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    long first() {
        return times[head];
    }

    void add(long nanos) {
        if (count == times.length) {
            resize(2 * times.length);
        }
        times[(head + count) & (times.length - 1)] = nanos;
        count++;
    }

    /** Has those that come up later come up at this time. */
    void hasten(long nanos) {
        for (int i = 0; i < count; i++) {
            int at = (head + i) & (times.length - 1);
            times[at] = times[at] - nanos > 0 ? nanos : times[at];
        }
    }

    void removeFirst() {
        head = (head + 1) & (times.length - 1);
        removed();
    }

    /** Returns the time of the last place, and removes it. */
    long removeLast() {
        long last = times[(head + count - 1) & (times.length - 1)];
        removed();
        return last;
    }

    private void removed() {
        count--;
        if (times.length > SMALLEST && count < times.length / 4) {
            resize(times.length / 2);
        }
    }

    private void resize(int size) {
        long[] resized = new long[size];
        for (int i = 0; i < count; i++) {
            resized[i] = times[(head + i) & (times.length - 1)];
        }
        times = resized;
        head = 0;
    }
}
