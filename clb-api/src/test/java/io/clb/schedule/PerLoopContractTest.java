package io.clb.schedule;

import io.clb.contract.SchedulerContract;
import io.clb.spi.SchedulerFactory;

class PerLoopContractTest extends SchedulerContract {

    @Override
    protected SchedulerFactory factory() {
        return Schedulers.weightedRoundRobin().perLoop();
    }
}
