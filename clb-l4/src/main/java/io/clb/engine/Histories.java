package io.clb.engine;

/** Has the counters of all parts be sampled at the end of each second. On control. */
final class Histories {

    private final Control control;
    private final Gate gate;
    private final Sampling sampling;

    Histories(Control control, Gate gate) {
        this.control = control;
        this.gate = gate;
        this.sampling = new Sampling(control.nowNanos());
    }

    /** Begins. */
    void begin() {
        control.later(Sampling.SECOND - Math.floorMod(control.nowNanos(), Sampling.SECOND), this::sample);
    }

    private void sample() {
        sampling.end(control.nowNanos());
        gate.plan().listeners().forEach(plan -> plan.listener().tally().sample(sampling));
        begin();
    }
}
