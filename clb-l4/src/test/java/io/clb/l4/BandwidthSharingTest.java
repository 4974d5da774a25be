package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.Cluster;
import io.clb.Config;
import io.clb.Limit;
import io.clb.LoadBalancer;
import io.clb.Snapshot;
import io.clb.engine.EngineSetup;
import io.clb.engine.FakeClock;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who gets what of a limited bandwidth, and what becomes of connections that wait for it, on a clock that stands still until it is moved. */
@ExtendWith(LeakCheck.class)
final class BandwidthSharingTest {

    /** 100,000 bytes a second, 10,000 at once. */
    private static final Limit LIMIT = Limit.bandwidth(800_000);

    private static final long BYTES_PER_MILLI = 100;
    private static final long BURST = 10_000;
    private static final long TURN = 512;

    private static final Duration STEP = Duration.ofMillis(50);
    private static final int STEPS = 80;

    /** In a step: one in 5 ms. */
    private static final int TURNS = 10;

    private final FakeClock clock = new FakeClock();
    private final Flood flood = new Flood();
    private final List<Client> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (Client client : clients) {
            client.close();
        }
    }

    private static Config.Builder limited(TestServer server, Limit limit) {
        return Balancers.tcp(Balancers.unchecked(server))
                .cluster(Cluster.single())
                .limit(limit);
    }

    private Client connect(LoadBalancer lb, String listener) throws IOException {
        Client client = Client.to(lb, listener);
        clients.add(client);
        return client;
    }

    /** As time passes on a loop that is never late: in turns. */
    private void advance() {
        for (int turn = 0; turn < TURNS; turn++) {
            clock.advance(STEP.dividedBy(TURNS));
        }
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }

    private static long passed(LoadBalancer lb) {
        return lb.snapshot().listeners().stream()
                .mapToLong(listener -> listener.bytesFromClients() + listener.bytesFromServers())
                .sum();
    }

    private static long earned(int step) {
        return BURST + step * STEP.toMillis() * BYTES_PER_MILLI;
    }

    /** Most has passed that was earned, and no more: a turn is lost whose client gets no processor to send in it. */
    private static void awaitEarned(LoadBalancer lb, int step, int flows) {
        soon().until(() -> passed(lb) > earned(step) * 3 / 4 - (flows + 2) * TURN);
        assertThat(passed(lb)).isLessThanOrEqualTo(earned(step));
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void connectionsOfTwoListenersShareTheBalancersAlike(String transport) throws Exception {
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(server, LIMIT)
                                .listener(
                                        "back", l -> l.tcp(0).bind("127.0.0.1").forwardTo("servers"))
                                .build())) {
            for (String listener : List.of("front", "back", "front", "back")) {
                Flood.sends(connect(lb, listener));
            }
            soon().until(() -> flood.counts().size() == 4);
            for (int step = 0; step <= STEPS; step++) {
                awaitEarned(lb, step, 4);
                advance();
            }
            // Not closer: a client that gets no processor for a while leaves its turns to the others.
            long share = earned(STEPS) / 4;
            soon().untilAsserted(() -> assertThat(flood.counts())
                    .allSatisfy(count -> assertThat(count).isBetween(share / 2, share * 3 / 2)));
            long front = Balancers.front(lb).bytesFromClients();
            assertThat(front).isBetween(share, 3 * share);
            assertThat(lb.snapshot().limits().get(0).putOff()).isPositive();
            assertThat(Balancers.front(lb).limits()).isEmpty();
        }
    }

    /** It sends 10,000 bytes a second; an eighth of all would be 12,500. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void whoWantsLessThanItsShareGetsAllOfItBesideSevenWhoFlood(String transport) throws Exception {
        String little = "x".repeat(500);
        try (TestServer server = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build())) {
            Client modest = connect(lb, "front").send(little);
            soon().until(() -> flood.counts().equals(List.of((long) little.length())));
            for (int i = 0; i < 7; i++) {
                Flood.sends(connect(lb, "front"));
            }
            soon().until(() -> flood.counts().size() == 8);
            for (int step = 0; step < STEPS; step++) {
                awaitEarned(lb, step, 8);
                modest.send(little);
                advance();
            }
            // What it sent last may wait for some rounds of eight turns.
            long sent = (STEPS + 1L) * little.length();
            int last = STEPS + 20;
            for (int step = STEPS; step < last; step++) {
                awaitEarned(lb, step, 8);
                advance();
            }
            awaitEarned(lb, last, 8);
            soon().untilAsserted(() -> assertThat(flood.counts().get(0)).isEqualTo(sent));
            long rest = (earned(last) - sent) / 7;
            soon().untilAsserted(() -> assertThat(flood.counts().subList(1, 8))
                    .allSatisfy(count -> assertThat(count).isBetween(rest / 2, rest * 3 / 2)));
        }
    }

    /** As much as the server takes, and as the limit lets through, whichever is less. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServerThatDoesNotReadHoldsUpItsConnectionUntilItDoes(String transport) throws Exception {
        int size = 24 << 20;
        long bytesPerStep = 5_000_000;
        CountDownLatch reads = new CountDownLatch(1);
        try (TestServer server = TestServer.of(socket -> {
                    await().until(() -> reads.getCount() == 0);
                    flood.take(socket);
                });
                LoadBalancer lb = clock.start(
                        transport, limited(server, Limit.bandwidthMbps(800)).build())) {
            Client client = connect(lb, "front");
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.send("x".repeat(size)).finish();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            long most = 2 * bytesPerStep;
            for (int step = 0; step < 10; step++) {
                advance();
                most += bytesPerStep;
                assertThat(passed(lb)).isLessThanOrEqualTo(most);
            }
            assertThat(passed(lb)).as("what the sockets' buffers hold").isLessThan(size);
            reads.countDown();
            soon().until(() -> {
                advance();
                return passed(lb) >= size;
            });
            sending.join();
            assertThat(client.line()).isEqualTo(Integer.toString(size));
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void aServersFinComesBehindAllThatItSentBefore(String transport) throws Exception {
        int size = 30_000;
        try (TestServer server =
                        TestServer.of(socket -> socket.getOutputStream().write(new byte[size]));
                LoadBalancer lb = clock.start(transport, limited(server, LIMIT).build())) {
            Client client = connect(lb, "front");
            CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
                try {
                    return client.readAll().length;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            int step = 0;
            for (; earned(step) < size; step++) {
                awaitEarned(lb, step, 1);
                assertThat(read).isNotDone();
                advance();
            }
            soon().until(() -> {
                advance();
                return read.isDone();
            });
            assertThat(read.join()).isEqualTo(size);
            assertThat(Balancers.front(lb).active()).isEqualTo(1);
            client.finish();
            soon().until(() -> Balancers.front(lb).active() == 0);
        }
    }

    /** Fifty that would fill buffers of 256 KiB each. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#transports")
    void connectionsThatWaitHoldNoMemory(String transport) throws Exception {
        int flows = 50;
        PooledByteBufAllocator allocator = (PooledByteBufAllocator) EngineSetup.ALLOCATOR;
        try (TestServer taking = TestServer.of(flood::take);
                LoadBalancer lb = clock.start(
                        transport,
                        limited(taking, Limit.bandwidth(48_000).per(Duration.ofMinutes(1)))
                                .build())) {
            for (int i = 0; i < flows; i++) {
                Flood.sends(connect(lb, "front"));
            }
            soon().until(() -> lb.snapshot().limits().get(0).putOff() >= flows);
            for (int step = 0; step < STEPS; step++) {
                assertThat(allocator.pinnedDirectMemory()).isLessThan(1 << 20);
                advance();
            }
            assertThat(passed(lb)).isLessThanOrEqualTo(4 * TURN);
            List<Snapshot.EnforcedLimit> limits = lb.snapshot().limits();
            assertThat(limits.get(0).dropped()).isZero();
            assertThat(Balancers.front(lb).active()).isEqualTo(flows);
        }
    }
}
