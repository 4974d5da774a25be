package io.clb.bench.sim;

import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.List;
import java.util.function.ToIntFunction;

/** Servers that may be picked, at their weights in force. Immutable. */
record SimGroup(List<? extends Server> servers, List<Integer> weights, int loops, long seed) implements GroupView {

    /**
     * Takes servers as they stand now.
     *
     * @param weight the weight in force of each
     */
    static <S extends Server> SimGroup of(List<S> servers, ToIntFunction<S> weight, int loops, long seed) {
        return new SimGroup(
                List.copyOf(servers), servers.stream().map(weight::applyAsInt).toList(), loops, seed);
    }

    @Override
    public String name() {
        return "sim";
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
        return weights.get(index);
    }

    @Override
    public int configuredWeight(int index) {
        return servers.get(index).weight();
    }
}
