package io.clb.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a limit lets through, and the seconds in which it bites. One row for each loop, written by that loop only, read by anyone; a reader who comes while a second begins
 * may see a part of it.
 */
final class LimitMeter {

    /** The bitten seconds that each loop keeps. */
    static final int HISTORY = 60;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Keeps the rows of two loops on different cache lines. */
    private static final int PADDING = 8;

    private static final int SECOND = PADDING;
    private static final int PASSED = PADDING + 1;
    private static final int PASSED_BEFORE = PADDING + 2;
    private static final int BITES = PADDING + 3;
    private static final int CELLS = BITES + 1 + PADDING;

    private final long[][] rows;

    /** For each loop its last bitten seconds and their counts, in turn; made with the first. */
    private final long[][] bitten;

    LimitMeter(int loops) {
        rows = new long[loops][CELLS];
        bitten = new long[loops][];
    }

    /** Counts what was let through. */
    void passed(Loop loop, long permits) {
        long[] row = rows[loop.index()];
        long second = second(loop.nowNanos());
        long now = (long) CELL.getOpaque(row, SECOND);
        if (second != now) {
            CELL.setOpaque(row, PASSED_BEFORE, second == now + 1 ? row[PASSED] : 0);
            CELL.setOpaque(row, PASSED, 0);
            CELL.setOpaque(row, SECOND, second);
        }
        CELL.setOpaque(row, PASSED, row[PASSED] + permits);
    }

    /** Counts what was refused, or put off. */
    void bit(Loop loop) {
        long[] row = rows[loop.index()];
        long before = row[BITES];
        long[] seconds = bitten[loop.index()];
        long second = second(loop.nowNanos());
        if (seconds == null) {
            seconds = new long[2 * HISTORY + 1];
            bitten[loop.index()] = seconds;
        }
        // The last cell says where the latest second stands.
        int at = (int) seconds[2 * HISTORY];
        if (before == 0 || seconds[at] != second) {
            at = before == 0 ? 0 : (at + 2) % (2 * HISTORY);
            CELL.setOpaque(seconds, at + 1, 0);
            CELL.setOpaque(seconds, at, second);
            CELL.setOpaque(seconds, 2 * HISTORY, at);
        }
        CELL.setOpaque(seconds, at + 1, seconds[at + 1] + 1);
        CELL.setRelease(row, BITES, before + 1);
    }

    private static long second(long nanos) {
        return Math.floorDiv(nanos, NANOS_PER_SECOND);
    }

    /** What was let through in the last full second. */
    long lastSecond(long nowNanos) {
        long last = second(nowNanos) - 1;
        long sum = 0;
        for (long[] row : rows) {
            long at = (long) CELL.getOpaque(row, SECOND);
            if (at == last) {
                sum += (long) CELL.getOpaque(row, PASSED);
            } else if (at == last + 1) {
                sum += (long) CELL.getOpaque(row, PASSED_BEFORE);
            }
        }
        return sum;
    }

    long bites() {
        long sum = 0;
        for (long[] row : rows) {
            sum += (long) CELL.getOpaque(row, BITES);
        }
        return sum;
    }

    /** How often it bit, by how many nanoseconds ago the second began, the latest last. */
    SortedMap<Long, Long> history(long nowNanos) {
        SortedMap<Long, Long> seconds = new TreeMap<>((a, b) -> Long.compare(b, a));
        for (int loop = 0; loop < rows.length; loop++) {
            long bites = (long) CELL.getAcquire(rows[loop], BITES);
            long[] of = bitten[loop];
            if (bites > 0 && of != null) {
                add(of, nowNanos, seconds);
            }
        }
        return seconds;
    }

    private static void add(long[] of, long nowNanos, Map<Long, Long> seconds) {
        for (int at = 0; at < 2 * HISTORY; at += 2) {
            long count = (long) CELL.getOpaque(of, at + 1);
            if (count > 0) {
                long ago = nowNanos - (long) CELL.getOpaque(of, at) * NANOS_PER_SECOND;
                seconds.merge(ago, count, Long::sum);
            }
        }
    }
}
