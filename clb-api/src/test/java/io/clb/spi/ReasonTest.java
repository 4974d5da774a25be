package io.clb.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.spi.Reason.Party;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonTest {

    @ParameterizedTest
    @EnumSource
    void saysWhyInASentenceWithoutAFullStop(Reason reason) {
        assertThat(reason.why()).isNotBlank().doesNotEndWith(".");
    }

    @ParameterizedTest
    @EnumSource
    void namesWhatToLookAtWhereBalancerOrServerIsToBlame(Reason reason) {
        if (reason.party() == Party.BALANCER || reason.party() == Party.SERVER) {
            assertThat(reason.hint()).isNotBlank();
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasACodeThatLogsAndMetricsCanTake(Reason reason) {
        assertThat(reason.code()).matches("[a-z]+(-[a-z]+)*");
    }

    @Test
    void hasAnotherCodeForEachReason() {
        assertThat(Reason.values()).extracting(Reason::code).doesNotHaveDuplicates();
    }
}
