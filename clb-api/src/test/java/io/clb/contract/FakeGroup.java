package io.clb.contract;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The servers of a pool, without an engine. Immutable: a change is another group of the same servers. */
public final class FakeGroup implements GroupView {

    private static final int PORT = 80;

    private final String name;
    private final List<FakeServer> servers;
    private final int[] weights;
    private final int[] configured;
    private final int loops;
    private final long seed;

    private FakeGroup(String name, List<FakeServer> servers, int[] weights, int[] configured, int loops, long seed) {
        this.name = name;
        this.servers = servers;
        this.weights = weights;
        this.configured = configured;
        this.loops = loops;
        this.seed = seed;
    }

    /**
     * Makes a group of given servers, each at its own weight.
     *
     * @param servers in any order; the group sorts them by id
     * @return the group, for one loop
     */
    public static FakeGroup of(FakeServer... servers) {
        List<FakeServer> sorted = Arrays.stream(servers)
                .sorted(Comparator.comparing(FakeServer::id))
                .toList();
        int[] weights = sorted.stream().mapToInt(FakeServer::weight).toArray();
        return new FakeGroup("fake", sorted, weights, weights, 1, 0);
    }

    /**
     * Makes a group of new servers, which have their indexes as slots.
     *
     * @param weights the weight of each
     * @return the group, for one loop
     */
    public static FakeGroup ofWeights(int... weights) {
        return of(IntStream.range(0, weights.length)
                .mapToObj(i -> FakeServer.of(String.format(Locale.ROOT, "server-%05d", i), PORT, i)
                        .withWeight(weights[i]))
                .toArray(FakeServer[]::new));
    }

    /**
     * Returns the same servers with other weights, configured and in force.
     *
     * @param changed one weight for each server
     * @return the new group
     */
    public FakeGroup withWeights(int... changed) {
        checkLength(changed);
        return new FakeGroup(name, servers, changed.clone(), changed.clone(), loops, seed);
    }

    /**
     * Returns the same group in a slow start: with other weights in force than those configured.
     *
     * @param inForce one weight for each server, not above the configured one
     * @return the new group
     */
    public FakeGroup inSlowStart(int... inForce) {
        checkLength(inForce);
        return new FakeGroup(name, servers, inForce.clone(), configured, loops, seed);
    }

    private void checkLength(int[] given) {
        if (given.length != servers.size()) {
            throw new IllegalArgumentException("weights: " + given.length + " (expected: " + servers.size() + ")");
        }
    }

    /**
     * Returns the group without one of its servers.
     *
     * @param index 0 to {@code size() - 1}
     * @return the new group
     */
    public FakeGroup without(int index) {
        int[] kept = IntStream.range(0, size()).filter(i -> i != index).toArray();
        return new FakeGroup(
                name,
                Arrays.stream(kept).mapToObj(servers::get).toList(),
                Arrays.stream(kept).map(this::weight).toArray(),
                Arrays.stream(kept).map(this::configuredWeight).toArray(),
                loops,
                seed);
    }

    /**
     * Returns the same group for another number of loops.
     *
     * @param count 1 or more
     * @return the new group
     */
    public FakeGroup withLoops(int count) {
        return new FakeGroup(name, servers, weights, configured, count, seed);
    }

    /**
     * Returns the same group in a balancer with another seed.
     *
     * @param value the seed
     * @return the new group
     */
    public FakeGroup withSeed(long value) {
        return new FakeGroup(name, servers, weights, configured, loops, value);
    }

    /**
     * Returns the same servers as a group of another name.
     *
     * @param value the name; {@code fake} unless set
     * @return the new group
     */
    public FakeGroup withName(String value) {
        return new FakeGroup(requireNonNull(value, "value"), servers, weights, configured, loops, seed);
    }

    /**
     * Returns all servers.
     *
     * @return an unmodifiable list, sorted by id
     */
    public List<FakeServer> servers() {
        return servers;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return servers.size();
    }

    @Override
    public FakeServer server(int index) {
        return servers.get(index);
    }

    @Override
    public int weight(int index) {
        return weights[index];
    }

    @Override
    public int configuredWeight(int index) {
        return configured[index];
    }

    @Override
    public int loops() {
        return loops;
    }

    @Override
    public long seed() {
        return seed;
    }

    @Override
    public String toString() {
        return servers + " weights " + Arrays.toString(weights);
    }
}
