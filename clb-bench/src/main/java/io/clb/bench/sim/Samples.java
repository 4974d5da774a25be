package io.clb.bench.sim;

import java.util.Arrays;

/** Numbers at even distances in time. Immutable. */
final class Samples {

    private final long[] values;

    Samples(long[] values) {
        this.values = values.clone();
    }

    Samples(int[] values) {
        this(Arrays.stream(values).asLongStream().toArray());
    }

    int size() {
        return values.length;
    }

    long at(int index) {
        return values[index];
    }

    long highest() {
        return Arrays.stream(values).max().orElse(0);
    }
}
