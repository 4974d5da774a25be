package io.clb.bench.sim;

import static java.util.Objects.requireNonNull;

import io.clb.bench.peers.algorithms.PeerAlgorithms;
import io.clb.schedule.Schedulers;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** How even and how steady schedulers are, beside others. No time is measured here. */
final class Quality {

    /** Keys for each server: what is counted is then off by 0.8 % of a share by chance. */
    private static final int KEYS_A_SERVER = 16_384;

    /** Rendezvous hashing looks at every server for every key: beyond so many it is left out. */
    private static final int RENDEZVOUS_LIMIT = 100;

    private static final int TENTH = 10;

    /** Of a tenth of the servers, the remainder of whose slots is this, all go; of a single one it is the slot. */
    private static final int GOES = 3;

    private Quality() {}

    /**
     * How a hash divides and keeps keys.
     *
     * @param highest the greatest number of keys of a server, over its share
     * @param deviation of the keys of a server over its share, the standard deviation
     * @param movedByOne when one server goes, the part of the others' keys that are moved
     * @param movedByTenth when a tenth of them goes
     */
    record Hashing(double highest, double deviation, double movedByOne, double movedByTenth) {}

    static void print(PrintStream out) {
        out.println();
        out.println(
                "| | servers | weights | most over share | standard deviation | moved: one goes | moved: a tenth goes |");
        out.println("|---|---|---|---|---|---|---|");
        for (int servers : List.of(10, 100, 1_000)) {
            for (String weights : List.of("equal", "1 to 100")) {
                for (SchedulerFactory factory : hashes()) {
                    if (servers <= RENDEZVOUS_LIMIT || !factory.name().equals("peer:rendezvous")) {
                        Hashing found = hashing(factory, weights.equals("equal") ? equal(servers) : varied(servers));
                        out.printf(
                                Locale.ROOT,
                                "| `%s` | %,d | %s | %.3f | %.2f %% | %.3f %% | %.3f %% |%n",
                                factory.name(),
                                servers,
                                weights,
                                found.highest,
                                100 * found.deviation,
                                100 * found.movedByOne,
                                100 * found.movedByTenth);
                    }
                }
            }
        }
        out.println();
        out.println("| weights | `wrr` | `peer:smooth` | `peer:edf` | `peer:stride` |");
        out.println("|---|---|---|---|---|");
        weightSets().forEach((name, weights) -> {
            out.printf("| %s |", name);
            for (SchedulerFactory factory : rotations()) {
                // Cut off, not rounded: below 1 is what matters.
                out.printf(Locale.ROOT, " %.3f |", Math.floor(worstDistance(factory, weights) * 1_000) / 1_000);
            }
            out.println();
        });
    }

    private static List<SchedulerFactory> hashes() {
        return List.of(
                Schedulers.sourceHash(),
                PeerAlgorithms.find("peer:ring"),
                PeerAlgorithms.find("peer:maglev"),
                PeerAlgorithms.find("peer:rendezvous"));
    }

    private static List<SchedulerFactory> rotations() {
        return List.of(
                Schedulers.weightedRoundRobin(),
                PeerAlgorithms.find("peer:smooth"),
                PeerAlgorithms.find("peer:edf"),
                PeerAlgorithms.find("peer:stride"));
    }

    /** Counts keys. */
    static Hashing hashing(SchedulerFactory factory, int[] weights) {
        int keys = weights.length * KEYS_A_SERVER;
        char[] before = owners(factory, weights, slot -> true, keys);
        long[] kept = new long[weights.length];
        for (char owner : before) {
            kept[owner]++;
        }
        double sum = Arrays.stream(weights).sum();
        double[] overShare = IntStream.range(0, weights.length)
                .mapToDouble(i -> kept[i] * sum / (weights[i] * (double) keys))
                .toArray();
        return new Hashing(
                Arrays.stream(overShare).max().orElse(0),
                Math.sqrt(Arrays.stream(overShare)
                        .map(over -> (over - 1) * (over - 1))
                        .average()
                        .orElse(0)),
                moved(factory, weights, before, slot -> slot == GOES),
                moved(factory, weights, before, slot -> slot % TENTH == GOES));
    }

    private static double moved(SchedulerFactory factory, int[] weights, char[] before, IntPredicate gone) {
        char[] after = owners(factory, weights, gone.negate(), before.length);
        long others = IntStream.range(0, before.length)
                .filter(key -> !gone.test(before[key]))
                .count();
        long moved = IntStream.range(0, before.length)
                .filter(key -> !gone.test(before[key]) && before[key] != after[key])
                .count();
        return (double) moved / others;
    }

    /** The slot of the server of each key. */
    private static char[] owners(SchedulerFactory factory, int[] weights, IntPredicate slots, int keys) {
        Scheduler scheduler = factory.create(group(weights, slots), null);
        char[] owners = new char[keys];
        for (int key = 0; key < keys; key++) {
            SimFlow flow = new SimFlow(0, key, 0, 0);
            owners[key] = (char) requireNonNull(scheduler.pick(flow, 0)).slot();
        }
        return owners;
    }

    /** How far a server is from its share at worst, in picks, after any number of picks of one period. */
    static double worstDistance(SchedulerFactory factory, int[] weights) {
        Scheduler scheduler = factory.create(group(weights, slot -> true), null);
        SimFlow flow = new SimFlow(0, 0, 0, 0);
        long sum = Arrays.stream(weights).sum();
        long[] taken = new long[weights.length];
        long worst = 0;
        for (long picks = 1; picks <= sum; picks++) {
            taken[requireNonNull(scheduler.pick(flow, 0)).slot()]++;
            for (int i = 0; i < weights.length; i++) {
                worst = Math.max(worst, Math.abs(taken[i] * sum - picks * weights[i]));
            }
        }
        return (double) worst / sum;
    }

    private static GroupView group(int[] weights, IntPredicate slots) {
        List<KeyServer> servers = IntStream.range(0, weights.length)
                .filter(slots)
                .mapToObj(slot -> KeyServer.of(slot, weights[slot]))
                .sorted(Comparator.comparing(KeyServer::id))
                .toList();
        return SimGroup.of(servers, KeyServer::weight, 1, 0);
    }

    private static int[] equal(int servers) {
        int[] weights = new int[servers];
        Arrays.fill(weights, SimServer.WEIGHT);
        return weights;
    }

    private static int[] varied(int servers) {
        return new SplittableRandom(servers).ints(servers, 1, 101).toArray();
    }

    /** Some of the kinds that people configure, by name; strong ones among weak ones are what the smooth algorithm finds hard. */
    private static Map<String, int[]> weightSets() {
        int[] twoAmongTwenty = new int[22];
        Arrays.fill(twoAmongTwenty, 1);
        Arrays.fill(twoAmongTwenty, 0, 2, 100);
        Map<String, int[]> sets = new LinkedHashMap<>();
        sets.put("5, 1, 1", new int[] {5, 1, 1});
        sets.put("1 to 10, one of each", IntStream.rangeClosed(1, 10).toArray());
        sets.put("9, 9, 1, 1, 1", new int[] {9, 9, 1, 1, 1});
        sets.put("6, 2, 30, 98, 11, 68, 23, 5, 68, 26", new int[] {6, 2, 30, 98, 11, 68, 23, 5, 68, 26});
        sets.put("two of 100 among twenty of 1", twoAmongTwenty);
        sets.put("100 servers, 1 to 100 at random", varied(100));
        sets.put("1,000 servers, 1 to 100 at random", varied(1_000));
        return sets;
    }
}
