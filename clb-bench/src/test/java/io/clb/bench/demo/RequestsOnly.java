package io.clb.bench.demo;

import io.clb.schedule.Schedulers;
import io.clb.spi.FlowKind;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import org.jspecify.annotations.Nullable;

/** A scheduler of another library's that needs a request to go by. */
public final class RequestsOnly implements SchedulerFactory {

    /** For the service loader. */
    public RequestsOnly() {}

    @Override
    public String name() {
        return "requests-only";
    }

    @Override
    public boolean serves(FlowKind kind) {
        return kind == FlowKind.REQUEST;
    }

    @Override
    public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
        return Schedulers.roundRobin().create(eligible, previous);
    }
}
