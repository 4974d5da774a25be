package io.clb.engine;

import io.clb.spi.QuotaCoordinator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a limit lets through, and the seconds in which it bites. One row for each loop, written by that loop only, read by anyone; a reader who comes while a second begins
 * may see a part of it.
 */
final class LimitMeter implements QuotaCoordinator.Meter {

    /** The bitten seconds that each loop keeps. */
    static final int HISTORY = 60;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Keeps the rows of two loops on different cache lines. */
    private static final int PADDING = 8;

    private static final int SECOND = PADDING;

    /** All that was let through; so much of it before this second, and before the one before it. */
    private static final int PASSED = PADDING + 1;

    private static final int BEFORE_THIS = PADDING + 2;
    private static final int BEFORE_LAST = PADDING + 3;
    private static final int PUT_OFF = PADDING + 4;
    private static final int REFUSED = PADDING + 5;
    private static final int WAITED = PADDING + 6;
    private static final int CELLS = WAITED + 1 + PADDING;

    /** Says where the latest of a loop's bitten seconds stands, -1 for none; after the seconds, and after their counts. */
    private static final int LATEST = 2 * HISTORY;

    private final long[][] rows;

    /** For each loop its last bitten seconds and their counts, in turn; made with the first. */
    private final long[] @Nullable [] bitten;

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
            CELL.setOpaque(row, BEFORE_LAST, second == now + 1 ? row[BEFORE_THIS] : row[PASSED]);
            CELL.setOpaque(row, BEFORE_THIS, row[PASSED]);
            CELL.setOpaque(row, SECOND, second);
        }
        CELL.setOpaque(row, PASSED, row[PASSED] + permits);
    }

    /** Counts a read that was put off. */
    void putOff(Loop loop) {
        bit(loop, PUT_OFF);
    }

    /** Counts that what was put off is wanted still. */
    void waited(Loop loop) {
        long[] row = rows[loop.index()];
        CELL.setOpaque(row, WAITED, row[WAITED] + 1);
    }

    /** Counts what was refused or dropped. */
    void refused(Loop loop) {
        bit(loop, REFUSED);
    }

    private void bit(Loop loop, int cell) {
        long[] row = rows[loop.index()];
        long[] seconds = bitten[loop.index()];
        if (seconds == null) {
            seconds = new long[LATEST + 1];
            seconds[LATEST] = -1;
            bitten[loop.index()] = seconds;
        }
        long second = second(loop.nowNanos());
        int latest = (int) seconds[LATEST];
        if (latest < 0 || seconds[latest] != second) {
            latest = (latest + 1) % HISTORY;
            CELL.setOpaque(seconds, HISTORY + latest, 0);
            CELL.setOpaque(seconds, latest, second);
            CELL.setOpaque(seconds, LATEST, latest);
        }
        CELL.setOpaque(seconds, HISTORY + latest, seconds[HISTORY + latest] + 1);
        // Whoever sees the count sees the array.
        CELL.setRelease(row, cell, row[cell] + 1);
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
                sum += (long) CELL.getOpaque(row, PASSED) - (long) CELL.getOpaque(row, BEFORE_THIS);
            } else if (at == last + 1) {
                sum += (long) CELL.getOpaque(row, BEFORE_THIS) - (long) CELL.getOpaque(row, BEFORE_LAST);
            }
        }
        return sum;
    }

    long putOff() {
        return sum(PUT_OFF);
    }

    /** What was refused or dropped. */
    long dropped() {
        return sum(REFUSED);
    }

    @Override
    public long admitted() {
        return sum(PASSED);
    }

    @Override
    public long refused() {
        return putOff() + dropped() + sum(WAITED);
    }

    private long sum(int cell) {
        long sum = 0;
        for (long[] row : rows) {
            sum += (long) CELL.getOpaque(row, cell);
        }
        return sum;
    }

    /** How often it bit, by how many nanoseconds ago the second began, the latest last. */
    SortedMap<Long, Long> history(long nowNanos) {
        SortedMap<Long, Long> seconds = new TreeMap<>(Comparator.reverseOrder());
        for (int loop = 0; loop < rows.length; loop++) {
            long bites = (long) CELL.getAcquire(rows[loop], PUT_OFF) + (long) CELL.getAcquire(rows[loop], REFUSED);
            long[] of = bitten[loop];
            if (bites > 0 && of != null) {
                add(of, nowNanos, seconds);
            }
        }
        return seconds;
    }

    private static void add(long[] of, long nowNanos, Map<Long, Long> seconds) {
        for (int at = 0; at < HISTORY; at++) {
            long count = (long) CELL.getOpaque(of, HISTORY + at);
            if (count > 0) {
                long ago = nowNanos - (long) CELL.getOpaque(of, at) * NANOS_PER_SECOND;
                seconds.merge(ago, count, Long::sum);
            }
        }
    }
}
