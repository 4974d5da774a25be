package io.clb.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.AccessControl;
import io.clb.LoadBalancer;
import io.clb.schedule.Schedulers;
import io.clb.spi.Reason;
import io.clb.spi.SchedulerFactory;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Updates of every kind in any order, beside a model of what they should bring about, while a thousand connections are open and others come and go. Shown with the seed that
 * would bring the same updates again.
 */
@ExtendWith(LeakCheck.class)
final class RandomUpdatesTest {

    /** For each transport; one takes about three seconds. */
    private static final int RUNS = Boolean.getBoolean("clb.full") ? 50 : 1;

    private static final int UPDATES = 60;
    private static final int CROWD = 1_000;
    private static final int SERVERS = 5;

    private static final String FIRST = "127.0.0.1";
    private static final String SECOND = "127.0.0.2";

    private static final List<SchedulerFactory> SCHEDULERS = List.of(
            Schedulers.weightedRoundRobin(),
            Schedulers.roundRobin(),
            Schedulers.weightedLeastConnections(),
            Schedulers.sourceHash(),
            Schedulers.fourTupleHash(),
            Schedulers.powerOfTwoChoices());

    static Stream<Arguments> runs() {
        return Balancers.engines()
                .flatMap(
                        engine -> ThreadLocalRandom.current().longs(RUNS).mapToObj(seed -> Arguments.of(engine, seed)));
    }

    /** Says its id, then sends back what comes. */
    private static void sayNameAndEcho(Socket socket) throws IOException {
        socket.getOutputStream()
                .write(("127.0.0.1:" + socket.getLocalPort() + "\n").getBytes(StandardCharsets.US_ASCII));
        TestServer.echo(socket);
    }

    /** What is configured, as far as clients can tell. */
    private static final class Model {

        /** Weights by server; 0 for one that is drained. */
        final Map<String, Integer> weights = new TreeMap<>();

        /** Who is kept out, by listener. */
        final Map<String, Set<String>> denied = new TreeMap<>();

        Set<String> eligible() {
            Set<String> eligible = new TreeSet<>();
            weights.forEach((server, weight) -> {
                if (weight > 0) {
                    eligible.add(server);
                }
            });
            return eligible;
        }
    }

    private final Model model = new Model();
    private final List<Client> open = new ArrayList<>();
    private final List<TestServer> servers = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom();
    private int listeners;

    @ParameterizedTest
    @MethodSource("runs")
    void bringAboutWhatTheySay(NettyEngine engine, long seed) throws Exception {
        random = new SplittableRandom(seed);
        for (int i = 0; i < SERVERS; i++) {
            servers.add(TestServer.of(RandomUpdatesTest::sayNameAndEcho));
        }
        try (Crowd crowd = new Crowd();
                LoadBalancer lb = Balancers.tcp(engine, Balancers.unchecked(crowd.id()))
                        .serverGroup("changing", Balancers.unchecked(new String[0]))
                        .start()) {
            crowd.join(CROWD, lb.address("front").getPort());
            try (Newcomers newcomers = new Newcomers(lb.address("front").getPort())) {
                for (int i = 0; i < UPDATES; i++) {
                    update(lb);
                    lookIn(lb);
                }
                assertThat(newcomers.leave())
                        .as("connections of newcomers, none refused")
                        .isPositive();
            }
            crowd.echo();
            for (Client client : open) {
                assertThat(client.echoes("still here")).isTrue();
                client.close();
            }
            assertThat(Balancers.front(lb).ended().keySet()).isSubsetOf(Reason.COMPLETED, Reason.CLIENT_RESET);
        } finally {
            servers.forEach(TestServer::close);
        }
    }

