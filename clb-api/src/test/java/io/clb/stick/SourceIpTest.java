package io.clb.stick;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.spi.SessionSticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What goes beyond {@link SourceIpContractTest}: idle time, slots, settings. */
class SourceIpTest {

    private static final Duration IDLE = Duration.ofSeconds(60);

    private final FakeGroup group = FakeGroup.ofWeights(100, 100);
    private final FakeFlow flow = new FakeFlow();

    @Test
    void forgetsAClientThatWasIdleForLonger() {
        SessionSticker sticker = Stickiness.sourceIp(IDLE).create(group, null);
        sticker.remember(flow, group.server(0), at(0));
        assertThat(sticker.recall(flow, at(60))).isSameAs(group.server(0));
        assertThat(sticker.recall(flow, at(61))).isNull();
    }

    @Test
    void countsIdleTimeFromTheEndOfAFlow() {
        SessionSticker sticker = Stickiness.sourceIp(IDLE).create(group, null);
        sticker.remember(flow, group.server(0), at(0));
        sticker.ended(flow, group.server(0), at(50));
        assertThat(sticker.recall(flow, at(110))).isSameAs(group.server(0));
    }

    @Test
    void remembersAClientAfterAFlowThatOutlivedTheIdleTime() {
        SessionSticker sticker = Stickiness.sourceIp(IDLE).create(group, null);
        sticker.remember(flow, group.server(0), at(0));
        sticker.ended(flow, group.server(0), at(1_000));
        assertThat(sticker.recall(flow, at(1_050))).isSameAs(group.server(0));
    }

    @Test
    void doesNotProlongAClientsStayByLookingItUp() {
        SessionSticker sticker = Stickiness.sourceIp(IDLE).create(group, null);
        sticker.remember(flow, group.server(0), at(0));
        sticker.recall(flow, at(60));
        assertThat(sticker.recall(flow, at(61))).isNull();
    }

    @Test
    void goesByTheAddressWhateverThePort() {
        SessionSticker sticker = Stickiness.sourceIp(IDLE).create(group, null);
        sticker.remember(new FakeFlow().fromPort(1), group.server(1), at(0));
        assertThat(sticker.recall(new FakeFlow().fromPort(2), at(0))).isSameAs(group.server(1));
    }

    @Test
    void tellsAddressesApartByAllOf128Bits() {
        SessionSticker sticker = Stickiness.sourceIp(IDLE).create(group, null);
        sticker.remember(new FakeFlow().from(0x2001_0db8_0000_0000L, 1), group.server(1), at(0));
        assertThat(sticker.recall(new FakeFlow().from(0x2001_0db8_0000_0001L, 1), at(0)))
                .isNull();
        assertThat(sticker.recall(new FakeFlow().from(0x2001_0db8_0000_0000L, 2), at(0)))
                .isNull();
    }

    /** A smaller group has no place for the slot of a server that it does not have. */
    @Test
    void recallsNothingForASlotBeyondThoseOfItsServers() {
        FakeServer far = FakeServer.of("far", 80, 65_535);
        SessionSticker all = Stickiness.sourceIp(IDLE).create(FakeGroup.of(far, group.server(0)), null);
        all.remember(flow, far, at(0));
        assertThat(all.recall(flow, at(0))).isSameAs(far);
        assertThat(Stickiness.sourceIp(IDLE).create(group, all).recall(flow, at(0)))
                .isNull();
    }

    @Test
    void isEqualByIdleTimeAndCapacity() {
        assertThat(Stickiness.sourceIp(IDLE))
                .isEqualTo(Stickiness.sourceIp(Duration.ofMinutes(1)))
                .hasSameHashCodeAs(Stickiness.sourceIp(Duration.ofMinutes(1)))
                .isNotEqualTo(Stickiness.sourceIp(Duration.ofMinutes(2)))
                .isNotEqualTo(Stickiness.sourceIp(IDLE).capacity(2_048))
                .hasToString("sourceIp(PT1M, capacity 65536)");
        assertThat(Stickiness.sourceIp(IDLE).capacity(2_048).capacity()).isEqualTo(2_048);
    }

    private static long at(long second) {
        return TimeUnit.SECONDS.toNanos(second);
    }
}
