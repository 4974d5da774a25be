package io.clb.engine;

/**
 * How much of its weight a server has that joined some time ago: a tenth at first, then a tenth more with each step, rounded up to whole numbers, and
 * all of it when the window is over. Immutable; pure arithmetic.
 *
 * <p>A step is a line of a grid in time, lines a tenth of the window apart, and not a tenth of the window after a server has joined. So servers that
 * join at different moments step together, and the weights of a group change at most ten times in a window, however many servers join in it. The price
 * is exactness: the first line after joining changes nothing (the tenth that it would give is there already), so a server has its full weight between 9
 * and 10 tenths of the window after it has joined.
 *
 * <p>Worked for a window of 30 s, lines at 0 s, 3 s, 6 s and so on, and a weight of 25, joined at 2 s: 3 up to the line at 6 s, 5 up to 9 s, 8, 10, 13,
 * 15, 18, 20, 23 up to 30 s, then 25.
 *
 * @param windowNanos how long it takes, at least as many nanoseconds as there are steps
 * @param originNanos when a line was; times are told from it, and so may wrap around
 */
record SlowStart(long windowNanos, long originNanos) {

    /** Fewer would be jumps, more would be more rebuilds of the pickers. Not measured. */
    private static final int STEPS = 10;

    /** The weight in force, out of the one configured: 0 for 0, else at least 1. */
    int weight(int configured, long joinedNanos, long nowNanos) {
        int steps = (int) Math.min(STEPS, Math.max(1, linesBetween(joinedNanos, nowNanos)));
        return (configured * steps + STEPS - 1) / STEPS;
    }

    boolean isOver(long joinedNanos, long nowNanos) {
        return linesBetween(joinedNanos, nowNanos) >= STEPS;
    }

    /** How long it is until the next line, more than 0. */
    long untilLine(long nowNanos) {
        return apart() - Math.floorMod(nowNanos - originNanos, apart());
    }

    private long linesBetween(long joinedNanos, long nowNanos) {
        return line(nowNanos) - line(joinedNanos);
    }

    private long line(long nanos) {
        return Math.floorDiv(nanos - originNanos, apart());
    }

    private long apart() {
        return windowNanos / STEPS;
    }
}
