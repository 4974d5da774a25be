package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import org.jspecify.annotations.Nullable;

/** Round robin with its settings, weighted ({@code wrr}) or not ({@code rr}). Immutable. */
public final class RoundRobin implements SchedulerFactory {

    private final boolean weighted;
    private final boolean perLoop;

    RoundRobin(boolean weighted, boolean perLoop) {
        this.weighted = weighted;
        this.perLoop = perLoop;
    }

    /**
     * Returns the same with a rotation for each event loop, instead of one for all: each loop gives every server its exact share of each
     * period of the flows that this loop takes in. The loops start at even distances in the period, so in between a loop may be less than two
     * flows off, and all loops together less than two for each. A pick then writes nothing that another loop reads.
     *
     * <p>For balancers with many loops and hundreds of thousands of flows a second, where the one counter of the shared rotation shows in a
     * profile; what it costs is in docs/benchmarks.md.
     *
     * @return the new setting
     */
    public RoundRobin perLoop() {
        return new RoundRobin(weighted, true);
    }

    @Override
    public String name() {
        return weighted ? "wrr" : "rr";
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        requireNonNull(eligible, "eligible");
        SequenceScheduler before = previous instanceof SequenceScheduler sequence ? sequence : null;
        Candidates candidates =
                Candidates.of(eligible, i -> weighted ? eligible.weight(i) : Integer.signum(eligible.weight(i)));
        Turns turns = Turns.of(candidates, before == null ? null : before.turns());
        return SequenceScheduler.create(turns, perLoop ? eligible.loops() : 1, before);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RoundRobin that && weighted == that.weighted && perLoop == that.perLoop;
    }

    @Override
    public int hashCode() {
        return (weighted ? 2 : 0) + (perLoop ? 1 : 0);
    }

    @Override
    public String toString() {
        return perLoop ? name() + " per loop" : name();
    }
}
