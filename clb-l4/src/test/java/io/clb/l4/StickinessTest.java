package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.schedule.Schedulers;
import io.clb.stick.Stickiness;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that come back, from three addresses of loopback. */
@ExtendWith(LeakCheck.class)
final class StickinessTest {

    private static final String[] CLIENTS = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};
    private static final Duration HOUR = Duration.ofHours(1);

    private static String servedFrom(String client, LoadBalancer lb) throws Exception {
        try (Client connection = Client.from(client, lb, "front")) {
            return connection.line();
        }
    }

    private static Map<String, String> served(LoadBalancer lb) throws Exception {
        Map<String, String> served = new LinkedHashMap<>();
        for (String client : CLIENTS) {
            served.put(client, servedFrom(client, lb));
        }
        return served;
    }

    @Test
    void togetherWithLeastConnectionsItIsWarnedOfOnce() {
        List<String> said = Logged.during(() -> {
            try (TestServer server = TestServer.named();
                    LoadBalancer lb = Balancers.tcp(Balancers.unchecked(server))
                            .listener(
                                    "front",
                                    l -> l.scheduler(Schedulers.weightedLeastConnections())
                                            .sticky(Stickiness.sourceIp(HOUR)))
                            .start()) {
                lb.update(c -> c.listener("front", l -> l.connectTries(1)));
            }
        });
        assertThat(said)
                .filteredOn(line -> line.contains("WARN"))
                .singleElement()
                .asString()
                .contains("wlc");
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anAddressKeepsItsServerThroughUpdates(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer c = TestServer.named();
                TestServer d = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a, b, c))
                        .listener("front", l -> l.sticky(Stickiness.sourceIp(HOUR)))
                        .start()) {
            Map<String, String> first = served(lb);
            assertThat(first.values()).containsExactlyInAnyOrder(a.id(), b.id(), c.id());
            for (int i = 0; i < 4; i++) {
                assertThat(served(lb)).isEqualTo(first);
            }
            lb.update(u -> u.serverGroup("servers", g -> g.server(d.id()).server(a.id(), s -> s.weight(1))));
            assertThat(served(lb)).isEqualTo(first);
            lb.update(u -> u.listener("back", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers")));
            assertThat(served(lb)).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anAddressMovesWhenItsServerIsGone(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a, b))
                        .listener("front", l -> l.sticky(Stickiness.sourceIp(HOUR)))
                        .start()) {
            String first = servedFrom(CLIENTS[0], lb);
            String other = first.equals(a.id()) ? b.id() : a.id();
            (first.equals(a.id()) ? a : b).stop();
            assertThat(servedFrom(CLIENTS[0], lb)).isEqualTo(other);
            try (TestServer back = TestServer.on(portOf(first), TestServer::sayName)) {
                assertThat(back.id()).isEqualTo(first);
                assertThat(servedFrom(CLIENTS[0], lb)).isEqualTo(other);
                lb.update(c -> c.serverGroup("servers", g -> g.drain(other)));
                assertThat(servedFrom(CLIENTS[0], lb)).isEqualTo(first);
                lb.update(c -> c.serverGroup("servers", g -> g.undrain(other)));
                assertThat(servedFrom(CLIENTS[0], lb)).isEqualTo(first);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void anAddressMovesWhenTheChecksOfItsServerFail(NettyEngine engine) throws Exception {
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.checked(Balancers.QUICK, a.id(), b.id()))
                        .listener("front", l -> l.sticky(Stickiness.sourceIp(HOUR)))
                        .start()) {
            String first = servedFrom(CLIENTS[0], lb);
            String other = first.equals(a.id()) ? b.id() : a.id();
            (first.equals(a.id()) ? a : b).stop();
            await().until(() -> servedFrom(CLIENTS[0], lb).equals(other));
            long failures = Balancers.server(lb, first).connectFailures();
            assertThat(servedFrom(CLIENTS[0], lb)).isEqualTo(other);
            assertThat(Balancers.server(lb, first).connectFailures()).isEqualTo(failures);
        }
    }

    private static int portOf(String id) {
        return Integer.parseInt(id.substring(id.lastIndexOf(':') + 1));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void anAddressIsForgottenOnceItsLastConnectionIsLongGone(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Seen seen = new Seen();
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(a, b))
                                .listener("front", l -> l.sticky(Stickiness.sourceIp(Duration.ofMinutes(10))))
                                .observer(seen)
                                .build())) {
            String first = servedFrom(CLIENTS[0], lb);
            seen.next();
            clock.advance(Duration.ofMinutes(10));
            try (Client open = Client.from(CLIENTS[0], lb, "front")) {
                assertThat(open.line()).isEqualTo(first);
                clock.advance(Duration.ofMinutes(14));
            }
            seen.next();
            clock.advance(Duration.ofMinutes(9));
            assertThat(servedFrom(CLIENTS[0], lb)).as("counted from its end").isEqualTo(first);
            seen.next();
            clock.advance(Duration.ofMinutes(10).plusSeconds(2));
            assertThat(servedFrom(CLIENTS[0], lb)).as("forgotten").isNotEqualTo(first);
        }
    }
}
