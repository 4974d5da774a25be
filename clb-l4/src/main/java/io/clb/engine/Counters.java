package io.clb.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counters with one row for each loop, written by that loop only, read by anyone as a sum over all rows. */
final class Counters {

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    /** Keeps the rows of two loops on different cache lines: a line of 64 bytes, before and after. */
    private static final int PADDING = 8;

    private final long[][] rows;

    Counters(int loops, int cells) {
        rows = new long[loops][cells + 2 * PADDING];
    }

    /** Adds to a counter, on the loop that the row belongs to. */
    void add(Loop loop, int cell, long amount) {
        long[] row = rows[loop.index()];
        int at = cell + PADDING;
        CELL.setOpaque(row, at, (long) CELL.getOpaque(row, at) + amount);
    }

    long sum(int cell) {
        long sum = 0;
        for (long[] row : rows) {
            sum += (long) CELL.getOpaque(row, cell + PADDING);
        }
        return sum;
    }
}
