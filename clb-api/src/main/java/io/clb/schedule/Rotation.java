package io.clb.schedule;

/**
 * A place in a period: stepped by all loops together, or by one that it belongs to.
 *
 * <p>When the servers change, so does the period, and the successor starts as far into its own as this one has come. That fraction is kept
 * unrounded: a server that comes and goes, with few picks in between, would else send the rotation back to where it was each time.
 */
final class Rotation extends PaddedWord {

    /** In steps: above what doubles lose in the longest period (6.6 million steps), below one step divided by it. */
    private static final double ROUNDING = 1e-8;

    private final int period;
    private final double startPhase;
    private final long start;

    /**
     * Starts somewhere in a period.
     *
     * @param period the number of steps; 0 for one that is never stepped
     * @param phase how far in, 0 to below 1
     */
    Rotation(int period, double phase) {
        this.period = period;
        this.startPhase = phase;
        this.start = period == 0 ? 0 : (long) (phase * period + ROUNDING) % period;
        WORD.setRelease(this, start);
    }

    /** Takes the next step: 0 to {@code period - 1}. */
    int next() {
        return Math.floorMod((long) WORD.getAndAdd(this, 1L), period);
    }

    /** Takes the next step where one thread takes them all: 0 to {@code period - 1}. */
    int nextAlone() {
        long at = (long) WORD.getOpaque(this);
        WORD.setOpaque(this, at + 1 == period ? 0 : at + 1);
        return (int) at;
    }

    /** Tells how far into its period the next step is, 0 to below 1. */
    double phase() {
        if (period == 0) {
            return startPhase;
        }
        double phase = startPhase + Math.floorMod((long) WORD.getOpaque(this) - start, period) / (double) period;
        return phase < 1 ? phase : phase - 1;
    }
}
