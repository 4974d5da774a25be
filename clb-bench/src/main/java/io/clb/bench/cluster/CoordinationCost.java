package io.clb.bench.cluster;

import io.clb.ratelimit.cluster.ClusterQuotasFactory;
import io.clb.ratelimit.jgroups.JGroupsSettings;
import io.clb.ratelimit.redis.RedisSettings;
import io.clb.spi.ClusterSettings;
import io.clb.spi.ClusterTransportFactory;
import io.clb.spi.Division;
import io.clb.spi.Quota;
import io.clb.spi.QuotaCoordinator;
import io.clb.spi.WhenAlone;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import redis.embedded.RedisServer;

/**
 * What it costs to divide 100 totals among 8 nodes, over JGroups and over Redis, as processor time of the nodes' threads: {@code mvn -q -Pcost}. Each total has a hot spot, which stays where it is or moves to
 * another node every 5 s, and what comes to each node is uneven by chance. The nodes are in one JVM; a Redis is a process of its own, and not counted.
 */
public final class CoordinationCost {

    private static final int NODES = 8;
    private static final int LIMITS = 100;
    private static final int WARM_SECONDS = 30;
    private static final int SECONDS = 60;
    private static final int DETECTION_OFFSET = 100;
    private static final Quota QUOTA = new Quota(1_000, Duration.ofSeconds(1), NODES, 1, Quota.Unit.FLOW);

    private CoordinationCost() {}

    /**
     * Measures, and prints a row for each engine and division.
     *
     * @param args some of "jgroups", "encrypted", "redis" and "leased"; none for all
     * @throws Exception if an engine cannot be started
     */
    public static void main(String[] args) throws Exception {
        System.out.println(
                "| engine | hot spot | coordinators, parts of a processor in a hundred, for a node | the engine's threads, the same |");
        System.out.println("|---|---|---|---|");
        Set<String> wanted = Set.of(args);
        int[] ports = freePorts();
        String[] members =
                Arrays.stream(ports).mapToObj(port -> "127.0.0.1:" + port).toArray(String[]::new);
        List<JGroupsSettings> jgroups = Arrays.stream(ports)
                .mapToObj(port -> JGroupsSettings.of("cost", InetAddress.getLoopbackAddress(), port)
                        .members(members))
                .toList();
        RedisServer redis = RedisServer.newRedisServer()
                .port(freePort())
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        redis.start();
        try {
            RedisSettings settings = RedisSettings.of(
                    "cost", "redis://127.0.0.1:" + redis.ports().get(0));
            List<RedisSettings> all = Collections.nCopies(NODES, settings);
            measure(wanted, "jgroups", jgroups, Division.ADAPTIVE);
            measure(
                    wanted,
                    "encrypted",
                    jgroups.stream()
                            .map(node -> node.secret("what only these nodes know"))
                            .toList(),
                    Division.ADAPTIVE);
            measure(wanted, "redis", all, Division.ADAPTIVE);
            measure(wanted, "leased", all, Division.LEASED);
        } finally {
            redis.stop();
        }
        System.exit(0);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Each below the one for noticing failures. */
    private static int[] freePorts() throws IOException {
        List<Integer> found = new ArrayList<>();
        while (found.size() < NODES) {
            int port = freePort();
            boolean apart = found.stream().noneMatch(other -> Math.abs(other - port) == DETECTION_OFFSET);
            if (apart && !found.contains(port)) {
                found.add(port);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void measure(
            Set<String> wanted, String engine, List<? extends ClusterTransportFactory> transports, Division division)
            throws InterruptedException {
        if (wanted.isEmpty() || wanted.contains(engine)) {
            measure(engine, transports, division, false);
            measure(engine, transports, division, true);
        }
    }

    private static void measure(
            String engine, List<? extends ClusterTransportFactory> transports, Division division, boolean moves)
            throws InterruptedException {
        List<QuotaCoordinator> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            nodes.add(node(i, transports.get(i), division, moves));
        }
        TimeUnit.SECONDS.sleep(WARM_SECONDS);
        for (QuotaCoordinator node : nodes) {
            if (node.view().present() != NODES) {
                throw new IllegalStateException(engine + ": " + node.view());
            }
        }
        double coordinators = seconds("clb-cluster-node-");
        double engines = seconds("node-");
        TimeUnit.SECONDS.sleep(SECONDS);
        System.out.println(String.format(
                Locale.ROOT,
                "| %s | %s | %.2f | %.2f |",
                engine,
                moves ? "moves" : "stays",
                (seconds("clb-cluster-node-") - coordinators) / SECONDS / NODES * 100,
                (seconds("node-") - engines) / SECONDS / NODES * 100));
        nodes.forEach(QuotaCoordinator::close);
    }

    /** The processor time of threads whose names begin so. */
    private static double seconds(String prefix) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith(prefix))
                        .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getId())))
                        .sum()
                / 1e9;
    }

    private static QuotaCoordinator node(
            int number, ClusterTransportFactory transport, Division division, boolean moves) {
        ClusterSettings settings =
                new ClusterSettings("node-" + number, NODES, ClusterSettings.INTERVAL, WhenAlone.EVEN);
        QuotaCoordinator node = new ClusterQuotasFactory()
                .start(settings, transport.create("node-" + number), new Deaf(), System::nanoTime, Instant.now());
        for (int limit = 0; limit < LIMITS; limit++) {
            long now = System.nanoTime();
            node.enforce(
                    "listener front rule " + limit + ": qps",
                    node.create(QUOTA, now),
                    QUOTA,
                    division,
                    new Demand(number, limit, moves),
                    now);
        }
        return node;
    }

    /** What comes to a limit: asked for once in an interval. */
    private static final class Demand implements QuotaCoordinator.Meter {

        private static final int HOT = 100;
        private static final int FEW = 5;
        private static final long STAYS_NANOS = TimeUnit.SECONDS.toNanos(5);

        private final int node;
        private final int limit;
        private final boolean moves;
        private final SplittableRandom random;
        private long admitted;

        Demand(int node, int limit, boolean moves) {
            this.node = node;
            this.limit = limit;
            this.moves = moves;
            random = new SplittableRandom(node * 1_000L + limit);
        }

        @Override
        public long admitted() {
            long place = moves ? System.nanoTime() / STAYS_NANOS : 0;
            boolean hot = Math.floorMod(place + limit, NODES) == node;
            admitted += hot ? HOT : random.nextInt(FEW);
            return admitted;
        }

        @Override
        public long refused() {
            return 0;
        }
    }

    /** Hears nothing. */
    private static final class Deaf implements QuotaCoordinator.Events {

        @Override
        public void connected() {}

        @Override
        public void disconnected(String why) {}

        @Override
        public void changed(QuotaCoordinator.Change change, List<String> nodes) {}

        @Override
        public void nodes(int nodes) {}

        @Override
        public void failed(Throwable failure) {
            failure.printStackTrace();
        }
    }
}
