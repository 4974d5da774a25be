package io.clb.engine;

import java.util.concurrent.TimeUnit;

/** Has each listener's counters be sampled at the end of each second. On control. */
final class Histories {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Control control;
    private final Gate gate;

    Histories(Control control, Gate gate) {
        this.control = control;
        this.gate = gate;
    }

    /** Begins the histories of listeners that have none, at once, so that they miss nothing; then each second. */
    void sample() {
        long now = control.nowNanos();
        gate.plan().listeners().forEach(plan -> plan.listener().sample(now));
        control.later(SECOND - Math.floorMod(now, SECOND), this::sample);
    }
}
