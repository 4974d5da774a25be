package io.clb.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.bench.demo.Clients.Loss;
import io.clb.spi.Reason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When the demo's verdict is good, and which losses a death explains. */
final class VerdictTest {

    private static final Verdict.Death DEATH = new Verdict.Death("b", 1_000, 2_000);

    private final BrokenFlows flows = new BrokenFlows();

    private static Verdict verdict(long served, long killed, long lost, double distance, boolean judged) {
        return new Verdict(served, killed, lost, List.of(), Map.of("phase", distance), judged);
    }

    @Test
    void whatWasOpenOnTheKilledServerIsNoFault() {
        assertThat(verdict(1_000, 5, 0, 0.2, true).isGood()).isTrue();
    }

    @Test
    void aLossElsewhereIs() {
        assertThat(verdict(1_000, 5, 1, 0.2, true).isGood()).isFalse();
    }

    @Test
    void sharesMayBeAPointOff() {
        assertThat(verdict(1_000, 0, 0, 1.0, true).isGood()).isTrue();
        assertThat(verdict(1_000, 0, 0, 1.1, true).isGood()).isFalse();
        assertThat(verdict(1_000, 0, 0, 1.1, false).isGood()).isTrue();
    }

    @Test
    void nothingServedIsBad() {
        assertThat(verdict(0, 0, 0, 0, true).isGood()).isFalse();
    }

    @Test
    void aDeathExplainsWhatItsServerHadAndLostThen() {
        flows.broke(40_000, "b", Reason.SERVER_RESET);
        assertThat(DEATH.explains(new Loss(40_000, 1_000, "reset"), flows)).isTrue();
        assertThat(DEATH.explains(new Loss(40_000, 999, "reset"), flows)).isFalse();
        assertThat(DEATH.explains(new Loss(40_000, 2_000, "reset"), flows)).isFalse();
    }

    @Test
    void aDeathDoesNotExplainWhatOthersLost() {
        flows.broke(40_001, "a", Reason.SERVER_RESET);
        flows.broke(40_002, null, Reason.ALL_SERVERS_DOWN);
        assertThat(DEATH.explains(new Loss(40_001, 1_500, "reset"), flows)).isFalse();
        assertThat(DEATH.explains(new Loss(40_002, 1_500, "reset"), flows)).isFalse();
        assertThat(DEATH.explains(new Loss(40_003, 1_500, "reset"), flows)).isFalse();
    }
}
