package io.clb.bench.micro;

import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Many servers. Immutable. */
record BenchGroup(String name, List<Server> servers, int loops, long seed) implements GroupView {

    private static final long SEED = 20_261_125;

    /** Flows on a server are below this. */
    private static final int ACTIVE_BOUND = 20;

    /** Servers of two strengths, for as many loops as there are processors. */
    static BenchGroup of(int servers) {
        return of(
                IntStream.range(0, servers).map(i -> i % 2 == 0 ? 100 : 50).toArray(),
                Runtime.getRuntime().availableProcessors());
    }

    /**
     * Servers of given strengths, with a few flows each.
     *
     * @param weights {@code equal}: 100 each; {@code varied}: 1 to 100, the same in each run
     */
    static BenchGroup of(String weights, int servers, int loops) {
        SplittableRandom random = new SplittableRandom(SEED);
        return switch (weights) {
            case "equal" -> of(IntStream.generate(() -> 100).limit(servers).toArray(), loops);
            case "varied" -> of(random.ints(servers, 1, 101).toArray(), loops);
            default -> throw new IllegalArgumentException("weights: " + weights + " (expected: equal or varied)");
        };
    }

    private static BenchGroup of(int[] weights, int loops) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Server> servers = IntStream.range(0, weights.length)
                .<Server>mapToObj(i -> BenchServer.of(i, weights[i], random.nextInt(ACTIVE_BOUND)))
                .sorted(Comparator.comparing(Server::id))
                .toList();
        return new BenchGroup("bench", servers, loops, SEED);
    }

    /** The same servers, but for one from the middle. */
    BenchGroup withoutOne() {
        int gone = size() / 2;
        return new BenchGroup(
                name,
                IntStream.range(0, size())
                        .filter(i -> i != gone)
                        .mapToObj(this::server)
                        .toList(),
                loops,
                seed);
    }

    @Override
    public int size() {
        return servers.size();
    }

    @Override
    public Server server(int index) {
        return servers.get(index);
    }

    @Override
    public int weight(int index) {
        return servers.get(index).weight();
    }
}
