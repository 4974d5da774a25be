package io.clb.schedule;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeUdpFlow;
import io.clb.contract.SchedulerContract;
import io.clb.spi.SchedulerFactory;

class QuicConnectionIdContractTest extends SchedulerContract {

    @Override
    protected SchedulerFactory factory() {
        return Schedulers.quicConnectionId();
    }

    @Override
    protected FakeFlow flow() {
        return new FakeUdpFlow().sending(QuicPackets.initial(QuicPackets.id(8, 1)));
    }
}
