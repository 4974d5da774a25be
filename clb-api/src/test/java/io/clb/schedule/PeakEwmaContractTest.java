package io.clb.schedule;

import io.clb.contract.SchedulerContract;
import io.clb.spi.SchedulerFactory;

class PeakEwmaContractTest extends SchedulerContract {

    @Override
    protected SchedulerFactory factory() {
        return Schedulers.peakEwma();
    }
}
