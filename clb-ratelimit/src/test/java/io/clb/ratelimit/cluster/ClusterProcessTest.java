package io.clb.ratelimit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.ratelimit.jgroups.Ports;
import io.clb.ratelimit.redis.OneRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes in JVMs of their own, over the engines themselves. Sums, bounds and what a node falls back to are judged; how fast, on a machine with other work, is the simulator's to say. */
class ClusterProcessTest {

    private static final int NODES = 4;
    private static final int BINS_PER_SECOND = 20;

    /** What all may let through at once beyond their rates, 100 ms of the total, and what falls into a bin that it is not of, as a busy machine runs a process late. */
    private static final double AT_ONCE = 0.2;

    private static final double ALL_AND_ONE = 4.0 / 3;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<NodeHandle> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(NodeHandle::close);
    }

    private void overJGroups() throws IOException {
        int[] ports = Ports.free(NODES);
        String members =
                IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        for (int i = 0; i < NODES; i++) {
            nodes.add(new NodeHandle("node-" + i, NODES, List.of("jgroups", Integer.toString(ports[i]), members)));
        }
        awaitAll();
    }

    private void awaitAll() {
        await().atMost(PATIENCE).until(() -> nodes.stream().allMatch(node -> node.present() == NODES));
    }

    private void awaitShare(int node, double share) {
        await().atMost(PATIENCE).until(() -> Math.abs(nodes.get(node).share() - share) < 0.03);
    }

    /** The most that all nodes together let through in any second, as a part of the total. */
    private double busiestSecond() {
        TreeMap<Long, Long> sums = new TreeMap<>();
        nodes.forEach(node -> node.admitted().forEach((bin, count) -> sums.merge(bin, count, Long::sum)));
        return sums.keySet().stream()
                        .mapToLong(bin -> sums.subMap(bin, bin + BINS_PER_SECOND).values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .max()
                        .orElse(0)
                / (double) NodeProcess.TOTAL;
    }

    @Test
    void overJGroupsOneHotNodeHasNearlyAllAndALostOneIsMadeUpFor() throws IOException, InterruptedException {
        overJGroups();
        nodes.get(0).want(2 * NodeProcess.TOTAL);
        awaitShare(0, 0.97);
        nodes.get(0).want(0);
        nodes.get(1).want(2 * NodeProcess.TOTAL);
        awaitShare(1, 0.97);
        nodes.forEach(node -> node.want(NodeProcess.TOTAL));
        awaitShare(2, 0.25);
        await().atMost(PATIENCE).until(() -> busiestSecond() > 0.9);
        assertThat(busiestSecond()).isLessThanOrEqualTo(1 + AT_ONCE);

        nodes.get(3).kill();
        awaitShare(0, 1.0 / 3);
        nodes.get(2).freeze();
        awaitShare(0, 1.0 / 3);
        await().atMost(PATIENCE).until(() -> nodes.get(0).present() == 2);
        nodes.get(2).thaw();
        await().atMost(PATIENCE).until(() -> nodes.get(0).present() == 3);
        assertThat(nodes.get(0).nodes()).isEqualTo(NODES);
        assertThat(busiestSecond()).isLessThanOrEqualTo(ALL_AND_ONE + AT_ONCE);

        nodes.get(2).leave();
        await().atMost(PATIENCE).until(() -> nodes.get(0).nodes() == 3);
        assertThat(nodes).allSatisfy(node -> assertThat(node.told()).noneMatch(line -> line.startsWith("failed")));
    }

    @Test
    void overRedisOneHotNodeHasNearlyAllAndFallsBackWhileRedisIsAway() throws IOException, InterruptedException {
        try (OneRedis redis = OneRedis.start()) {
            for (int i = 0; i < NODES; i++) {
                nodes.add(new NodeHandle("node-" + i, NODES, List.of("redis", redis.uri())));
            }
            awaitAll();
            nodes.get(0).want(2 * NodeProcess.TOTAL);
            awaitShare(0, 0.97);

            redis.freeze();
            awaitShare(0, 1.0 / 3);
            awaitShare(1, 1.0 / 3);
            redis.thaw();
            awaitShare(0, 0.97);

            redis.kill();
            awaitShare(0, 1.0 / 3);
            awaitShare(1, 1.0 / 3);
            redis.restart();
            awaitAll();
            awaitShare(0, 0.97);
            assertThat(nodes.get(0).told().stream().filter(line -> line.startsWith("disconnected")))
                    .hasSize(2);
        }
        assertThat(busiestSecond()).isLessThanOrEqualTo(ALL_AND_ONE + AT_ONCE);
    }
}
