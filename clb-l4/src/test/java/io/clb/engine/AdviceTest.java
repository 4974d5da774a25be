package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.PortRange;
import io.clb.schedule.Schedulers;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AdviceTest {

    private static Config.Builder listening(int port) {
        return LoadBalancer.builder()
                .serverGroup("servers", g -> g.server("127.0.0.1:1"))
                .listener("front", l -> l.tcp(port).forwardTo("servers"));
    }

    @Test
    void warnsOfPortsThatCarriersBlock() {
        for (int port : List.of(25, 135, 139, 444, 445, 5_800, 5_900)) {
            assertThat(Advice.of(listening(port).build(), List.of()))
                    .containsExactly("listener front: port " + port
                            + " is one that carriers often block: clients may not reach it");
        }
        assertThat(Advice.of(listening(443).build(), List.of())).isEmpty();
        assertThat(Advice.of(
                        listening(1)
                                .listener("front", l -> l.tcp(PortRange.of(139, 445)))
                                .build(),
                        List.of()))
                .hasSize(3);
    }

    @Test
    void warnsOfAListThatDoesNothing() {
        for (AccessControl idle : List.of(AccessControl.allow(), AccessControl.deny())) {
            Config config = listening(80).listener("front", l -> l.access(idle)).build();
            assertThat(Advice.of(config, List.of()))
                    .containsExactly("listener front: its access list (" + idle
                            + ") is empty and lets everybody in; denyWhenEmpty() for the contrary");
        }
        for (AccessControl meant : List.of(
                AccessControl.none(), AccessControl.allow().denyWhenEmpty(), AccessControl.deny("10.0.0.0/8"))) {
            assertThat(Advice.of(
                            listening(80)
                                    .listener("front", l -> l.access(meant))
                                    .build(),
                            List.of()))
                    .isEmpty();
        }
    }

    @Test
    void warnsOfStickinessWithASchedulerThatEvensOut() {
        Pool.Key both = new Pool.Key(
                "servers", Schedulers.weightedLeastConnections(), Stickiness.sourceIp(Duration.ofMinutes(1)));
        assertThat(Advice.of(listening(80).build(), List.of(both)))
                .singleElement()
                .asString()
                .startsWith("group servers: wlc evens out");
        Pool.Key one = new Pool.Key("servers", Schedulers.weightedLeastConnections(), null);
        assertThat(Advice.of(listening(80).build(), List.of(one))).isEmpty();
    }
}
