package io.clb.schedule;

import java.util.Arrays;

/**
 * The order in which weighted servers take turns: one period, each server in it exactly in proportion to its weight, and after any k picks
 * from the start less than one pick from its fair share {@code k * weight / sum}.
 *
 * <p>This is the chairman assignment problem [1]. The i-th pick of a server must fall between the slot in which its fair share first exceeds
 * {@code i} and the slot in which it reaches {@code i + 1}; whoever's slot ends first goes first. Such windows can always be kept, as the
 * fractional schedule keeps them and unit jobs with whole-numbered windows then have a whole-numbered one, which earliest deadline first
 * finds [2].
 *
 * <p>A truth table, weights 3, 2, 1, share after k picks in brackets: A(0.5) B(0.67) A(1.5) B(1.33) A(2.5) C(1).
 *
 * <p>[1] R. Tijdeman, The chairman assignment problem, Discrete Mathematics 32 (1980). [2] S. Baruah, N. Cohen, C. Plaxton, D. Varvel,
 * Proportionate progress, Algorithmica 15 (1996).
 */
final class SmoothSequence {

    private SmoothSequence() {}

    /**
     * Builds one period. Takes O(period log servers): at weights of 100 that have no common divisor, 100 entries a server.
     *
     * @param weights 0 or more each; 0 is left out
     * @return the indexes in the order of their turns, as unsigned 16 bits; empty if no weight is above 0
     */
    static char[] of(int[] weights) {
        int divisor = Arrays.stream(weights).reduce(0, SmoothSequence::greatestCommonDivisor);
        if (divisor == 0) {
            return new char[0];
        }
        int period = Arrays.stream(weights).map(w -> w / divisor).reduce(0, Math::addExact);
        // Turns not yet released, as lists by the slot in which they will be: first[slot], then next[index].
        int[] first = new int[period + 1];
        Arrays.fill(first, -1);
        int[] next = new int[weights.length];
        long[] taken = new long[weights.length];
        LongHeap released = new LongHeap(weights.length);
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                released.add(turn(deadline(0, weights[i] / divisor, period), i));
            }
        }
        char[] order = new char[period];
        for (int slot = 1; slot <= period; slot++) {
            for (int i = first[slot]; i >= 0; i = next[i]) {
                released.add(turn(deadline(taken[i], weights[i] / divisor, period), i));
            }
            int pick = (int) released.remove();
            order[slot - 1] = (char) pick;
            taken[pick]++;
            int release = Math.max(slot + 1, release(taken[pick], weights[pick] / divisor, period));
            if (release <= period) {
                next[pick] = first[release];
                first[release] = pick;
            }
        }
        return order;
    }

    /** The first slot in which the fair share exceeds {@code taken}. */
    private static int release(long taken, int weight, int period) {
        return (int) (taken * period / weight) + 1;
    }

    /** The slot in which the fair share reaches {@code taken + 1}. */
    private static int deadline(long taken, int weight, int period) {
        return (int) (((taken + 1) * period + weight - 1) / weight);
    }

    private static long turn(int deadline, int index) {
        return ((long) deadline << Integer.SIZE) | index;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
