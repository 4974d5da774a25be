package io.clb.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A place in a period, alone on its cache lines: stepped by all loops together, or by one that it belongs to.
 *
 * <p>When the servers change, so does the period, and the successor starts as far into its own as this one has come. That fraction is kept
 * unrounded: a server that comes and goes, with few picks in between, would else send the rotation back to where it was each time.
 */
final class Rotation extends RotationTail {

    /** In steps: above what doubles lose in the longest period (6.6 million steps), below one step divided by it. */
    private static final double ROUNDING = 1e-8;

    private static final VarHandle POSITION;

    static {
        try {
            POSITION = MethodHandles.lookup().findVarHandle(RotationWord.class, "position", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

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
        POSITION.setRelease(this, start);
    }

    /** Takes the next step: 0 to {@code period - 1}. */
    int next() {
        return Math.floorMod((long) POSITION.getAndAdd(this, 1L), period);
    }

    /** Takes the next step where one thread takes them all: 0 to {@code period - 1}. */
    int nextAlone() {
        long at = position;
        POSITION.setOpaque(this, at + 1 == period ? 0 : at + 1);
        return (int) at;
    }

    /** Tells how far into its period the next step is, 0 to below 1. */
    double phase() {
        if (period == 0) {
            return startPhase;
        }
        double phase = startPhase + Math.floorMod((long) POSITION.getOpaque(this) - start, period) / (double) period;
        return phase < 1 ? phase : phase - 1;
    }
}

/** Keeps what the allocator places before the word off its line: 64 bytes, and the neighbour that the prefetcher takes along. */
@SuppressWarnings("unused")
class RotationHead {
    private long p00;
    private long p01;
    private long p02;
    private long p03;
    private long p04;
    private long p05;
    private long p06;
    private long p07;
    private long p10;
    private long p11;
    private long p12;
    private long p13;
    private long p14;
    private long p15;
    private long p16;
}

/** The word itself. */
class RotationWord extends RotationHead {
    // stepped by any loop, or by its own; read by control when a successor is built
    long position;
}

/** Keeps what follows off the word's line. */
@SuppressWarnings("unused")
class RotationTail extends RotationWord {
    private long p00;
    private long p01;
    private long p02;
    private long p03;
    private long p04;
    private long p05;
    private long p06;
    private long p07;
    private long p10;
    private long p11;
    private long p12;
    private long p13;
    private long p14;
    private long p15;
    private long p16;
}
