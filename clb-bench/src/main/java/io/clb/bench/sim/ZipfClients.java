package io.clb.bench.sim;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Clients of whom few ask often and most ask seldom: the k-th of them in proportion to {@code k^-0.8}. */
final class ZipfClients {

    static final int COUNT = 10_000;
    private static final double EXPONENT = 0.8;

    private final SplittableRandom random;

    /** How much falls to a client and those before. */
    private final double[] upTo = new double[COUNT];

    ZipfClients(SplittableRandom random) {
        this.random = random;
        double sum = 0;
        for (int k = 0; k < COUNT; k++) {
            sum += StrictMath.pow(k + 1, -EXPONENT);
            upTo[k] = sum;
        }
    }

    int next() {
        int found = Arrays.binarySearch(upTo, random.nextDouble() * upTo[COUNT - 1]);
        return Math.min(found < 0 ? -found - 1 : found, COUNT - 1);
    }
}
