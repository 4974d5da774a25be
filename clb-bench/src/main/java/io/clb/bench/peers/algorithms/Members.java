package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The servers of a group that may be picked, those of weight 0 left out. Immutable. */
final class Members {

    private final Server[] servers;
    private final int[] weights;

    private Members(Server[] servers, int[] weights) {
        this.servers = servers;
        this.weights = weights;
    }

    static Members of(GroupView group) {
        int[] chosen = IntStream.range(0, group.size())
                .filter(i -> group.weight(i) > 0)
                .toArray();
        return new Members(
                Arrays.stream(chosen).mapToObj(group::server).toArray(Server[]::new),
                Arrays.stream(chosen).map(group::weight).toArray());
    }

    int size() {
        return servers.length;
    }

    String id(int index) {
        return servers[index].id();
    }

    int weight(int index) {
        return weights[index];
    }

    int sum() {
        return Arrays.stream(weights).sum();
    }

    int heaviest() {
        return Arrays.stream(weights).max().orElse(0);
    }

    /** The server at an index, or the next that the flow has not tried. */
    @Nullable
    Server untried(int index, Flow flow) {
        for (int step = 0; step < servers.length; step++) {
            Server server = servers[(index + step) % servers.length];
            if (!flow.tried(server)) {
                return server;
            }
        }
        return null;
    }
}
