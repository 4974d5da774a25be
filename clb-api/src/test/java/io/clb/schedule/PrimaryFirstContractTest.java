package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.SchedulerContract;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import org.junit.jupiter.api.Test;

class PrimaryFirstContractTest extends SchedulerContract {

    private final FakeGroup group = FakeGroup.ofWeights(100, 1, 100);

    @Override
    protected SchedulerFactory factory() {
        return new PrimaryFirst(group.server(1).id());
    }

    @Test
    void picksThePrimaryWhateverTheWeightsAndTheOtherWithoutIt() {
        Scheduler all = factory().create(group, null);
        Scheduler alone = factory().create(group.without(1), all);
        Scheduler back = factory().create(group, alone);
        for (int i = 0; i < 10; i++) {
            assertThat(all.pick(new FakeFlow(), i)).isSameAs(group.server(1));
            assertThat(all.pick(new FakeFlow().failedOn(group.server(1)), i)).isSameAs(group.server(0));
            assertThat(alone.pick(new FakeFlow(), i)).isSameAs(group.server(0));
            assertThat(back.pick(new FakeFlow(), i)).isSameAs(group.server(1));
        }
    }
}
