package io.clb.bench.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clb.ratelimit.jgroups.Ports;
import io.clb.ratelimit.redis.OneRedis;
import io.clb.spi.Division;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Balancers in JVMs of their own, with real clients, over the engines themselves: four, or eight with {@code -Pfull}. Sums, bounds and what a node falls back to are judged; how fast, on a
 * machine with other work, is the simulator's to say.
 */
class RealClusterTest {

    private static final boolean FULL = Boolean.getBoolean("clb.full");
    private static final int NODES = FULL ? 8 : 4;
    private static final long BINS_PER_SECOND = TimeUnit.SECONDS.toNanos(1) / Load.BIN_NANOS;

    /** What all may let through at once beyond their rates, 100 ms of the total, as much that was leased, and what falls into a bin that it is not of. */
    private static final double AT_ONCE = 0.25;

    private static final List<Division> ADAPTIVE = List.of(Division.ADAPTIVE, Division.ADAPTIVE, Division.ADAPTIVE);

    private static final double EVEN = 1.0 / (NODES - 1);
    private static final double ALL_AND_ONE = NODES * EVEN;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<BalancerHandle> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(BalancerHandle::close);
    }

    private void overJGroups() throws IOException {
        int[] ports = Ports.free(NODES);
        String members =
                IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        for (int i = 0; i < NODES; i++) {
            start(i, ADAPTIVE, List.of("jgroups", Integer.toString(ports[i]), members));
        }
    }

    private void start(int number, List<Division> divisions, List<String> engine) throws IOException {
        nodes.add(new BalancerHandle("node-" + number, NODES, divisions, engine));
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE);
    }

    /** Waits for what must come; if it does not, the state of all is shown. */
    private void awaitThat(BooleanSupplier condition) {
        patiently()
                .untilAsserted(() ->
                        assertThat(condition.getAsBoolean()).as("%s", nodes).isTrue());
    }

    private void awaitPresent(int count) {
        awaitThat(() -> nodes.stream().allMatch(node -> node.present() == count));
    }

    /** Waits until a node has a part of each total. */
    private static void awaitShare(BalancerHandle node, Predicate<Double> share) {
        patiently()
                .untilAsserted(() -> assertThat(Load.Kind.values())
                        .allSatisfy(kind -> assertThat(share.test(node.share(kind)))
                                .as("%s of %s is right", node.share(kind), kind)
                                .isTrue()));
    }

    private static Predicate<Double> about(double share) {
        return actual -> Math.abs(actual - share) < 0.06;
    }

    /** The most that clients of these nodes together had in any second, as a part of the total. */
    private static double busiestSecond(Load.Kind kind, List<BalancerHandle> of) {
        TreeMap<Long, Long> sums = new TreeMap<>();
        of.stream()
                .flatMap(node -> node.loads().stream())
                .filter(load -> load.kind() == kind)
                .forEach(load -> load.had().forEach((bin, count) -> sums.merge(bin, count, Long::sum)));
        return sums.keySet().stream()
                        .mapToLong(bin -> sums.subMap(bin, bin + BINS_PER_SECOND).values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                        .max()
                        .orElse(0)
                / (double) kind.total;
    }

    private static void awaitBusy(List<BalancerHandle> of) {
        patiently()
                .untilAsserted(() -> assertThat(Load.Kind.values())
                        .allSatisfy(kind -> assertThat(busiestSecond(kind, of))
                                .as("%s", kind)
                                .isGreaterThan(0.85)));
    }

    private void assertNeverMoreThan(double totals) {
        assertThat(Load.Kind.values())
                .allSatisfy(kind ->
                        assertThat(busiestSecond(kind, nodes)).as("%s", kind).isLessThanOrEqualTo(totals + AT_ONCE));
    }

    private static long tellsThatItIsAlone(BalancerHandle node) {
        return node.log().stream()
                .filter(line -> line.contains("no other node can be reached"))
                .count();
    }

    @Test
    void overJGroupsOneNodeHasNearlyAllAndNoTroubleMakesMoreThanOneNodesPartTooMuch() throws Exception {
        overJGroups();
        awaitPresent(NODES);
        BalancerHandle first = nodes.get(0);
        first.want(2);
        awaitShare(first, share -> share > 0.9);
        awaitBusy(List.of(first));
        first.want(0);
        nodes.get(1).want(2);
        awaitShare(nodes.get(1), share -> share > 0.9);
        nodes.forEach(node -> node.want(1));
        awaitShare(first, about(1.0 / NODES));
        awaitBusy(nodes);
        assertNeverMoreThan(1);

        BalancerHandle killed = nodes.get(NODES - 1);
        killed.kill();
        awaitShare(first, about(EVEN));
        BalancerHandle frozen = nodes.get(NODES - 2);
        frozen.freeze();
        awaitThat(() -> first.present() == NODES - 2);
        frozen.thaw();
        awaitThat(() -> first.present() == NODES - 1 && frozen.present() == NODES - 1);

        List<String> others = nodes.stream()
                .filter(node -> node != first)
                .map(BalancerHandle::name)
                .toList();
        nodes.stream()
                .filter(node -> node != killed)
                .forEach(node -> node.ignore(node == first ? others : List.of(first.name())));
        awaitThat(() -> first.present() == 1 && frozen.present() == NODES - 2);
        awaitShare(first, about(EVEN));
        // JGroups looks for some 10 s; its views break, and are merged.
        awaitThat(() -> !FULL || tellsThatItIsAlone(first) == 1);
        nodes.stream().filter(node -> node != killed).forEach(node -> node.ignore(List.of()));
        awaitThat(() -> first.present() == NODES - 1 && frozen.present() == NODES - 1);
        assertThat(first.nodes()).isEqualTo(NODES);
        assertNeverMoreThan(ALL_AND_ONE);

        frozen.leave();
        awaitThat(() -> first.nodes() == NODES - 1);
    }

    static Stream<List<Division>> divisions() {
        List<Division> leased = List.of(Division.LEASED, Division.LEASED, Division.LEASED);
        List<Division> both = List.of(Division.LEASED, Division.ADAPTIVE, Division.LEASED);
        return FULL ? Stream.of(ADAPTIVE, leased, both) : Stream.of(both);
    }

    @ParameterizedTest
    @MethodSource("divisions")
    void overRedisOneNodeHasNearlyAllAndFallsBackWhileRedisIsAway(List<Division> divisions) throws Exception {
        try (OneRedis redis = OneRedis.start()) {
            for (int i = 0; i < NODES; i++) {
                start(i, divisions, List.of("redis", redis.uri()));
            }
            awaitPresent(NODES);
            BalancerHandle first = nodes.get(0);
            first.want(2);
            awaitShare(first, share -> share > 0.9);
            awaitBusy(List.of(first));

            redis.freeze();
            // Shares that are leased may be even before that.
            awaitThat(() -> tellsThatItIsAlone(first) == 1);
            awaitShare(first, about(EVEN));
            awaitShare(nodes.get(1), about(EVEN));
            redis.thaw();
            awaitShare(first, share -> share > 0.9);

            nodes.forEach(node -> node.want(1));
            redis.kill();
            awaitThat(() -> tellsThatItIsAlone(first) == 2);
            awaitShare(first, about(EVEN));
            awaitShare(nodes.get(1), about(EVEN));
            redis.restart();
            awaitPresent(NODES);
            awaitShare(first, about(1.0 / NODES));

            assertNeverMoreThan(ALL_AND_ONE);
            assertThat(tellsThatItIsAlone(first)).isEqualTo(2);
            nodes.get(1).kill();
            awaitShare(first, about(EVEN));
        }
    }
}
