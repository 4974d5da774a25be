package io.clb.bench.cluster;

import java.util.SplittableRandom;

/** What happens by chance, and the same each time it is asked for. */
final class Rolls {

    private Rolls() {}

    /** A number from 0 to 1, another for each piece of time. */
    static double roll(long seed, int a, int b, double seconds, double pieceSeconds) {
        long piece = (long) (seconds / pieceSeconds);
        return new SplittableRandom(seed ^ (a * 31L + b) * 0x9E3779B97F4A7C15L ^ piece * 0xBF58476D1CE4E5B9L)
                .nextDouble();
    }
}
