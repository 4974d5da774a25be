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
        Plan plan = gate.plan();
        for (ListenerPlan listener : plan.listeners()) {
            listener.listener().tally().sample(sampling);
            listener.listener().rules().values().forEach(rule -> rule.tally().sample(sampling));
        }
        for (RunGroup group : plan.groups()) {
            group.tally().sample(sampling);
            group.members().sorted().forEach(member -> member.server().tally().sample(sampling));
        }
        begin();
    }
}
