package io.clb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.Config;
import io.clb.LoadBalancer;
import io.clb.PortRange;
import io.clb.schedule.Schedulers;
import io.clb.stick.Stickiness;
import io.netty.channel.epoll.Epoll;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AdviceTest {

    private static final Transport NIO = Transports.named("nio");

    private static Config.Builder listening(int port) {
        return LoadBalancer.builder()
                .serverGroup("servers", g -> g.server("127.0.0.1:1"))
                .listener("front", l -> l.tcp(port).forwardTo("servers"));
    }

    private static Set<String> advice(Config config, Pool.Key... pools) {
        return Advice.of(config, List.of(pools), NIO);
    }

    @Test
    void warnsOfPortsThatCarriersBlock() {
        for (int port : List.of(25, 135, 139, 444, 445, 5_800, 5_900)) {
            assertThat(advice(listening(port).build()))
                    .containsExactly("listener front: port " + port
                            + " is one that carriers often block: clients may not reach it");
        }
        assertThat(advice(listening(443).build())).isEmpty();
        assertThat(advice(listening(1)
                        .listener("front", l -> l.tcp(PortRange.of(139, 445)))
                        .build()))
                .hasSize(3);
    }

    @Test
    void warnsOfAListThatDoesNothing() {
        for (AccessControl idle : List.of(AccessControl.allow(), AccessControl.deny())) {
            Config config = listening(80).listener("front", l -> l.access(idle)).build();
            assertThat(advice(config))
                    .containsExactly("listener front: its access list (" + idle
                            + ") is empty and lets everybody in; denyWhenEmpty() for the contrary");
        }
        for (AccessControl meant : List.of(
                AccessControl.none(), AccessControl.allow().denyWhenEmpty(), AccessControl.deny("10.0.0.0/8"))) {
            assertThat(advice(listening(80)
                            .listener("front", l -> l.access(meant))
                            .build()))
                    .isEmpty();
        }
    }

    @Test
    void warnsOfStickinessWithASchedulerThatEvensOut() {
        Pool.Key both = new Pool.Key(
                "servers", Schedulers.weightedLeastConnections(), Stickiness.sourceIp(Duration.ofMinutes(1)));
        assertThat(advice(listening(80).build(), both))
                .singleElement()
                .asString()
                .startsWith("group servers: wlc evens out");
        Pool.Key one = new Pool.Key("servers", Schedulers.weightedLeastConnections(), null);
        assertThat(advice(listening(80).build(), one)).isEmpty();
    }

    @Test
    void warnsOfSocketOptionsThatTheTransportDoesNotHave() {
        Config config = listening(80)
                .listener("front", l -> l.linger(Duration.ofSeconds(1)).fastOpen(1))
                .build();
        assertThat(advice(config))
                .containsExactly(
                        "listener front: linger has no effect on nio: choose epoll or io_uring",
                        "listener front: fastOpen has no effect on nio here:"
                                + " it needs epoll or io_uring, and a net.ipv4.tcp_fastopen that has 2");
        assertThat(Advice.of(config, List.of(), Transports.named("epoll")))
                .hasSize(Epoll.isTcpFastOpenServerSideAvailable() ? 0 : 1);
    }
}
