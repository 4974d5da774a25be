package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.FakeClock;
import io.clb.spi.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits of bandwidth, on a clock that stands still until it is moved: what passes then is exact. */
@ExtendWith(LeakCheck.class)
final class BandwidthTest {

    /** 100,000 bytes a second, 10,000 at once. */
    private static final Limit LIMIT = Limit.bandwidth(800_000);

    private static final long BYTES_PER_SECOND = 100_000;
    private static final long BURST = 10_000;

    /** What is read at once at most at this rate. */
    private static final long TURN = 512;

    /** After so long, those who wait have looked whether the limit has changed. */
    private static final Duration MOMENT = Duration.ofMillis(110);

    private static final Duration STEP = Duration.ofMillis(5);

    private static Config.Builder limited(TestServer server, Limit limit) {
        return Balancers.tcp(Balancers.unchecked(server))
                .cluster(Cluster.single())
                .listener("front", l -> l.limit(limit));
    }

    private static long passed(LoadBalancer lb) {
        Snapshot.Listener front = Balancers.front(lb);
        return front.bytesFromClients() + front.bytesFromServers();
    }

    /** Looks at once, and often: between two steps of the clock there is little to do. */
    private static void until(Callable<Boolean> condition) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(condition);
    }

    /** Whoever wants more than there is has had all there was, but for less than a turn of each who waits. */
    private static void awaitAll(LoadBalancer lb, long earned, int flows) {
        until(() -> passed(lb) > BURST + earned - (flows + 1) * TURN);
        assertThat(passed(lb)).isLessThanOrEqualTo(BURST + earned);
    }

    /** Three seconds, as they pass on a loop that is never late. */
    private static void flow(FakeClock clock, LoadBalancer lb, int flows) {
        awaitAll(lb, 0, flows);
        for (long millis = STEP.toMillis(); millis <= 3_000; millis += STEP.toMillis()) {
            clock.advance(STEP);
            awaitAll(lb, millis * BYTES_PER_SECOND / 1_000, flows);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void letsThroughFromClientsWhatIsEarned(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build());
                Client client = Client.to(lb, "front")) {
            Flood.sends(client);
            flow(clock, lb, 1);
            until(() -> flood.sum() == passed(lb));
            List<Snapshot.EnforcedLimit> limits = Balancers.front(lb).limits();
            assertThat(limits)
                    .extracting(Snapshot.EnforcedLimit::name)
                    .containsExactly("bandwidth from clients", "bandwidth to clients");
            assertThat(limits.get(0).enforced()).isEqualTo("800 kbit/s");
            assertThat(limits.get(0).putOff()).isPositive();
            assertThat(limits.get(0).dropped()).isZero();
            assertThat(limits.get(0).used())
                    .isBetween(8 * (BYTES_PER_SECOND - 2 * BURST), 8 * (BYTES_PER_SECOND + BURST));
            // Three seconds and the one that has just begun.
            assertThat(limits.get(0).history()).hasSizeBetween(3, 4);
            assertThat(limits.get(1).putOff()).isZero();
            assertThat(limits.get(1).history()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void letsThroughToClientsWhatIsEarned(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        try (TestServer server = TestServer.of(Flood::send);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build());
                Client client = Client.to(lb, "front")) {
            flood.reads(client);
            flow(clock, lb, 1);
            until(() -> flood.sum() == passed(lb));
        }
    }

    /** Eight over two loops, however these are dealt. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void sharesAlikeAmongThoseWhoWantMoreThanThereIs(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        List<Client> clients = new ArrayList<>();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build())) {
            for (int i = 0; i < 8; i++) {
                clients.add(Client.to(lb, "front"));
                Flood.sends(clients.get(i));
            }
            flow(clock, lb, 8);
            until(() -> flood.sum() == passed(lb));
            long share = flood.sum() / 8;
            assertThat(flood.counts())
                    .hasSize(8)
                    .allSatisfy(count -> assertThat(count).isBetween(share - BURST, share + BURST));
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    /** The limits around it hold too: here the balancer's is the narrower one. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void keepsToTheLimitOfTheWholeBalancer(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.bandwidthMbps(10)).limit(LIMIT).build());
                Client client = Client.to(lb, "front")) {
            Flood.sends(client);
            flow(clock, lb, 1);
            assertThat(lb.snapshot().limits().get(0).putOff()).isPositive();
            assertThat(Balancers.front(lb).limits().get(0).putOff()).isZero();
        }
    }

    /** Whoever waits for a turn under the old limit does not wait for it longer than a moment. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void changesForConnectionsThatAreOpen(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.bandwidth(4_800).per(Duration.ofMinutes(1)))
                                .build());
                Client client = Client.to(lb, "front")) {
            client.send("x".repeat(100_000)).finish();
            until(() -> passed(lb) == 2 * TURN);
            clock.advance(Duration.ofSeconds(1));
            lb.update(c -> c.listener("front", l -> l.limit(LIMIT)));
            clock.advance(MOMENT);
            until(() -> passed(lb) > BURST);
            assertThat(passed(lb)).isLessThanOrEqualTo(2 * TURN + BURST + BYTES_PER_SECOND / 50);
            lb.update(c -> c.listener("front", l -> l.removeLimit(Limit.Kind.BANDWIDTH)));
            clock.advance(MOMENT);
            assertThat(client.line()).isEqualTo("100000");
            assertThat(Balancers.front(lb).limits()).isEmpty();
        }
    }

    /** Places in the line stay, and nothing pauses for those that an update would void. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void goesOnThroughUpdatesOfOtherThings(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        int flows = 20;
        List<Client> clients = new ArrayList<>();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build())) {
            for (int i = 0; i < flows; i++) {
                clients.add(Client.to(lb, "front"));
                Flood.sends(clients.get(i));
            }
            awaitAll(lb, 0, flows);
            for (int millis = 5; millis <= 500; millis += 5) {
                int connections = 1_000 + millis;
                lb.update(c -> c.listener("front", l -> l.maxConnections(connections)));
                clock.advance(STEP);
                awaitAll(lb, millis * BYTES_PER_SECOND / 1_000, flows);
            }
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    /** A limit that changes does not keep the places in the line of one that stays. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void goesOnThroughUpdatesOfAnotherLimit(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        int flows = 20;
        List<Client> clients = new ArrayList<>();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.bandwidthMbps(10)).limit(LIMIT).build())) {
            for (int i = 0; i < flows; i++) {
                clients.add(Client.to(lb, "front"));
                Flood.sends(clients.get(i));
            }
            awaitAll(lb, 0, flows);
            for (int second = 1; second <= 3; second++) {
                int rate = 10 + second;
                lb.update(c -> c.listener("front", l -> l.limit(Limit.bandwidthMbps(rate))));
                long before = passed(lb);
                for (int step = 0; step < 200; step++) {
                    clock.advance(STEP);
                }
                until(() -> passed(lb) > before + BYTES_PER_SECOND - 3 * BURST);
            }
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void passesTheFinOnBehindAllThatCameBefore(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build());
                Client client = Client.to(lb, "front")) {
            client.send("x".repeat(30_000)).finish();
            awaitAll(lb, 0, 1);
            assertThat(passed(lb)).isLessThan(30_000);
            for (int step = 1; passed(lb) < 30_000; step++) {
                clock.advance(STEP);
                long earned = step * STEP.toMillis() * BYTES_PER_SECOND / 1_000;
                until(() -> passed(lb) > Math.min(BURST + earned - 2 * TURN, 29_999));
            }
            clock.advance(STEP);
            assertThat(client.line()).isEqualTo("30000");
        }
    }

    /** A client that is gone is found out at its turn; then those who stay have all there is, but for two turns of each that is lost. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void goesOnWithoutThoseWhoHaveGone(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        int goers = 20;
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build());
                Client staying = Client.to(lb, "front")) {
            Flood.sends(staying);
            awaitAll(lb, 0, 1);
            for (int i = 1; i <= goers; i++) {
                Client going = Client.to(lb, "front");
                going.send("x".repeat(2_000));
                int came = 1 + i;
                until(() -> Balancers.front(lb).accepted() == came);
                going.reset();
            }
            long steps = 0;
            for (; steps * STEP.toMillis() * BYTES_PER_SECOND / 1_000 < 4_000L * goers; steps++) {
                clock.advance(STEP);
                awaitAll(lb, (steps + 1) * STEP.toMillis() * BYTES_PER_SECOND / 1_000, 2 * goers);
            }
            until(() -> Balancers.front(lb).active() == 1);
            for (long step = steps + 1; step <= steps + 200; step++) {
                clock.advance(STEP);
                awaitAll(lb, step * STEP.toMillis() * BYTES_PER_SECOND / 1_000, 2 * goers);
            }
        }
    }

    /** 50 bytes a second: more than ten seconds for a turn. The idle timeout is ten seconds. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void doesNotTakeAConnectionThatWaitsForIdle(String transport) throws Exception {
        FakeClock clock = new FakeClock();
        Flood flood = new Flood();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, Limit.bandwidth(24_000).per(Duration.ofMinutes(1)))
                                .listener("front", l -> l.idleTimeout(Duration.ofSeconds(10)))
                                .build());
                Client client = Client.to(lb, "front")) {
            Flood.sends(client);
            // The burst is a full packet: two turns.
            until(() -> passed(lb) == 2 * TURN);
            for (long second = 1; second <= 60; second++) {
                clock.advance(Duration.ofSeconds(1));
                long earned = 1_500 + second * 50;
                until(() -> passed(lb) > earned - 2 * TURN);
                assertThat(passed(lb)).isLessThanOrEqualTo(earned);
            }
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void resetsWhatWouldHaveToWaitIfTheLimitRefuses(String transport) throws Exception {
        Flood flood = new Flood();
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb =
                        clock.start(transport, limited(server, LIMIT.refuse()).build());
                Client client = Client.to(lb, "front")) {
            client.send("x".repeat(20_000));
            assertThat(client.end()).isEqualTo(End.RESET);
            await().pollDelay(Duration.ZERO)
                    .untilAsserted(
                            () -> assertThat(Balancers.front(lb).ended()).containsEntry(Reason.LIMIT_BANDWIDTH, 1L));
            assertThat(Balancers.front(lb).limits().get(0).dropped()).isEqualTo(1);
            assertThat(Balancers.front(lb).limits().get(0).putOff()).isZero();
        }
    }

    /** Who has sent just what there was, and sends no more, is over no limit. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whoHasSentAllThereWasAndSendsNoMoreIsOverNoLimit(String transport) throws Exception {
        Flood flood = new Flood();
        FakeClock clock = new FakeClock();
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb =
                        clock.start(transport, limited(server, LIMIT.refuse()).build());
                Client client = Client.to(lb, "front")) {
            long turns = BURST / TURN * TURN;
            client.send("x".repeat((int) turns));
            until(() -> flood.sum() == turns);
            lb.update(c -> {});
            lb.update(c -> {});
            assertThat(Balancers.front(lb).ended()).isEmpty();
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            assertThat(Balancers.front(lb).limits().get(0).dropped()).isZero();
        }
    }

    /** In real time, from its burst on. */
    @Test
    void keepsTheRateOnTheClockOfTheJvm() throws Exception {
        Flood flood = new Flood();
        long bytesPerSecond = 25_000_000;
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = limited(server, Limit.bandwidthMbps(200)).start();
                Client client = Client.to(lb, "front")) {
            long start = System.nanoTime();
            Flood.sends(client);
            until(() -> passed(lb) > bytesPerSecond);
            long passed = passed(lb);
            double seconds = (System.nanoTime() - start) / 1e9;
            assertThat((double) passed).isLessThanOrEqualTo((seconds + 0.1) * bytesPerSecond);
        }
    }
}
