package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.LoadBalancer;
import io.clb.schedule.Schedulers;
import io.clb.spi.FlowRecord;
import io.clb.spi.SchedulerFactory;
import io.clb.spi.TrafficObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedulers that look at what servers have to do, and round robin for each loop. */
@ExtendWith(LeakCheck.class)
final class LoadSchedulerTest {

    private static final int SERVERS = 4;

    /** Connections that stay open, by their server. */
    private static final class Held implements AutoCloseable {

        private final Map<String, List<Client>> byServer = new HashMap<>();

        /** Opens so many more; tells how many of them each server got. */
        Map<String, Integer> open(LoadBalancer lb, int count) throws Exception {
            Map<String, Integer> got = new HashMap<>();
            for (int i = 0; i < count; i++) {
                Client client = Client.to(lb, "front");
                String name = client.line();
                byServer.computeIfAbsent(name, key -> new ArrayList<>()).add(client);
                got.merge(name, 1, Integer::sum);
            }
            return got;
        }

        /** Ends those on one server; returns when the balancer has noticed. */
        void leave(LoadBalancer lb, String id) throws Exception {
            for (Client client : byServer.getOrDefault(id, List.of())) {
                client.close();
            }
            byServer.remove(id);
            await().until(() -> Balancers.server(lb, id).active() == 0);
        }

        @Override
        public void close() throws IOException {
            for (List<Client> clients : byServer.values()) {
                for (Client client : clients) {
                    client.close();
                }
            }
        }
    }

    /**
     * Has four servers hold connections, ends those of one, and tells how many of the next ones that server gets, all of which stay open.
     *
     * @param held on each server, about
     */
    private static int gotByTheServerThatHasNone(NettyEngine engine, SchedulerFactory scheduler, int held, int next)
            throws Exception {
        List<TestServer> servers =
                Stream.generate(TestServer::named).limit(SERVERS).toList();
        try (LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(servers.toArray(TestServer[]::new)))
                        .serverGroup("servers", g -> g.scheduler(scheduler))
                        .start();
                Held connections = new Held()) {
            String free = servers.get(1).id();
            connections.open(lb, held * SERVERS);
            connections.leave(lb, free);
            return connections.open(lb, next).getOrDefault(free, 0);
        } finally {
            servers.forEach(TestServer::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void withLeastConnectionsNewOnesGoWhereFewestAre(NettyEngine engine) throws Exception {
        assertThat(gotByTheServerThatHasNone(engine, Schedulers.weightedLeastConnections(), 10, 10))
                .isEqualTo(10);
    }

    /** A server that is one of the two in every second draw gets that half; a share of a quarter would be 25. */
    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void withTwoChoicesMostNewOnesGoWhereFewestAre(NettyEngine engine) throws Exception {
        assertThat(gotByTheServerThatHasNone(engine, Schedulers.powerOfTwoChoices(), 80, 100))
                .isBetween(30, 70);
    }

    @ParameterizedTest
    @MethodSource("io.clb.l4.Balancers#engines")
    void eachLoopDealsItsOwnConnectionsExactlyByWeight(NettyEngine engine) throws Exception {
        int[] weights = {100, 60, 40};
        int period = 10;
        BlockingQueue<FlowEnd> ends = new LinkedBlockingQueue<>();
        TrafficObserver observer = new TrafficObserver() {
            @Override
            public void flowEnded(FlowRecord record) {
                ends.add(FlowEnd.of(record));
            }
        };
        try (TestServer a = TestServer.named();
                TestServer b = TestServer.named();
                TestServer c = TestServer.named();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(a, b, c))
                        .serverGroup(
                                "servers",
                                g -> g.scheduler(Schedulers.weightedRoundRobin().perLoop())
                                        .server(b.id(), s -> s.weight(weights[1]))
                                        .server(c.id(), s -> s.weight(weights[2])))
                        .observer(observer)
                        .start()) {
            Map<Integer, List<String>> byLoop = new HashMap<>();
            while (byLoop.size() < lb.snapshot().loops()
                    || byLoop.values().stream().anyMatch(servers -> servers.size() < 2 * period)) {
                try (Client client = Client.to(lb, "front")) {
                    client.line();
                }
                FlowEnd end = Objects.requireNonNull(ends.poll(10, TimeUnit.SECONDS), "a flow that ended");
                byLoop.computeIfAbsent(end.loop, key -> new ArrayList<>()).add(end.server);
            }
            assertThat(byLoop).hasSize(2);
            byLoop.values().forEach(servers -> {
                for (int from = 0; from + period <= servers.size(); from++) {
                    List<String> some = servers.subList(from, from + period);
                    assertThat(Collections.frequency(some, a.id())).isEqualTo(5);
                    assertThat(Collections.frequency(some, b.id())).isEqualTo(3);
                    assertThat(Collections.frequency(some, c.id())).isEqualTo(2);
                }
            });
        }
    }

    /** Which server had a flow, and on which loop. */
    private record FlowEnd(int loop, String server) {

        static FlowEnd of(FlowRecord record) {
            return new FlowEnd(
                    record.flow().loop(),
                    Objects.requireNonNull(record.server(), "server").id());
        }
    }
}
