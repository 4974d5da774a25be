package io.clb.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counters of which most stay at 0: a stripe for each loop, written by that loop only, read by anyone as a sum over all stripes. A stripe is made with a loop's first count, and of it only the blocks that have
 * counts.
 */
final class Stripes {

    private static final VarHandle STRIPE = MethodHandles.arrayElementVarHandle(long[][][].class);
    private static final VarHandle BLOCK = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    /** Counters in a block. */
    static final int IN_BLOCK = 32;

    /** Keeps counters of two blocks on different cache lines, wherever the garbage collector puts them: 64 bytes. */
    private static final int PADDING = 8;

    private final long[] @Nullable [] @Nullable [] stripes;
    private final int blocks;

    /**
     * Begins with all at 0.
     *
     * @param cells how many counters
     */
    Stripes(int loops, int cells) {
        stripes = new long[loops][][];
        blocks = (cells + IN_BLOCK - 1) / IN_BLOCK;
    }

    /** Adds to a counter, on the loop that the stripe belongs to. */
    void add(int loop, int cell, long amount) {
        long[] @Nullable [] stripe = stripes[loop];
        if (stripe == null) {
            stripe = new long[blocks][];
            STRIPE.setRelease(stripes, loop, stripe);
        }
        long[] block = stripe[cell / IN_BLOCK];
        if (block == null) {
            block = new long[IN_BLOCK + PADDING];
            BLOCK.setRelease(stripe, cell / IN_BLOCK, block);
        }
        int at = cell % IN_BLOCK;
        CELL.setOpaque(block, at, (long) CELL.getOpaque(block, at) + amount);
    }

    /** Whether nothing was ever counted. */
    boolean isEmpty() {
        for (int loop = 0; loop < stripes.length; loop++) {
            if (STRIPE.getAcquire(stripes, loop) != null) {
                return false;
            }
        }
        return true;
    }

    long sum(int cell) {
        long sum = 0;
        for (int loop = 0; loop < stripes.length; loop++) {
            long[] block = block(loop, cell / IN_BLOCK);
            if (block != null) {
                sum += (long) CELL.getOpaque(block, cell % IN_BLOCK);
            }
        }
        return sum;
    }

    /** Writes down the first counters, as many as there is room for. */
    void sums(long[] into) {
        Arrays.fill(into, 0);
        for (int loop = 0; loop < stripes.length; loop++) {
            for (int at = 0; at < blocks; at++) {
                long[] block = block(loop, at);
                if (block != null) {
                    add(block, at * IN_BLOCK, into);
                }
            }
        }
    }

    private static void add(long[] block, int first, long[] into) {
        int cells = Math.min(IN_BLOCK, into.length - first);
        for (int i = 0; i < cells; i++) {
            into[first + i] += (long) CELL.getOpaque(block, i);
        }
    }

    private long @Nullable [] block(int loop, int block) {
        Object stripe = STRIPE.getAcquire(stripes, loop);
        return stripe == null ? null : (long[]) BLOCK.getAcquire((long[][]) stripe, block);
    }
}
