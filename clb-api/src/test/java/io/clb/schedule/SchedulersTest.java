package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.SchedulerFactory;
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
    void showsTheCodeAsText() {
        assertThat(Schedulers.weightedRoundRobin()).hasToString("wrr");
    }
}
