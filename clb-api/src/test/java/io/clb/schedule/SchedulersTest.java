package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulersTest {

    @Test
    void listsEachSchedulerUnderItsCode() {
        assertThat(Schedulers.catalogue())
                .extracting(SchedulerFactory::name)
                .containsExactly("wrr", "rr", "wlc", "sch", "tch", "uch", "qch", "p2c", "ewma");
    }

    @Test
    void findsWhatItListsAndNothingElse() {
        assertThat(Schedulers.catalogue())
                .allSatisfy(
                        factory -> assertThat(Schedulers.find(factory.name())).containsSame(factory));
        assertThat(Schedulers.find("WRR")).isEmpty();
        assertThat(Schedulers.find("")).isEmpty();
    }

    /** Hashes do not: {@link HashSchedulerTest}. Peak EWMA does under load. */
    @ParameterizedTest
    @CsvSource({"wrr, 10, 10", "rr, 55, 55", "wlc, 10, 10", "p2c, 3, 20"})
    void goByTheWeightsInForceUnlessTheyIgnoreWeights(String name, int atLeast, int atMost) {
        FakeGroup group = FakeGroup.ofWeights(100, 100).inSlowStart(100, 10);
        Scheduler scheduler = Schedulers.find(name).orElseThrow().create(group, null);
        long ofTheSlow = IntStream.range(0, 110)
                .filter(i -> scheduler.pick(new FakeFlow(), 0) == group.server(1))
                .count();
        assertThat(ofTheSlow).isBetween((long) atLeast, (long) atMost);
    }

    @Test
    void showsTheCodeAsText() {
        assertThat(Schedulers.weightedRoundRobin()).hasToString("wrr");
    }
}
