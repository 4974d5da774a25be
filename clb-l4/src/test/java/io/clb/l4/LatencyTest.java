package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How long connections waited for a server, and associations for an answer. */
@ExtendWith(LeakCheck.class)
final class LatencyTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static List<Snapshot.Slice> seconds(LoadBalancer lb, String listener) {
        return lb.snapshot().listener(listener).history().seconds();
    }

    private static void pass(FakeClock clock, LoadBalancer lb) {
        int before = seconds(lb, "front").size();
        clock.advance(SECOND);
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> seconds(lb, "front").size() > before);
    }

    private static void isAbout(Duration told, Duration exact) {
        assertThat(told).isCloseTo(exact, exact.dividedBy(16));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void ofAConnectionItIsTheTimeUntilAServerHasAccepted(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Duration timeout = Duration.ofSeconds(2);
        try (HungServer hung = new HungServer();
                TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(g -> {
                                    Balancers.unchecked(hung.id(), server.id()).accept(g);
                                    g.scheduler(InOrder.of(hung.id(), server.id()));
                                })
                                .listener("front", l -> l.connectTimeout(timeout))
                                .build())) {
            try (Client client = Client.to(lb, "front").send("hello")) {
                Balancers.awaitConnecting(lb, hung.id());
                clock.advance(timeout.plusMillis(10));
                assertThat(client.read(5)).isEqualTo("hello");
                assertThat(lb.snapshot().serverGroup("servers").active()).isEqualTo(1);
                // A session may last: that is nothing that a server could do better.
                clock.advance(Duration.ofSeconds(10));
                client.finish();
                assertThat(client.end()).isEqualTo(End.FIN);
            }
            lb.update(c -> c.serverGroup("servers", g -> g.removeServer(hung.id())));
            try (Client client = Client.to(lb, "front")) {
                assertThat(client.echoes("hello")).isTrue();
                client.finish();
                assertThat(client.end()).isEqualTo(End.FIN);
            }
            pass(clock, lb);
            Snapshot.LatencyWindow minute = Balancers.front(lb).latency().lastMinute();
            assertThat(minute.count()).isEqualTo(2);
            isAbout(minute.max(), timeout);
            assertThat(minute.p50()).isLessThan(Duration.ofMillis(1));
            // What a server did not take is no time of another's.
            Snapshot.ServerGroup group = lb.snapshot().serverGroup("servers");
            assertThat(group.latency().lastMinute().count()).isEqualTo(2);
            assertThat(group.server(server.id()).latency().lastMinute().max()).isLessThan(Duration.ofMillis(1));
            assertThat(group.count(Snapshot.Metric.CONNECT_FAILURES)).isEqualTo(1);
            assertThat(group.count(Snapshot.Metric.CONNECTIONS)).isEqualTo(2);
            assertThat(group.count(Snapshot.Metric.BYTES_FROM_CLIENTS)).isEqualTo(10);
            await().until(() -> lb.snapshot().serverGroup("servers").active() == 0);
            assertThat(lb.snapshot().serverGroup("servers").ended()).isEqualTo(Map.of(Reason.COMPLETED, 2L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void ofAnAssociationItIsTheTimeToTheFirstAnswer(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Duration first = Duration.ofMillis(40);
        try (UdpServer server = UdpServer.silent();
                LoadBalancer lb = clock.start(transport, Balancers.udp(server).build());
                UdpClient client = UdpClient.to(lb, "front")) {
            client.send("question");
            InetSocketAddress from = server.next().from();
            for (int i = 0; i < 2; i++) {
                clock.advance(first);
                server.send(from, new byte[] {'a'});
                client.receive();
            }
            pass(clock, lb);
            Snapshot.LatencyWindow ten = Balancers.front(lb).latency().lastTenSeconds();
            assertThat(ten.count()).isEqualTo(1);
            isAbout(ten.max(), first);
            isAbout(Balancers.server(lb, server.id()).latency().lastTenSeconds().max(), first);
            Snapshot.ServerGroup group = lb.snapshot().serverGroup("servers");
            assertThat(group.active()).isEqualTo(1);
            assertThat(group.count(Snapshot.Metric.BYTES_FROM_SERVERS)).isEqualTo(2);
        }
    }

    /** Nothing that came before its first second was over is missing in the history of a listener that an update brings. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aListenerThatIsAddedHasAllInItsHistory(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport, Balancers.tcp(Balancers.unchecked(server)).build())) {
            clock.advance(Duration.ofMillis(600));
            lb.update(c -> c.listener("back", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers")));
            try (Client client = Client.to(lb, "back")) {
                assertThat(client.echoes("hello")).isTrue();
            }
            clock.advance(Duration.ofMillis(400));
            await().until(() -> seconds(lb, "back").size() == 1);
            Snapshot.Slice second = seconds(lb, "back").get(0);
            assertThat(second.count(Snapshot.Metric.CONNECTIONS)).isEqualTo(1);
            assertThat(second.count(Snapshot.Metric.BYTES_FROM_CLIENTS)).isEqualTo(5);
            assertThat(second.length()).isEqualTo(Duration.ofMillis(400));
            assertThat(seconds(lb, "front").get(0).length()).isEqualTo(SECOND);
        }
    }
}