    private void update(LoadBalancer lb) {
        String server = servers.get(random.nextInt(SERVERS)).id();
        boolean known = model.weights.containsKey(server);
        switch (random.nextInt(7)) {
            case 0 -> {
                lb.update(c -> c.serverGroup("changing", g -> {
                    if (known) {
                        g.removeServer(server);
                    } else {
                        g.server(server);
                    }
                }));
                if (known) {
                    model.weights.remove(server);
                } else {
                    model.weights.put(server, 100);
                }
            }
            case 1 -> {
                int weight = random.nextInt(3) * 50;
                lb.update(c -> c.serverGroup(
                        "changing", g -> g.server(server, s -> s.weight(weight)).undrain(server)));
                model.weights.put(server, weight);
            }
            case 2 -> {
                if (known) {
                    lb.update(c -> c.serverGroup("changing", g -> g.drain(server)));
                    model.weights.put(server, 0);
                }
            }
            case 3 -> {
                String added = "listener-" + listeners++;
                lb.update(c -> c.listener(added, l -> l.tcp(0).bind("127.0.0.1").forwardTo("changing")));
                model.denied.put(added, Set.of());
            }
            case 4 -> {
                if (model.denied.size() > 1) {
                    String removed = anyListener();
                    lb.update(c -> c.removeListener(removed));
                    model.denied.remove(removed);
                }
            }
            case 5 -> {
                if (!model.denied.isEmpty()) {
                    String changed = anyListener();
                    Set<String> denied = List.of(Set.<String>of(), Set.of(FIRST), Set.of(SECOND))
                            .get(random.nextInt(3));
                    lb.update(c -> c.listener(changed, l -> l.access(AccessControl.deny(denied))));
                    model.denied.put(changed, denied);
                }
            }
            default -> {
                SchedulerFactory scheduler = SCHEDULERS.get(random.nextInt(SCHEDULERS.size()));
                lb.update(c -> c.serverGroup("changing", g -> g.scheduler(scheduler))
                        .serverGroup("servers", g -> g.scheduler(scheduler)));
            }
        }
    }

    private String anyListener() {
        return List.copyOf(model.denied.keySet()).get(random.nextInt(model.denied.size()));
    }

    /** New connections find what the model says, and one that is open goes on. */
    private void lookIn(LoadBalancer lb) throws IOException {
        for (Map.Entry<String, Set<String>> listener : model.denied.entrySet()) {
            for (String source : List.of(FIRST, SECOND)) {
                String answered = answer(source, lb, listener.getKey());
                if (listener.getValue().contains(source) || model.eligible().isEmpty()) {
                    assertThat(answered).isEmpty();
                } else {
                    assertThat(answered).isIn(model.eligible());
                }
            }
        }
        if (!open.isEmpty()) {
            assertThat(open.get(random.nextInt(open.size())).echoes("on and on"))
                    .isTrue();
        }
    }

    /** Who answers a new connection, some of which stay; empty if it is reset. */
    private String answer(String source, LoadBalancer lb, String listener) throws IOException {
        Client client;
        String name;
        try {
            client = Client.from(source, lb, listener);
            name = client.line();
        } catch (IOException reset) {
            return "";
        }
        if (random.nextInt(4) == 0) {
            open.add(client);
        } else {
            client.reset();
        }
        return name;
    }

    /** Connects, is served, and leaves, again and again. */
    private static final class Newcomers implements AutoCloseable {

        private final AtomicBoolean enough = new AtomicBoolean();
        private final AtomicInteger served = new AtomicInteger();
        private final CompletableFuture<Void> done;

        Newcomers(int port) {
            done = CompletableFuture.runAsync(() -> {
                while (!enough.get()) {
                    try (Client client = Client.to(port)) {
                        assertThat(client.echoes("hello")).isTrue();
                        client.reset();
                    } catch (IOException e) {
                        throw new AssertionError("connection " + served + " failed", e);
                    }
                    served.incrementAndGet();
                }
            });
        }

        /** How many there were; fails if one was not served. */
        int leave() {
            close();
            done.join();
            return served.get();
        }

        @Override
        public void close() {
            enough.set(true);
        }
    }
}
