package io.clb.schedule;

/**
 * Random numbers for several loops, each with a sequence of its own that no other loop touches: no shared word, no lock. SplitMix64 [1], a
 * counter in steps of the golden ratio, mixed.
 *
 * <p>[1] G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
 */
final class LoopRandom {

    /** 128 bytes in longs: a cache line and the neighbour that the prefetcher takes along. */
    private static final int STRIDE = 16;

    /** One for each loop, each alone on its lines; plain, as only its loop reads and writes it. */
    private final long[] states;

    LoopRandom(int loops, long seed) {
        states = new long[(loops + 1) * STRIDE];
        for (int loop = 0; loop < loops; loop++) {
            states[index(loop)] = Mix.mix(seed + loop);
        }
    }

    int loops() {
        return states.length / STRIDE - 1;
    }

    /** Returns 64 random bits. On that loop. */
    long next(int loop) {
        int at = index(loop);
        long state = states[at] + Mix.GOLDEN;
        states[at] = state;
        return Mix.mix(state);
    }

    /** Makes a number below a bound out of the upper 32 bits of another, without a division; the bias is below bound / 2^32. */
    static int below(int bound, long bits) {
        return (int) (((bits >>> Integer.SIZE) * bound) >>> Integer.SIZE);
    }

    /** The lines before the first keep the array's own head off it. */
    private static int index(int loop) {
        return (loop + 1) * STRIDE;
    }
}
