package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A clock that goes back, which none should: nothing happens early, and what is due happens late by as much as it went back. */
@ExtendWith(LeakCheck.class)
final class ClockTest {

    private static final Duration BACK = Duration.ofHours(-1);
    private static final Duration AGAIN = BACK.negated();
    private static final Duration ALMOST_IDLE = Duration.ofMinutes(14);
    private static final Duration IDLE = Duration.ofMinutes(16);

    private final FakeClock clock = new FakeClock();

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aConnectionIsNeitherIdleAtOnceNorForEver(String transport) throws Exception {
        Seen seen = new Seen();
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server))
                                .observer(seen)
                                .build());
                Client before = Client.to(lb, "front")) {
            assertThat(before.echoes("hello")).isTrue();
            clock.advance(BACK);
            try (Client after = Client.to(lb, "front")) {
                assertThat(before.echoes("still")).isTrue();
                assertThat(after.echoes("hello")).isTrue();
                clock.advance(ALMOST_IDLE);
                assertThat(Balancers.front(lb).active()).isEqualTo(2);
                clock.advance(AGAIN);
                clock.advance(IDLE);
                assertThat(before.end()).isEqualTo(End.RESET);
                assertThat(after.end()).isEqualTo(End.RESET);
                assertThat(seen.next().reason()).isEqualTo(Reason.IDLE_TIMEOUT);
                assertThat(seen.next().reason()).isEqualTo(Reason.IDLE_TIMEOUT);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aConnectNeitherTimesOutAtOnceNorNever(String transport) throws Exception {
        Seen seen = new Seen();
        try (HungServer hung = new HungServer();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(hung.id()))
                                .observer(seen)
                                .build());
                Client client = Client.to(lb, "front")) {
            Balancers.awaitConnecting(lb, hung.id());
            clock.advance(BACK);
            assertThat(Balancers.server(lb, hung.id()).active()).isEqualTo(1);
            clock.advance(AGAIN);
            assertThat(Balancers.server(lb, hung.id()).active()).isEqualTo(1);
            clock.advance(Duration.ofSeconds(6));
            assertThat(client.end()).isEqualTo(End.RESET);
            assertThat(seen.next().reason()).isEqualTo(Reason.CONNECT_TIMEOUT);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerHasItsTimeToDrainAndNotForEver(String transport) throws Exception {
        Duration window = Duration.ofSeconds(30);
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server).andThen(g -> g.draining(window)))
                                .build());
                Client client = Client.to(lb, "front")) {
            assertThat(client.echoes("begun")).isTrue();
            lb.update(c -> c.serverGroup("servers", g -> g.drain(server.id())));
            clock.advance(BACK);
            assertThat(client.echoes("an hour earlier")).isTrue();
            clock.advance(AGAIN);
            assertThat(client.echoes("the same moment again")).isTrue();
            clock.advance(window.plusSeconds(1));
            assertThat(client.end()).isEqualTo(End.RESET);
        }
    }

    /** A limiter believes no word that is more than a minute ahead: it begins anew, with one burst. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aLimitNeitherLetsAllThroughNorNone(String transport) throws Exception {
        int perSecond = 10;
        try (TestServer server = TestServer.echo();
                LoadBalancer lb = clock.start(
                        transport,
                        Balancers.tcp(Balancers.unchecked(server))
                                .cluster(Cluster.single())
                                .listener("front", l -> l.limit(Limit.cps(perSecond)))
                                .build())) {
            int before = served(lb, 3 * perSecond);
            assertThat(before).isBetween(1, perSecond);
            clock.advance(BACK);
            assertThat(served(lb, 3 * perSecond)).isLessThanOrEqualTo(perSecond);
            clock.advance(Duration.ofSeconds(1));
            assertThat(served(lb, 3 * perSecond)).isBetween(1, perSecond);
            await().until(() -> Balancers.front(lb).active() == 0);
        }
    }

    /** How many of some connections were let in. */
    private static int served(LoadBalancer lb, int connections) throws Exception {
        int served = 0;
        for (int i = 0; i < connections; i++) {
            try (Client client = Client.to(lb, "front")) {
                served += client.finish().end() == End.FIN ? 1 : 0;
            } catch (java.net.SocketException e) {
                // Reset before it had connected.
            }
        }
        return served;
    }
}
