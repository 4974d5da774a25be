package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SchedulersTest {

    @Test
    void listsEachSchedulerUnderItsCode() {
        assertThat(Schedulers.catalogue())
                .extracting(SchedulerFactory::name)
                .containsExactly("wrr", "rr", "wlc", "sch", "tch", "p2c", "ewma");
    }

    @Test
    void findsWhatItListsAndNothingElse() {
        assertThat(Schedulers.catalogue())
                .allSatisfy(
                        factory -> assertThat(Schedulers.find(factory.name())).containsSame(factory));
        assertThat(Schedulers.find("WRR")).isEmpty();
        assertThat(Schedulers.find("")).isEmpty();
    }

    @Test
    void goByTheWeightsInForceUnlessTheyIgnoreWeights() {
        FakeGroup group = FakeGroup.ofWeights(100, 100).inSlowStart(100, 10);
        Map<String, Integer> ofTheSlow = new HashMap<>();
        for (SchedulerFactory factory : Schedulers.catalogue()) {
            Scheduler scheduler = factory.create(group, null);
            long picks = IntStream.range(0, 110)
                    .filter(i -> scheduler.pick(new FakeFlow(), 0) == group.server(1))
                    .count();
            ofTheSlow.put(factory.name(), (int) picks);
        }
        assertThat(ofTheSlow).isEqualTo(Map.of("wrr", 10, "rr", 55, "wlc", 10));
    }

    @Test
    void showsTheCodeAsText() {
        assertThat(Schedulers.weightedRoundRobin()).hasToString("wrr");
    }
}
