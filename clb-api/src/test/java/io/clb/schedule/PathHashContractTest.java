package io.clb.schedule;

import io.clb.contract.SchedulerContract;
import io.clb.spi.SchedulerFactory;

class PathHashContractTest extends SchedulerContract {

    @Override
    protected SchedulerFactory factory() {
        return Schedulers.pathHash();
    }
}
