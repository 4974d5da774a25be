package io.clb.ratelimit.cluster;

import io.clb.ratelimit.Parts;

/** A limit of 1,000 a second that takes note of its share. */
final class FakeLimit implements SharedLimit {

    long admitted;
    long refused;
    boolean elastic;
    boolean open;
    int moves;
    private long parts;
    private long untilNanos;
    private long partsAfter;

    @Override
    public double totalPerSecond() {
        return 1_000;
    }

    @Override
    public long admitted() {
        return admitted;
    }

    @Override
    public long refused() {
        return refused;
    }

    @Override
    public boolean isElastic() {
        return elastic;
    }

    @Override
    public void move(long parts, long untilNanos, long partsAfter, long nowNanos) {
        this.parts = parts;
        this.untilNanos = untilNanos;
        this.partsAfter = partsAfter;
        open = false;
        moves++;
    }

    @Override
    public void open() {
        open = true;
    }

    /** What it may let through at a time, as a part of the total. */
    double share(long nowNanos) {
        return (double) (nowNanos - untilNanos < 0 ? parts : partsAfter) / Parts.WHOLE;
    }
}
