package io.clb.schedule;

import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The servers of a group that may be picked, those of weight 0 left out, and the order in which they take turns. Immutable. */
final class Candidates {

    private final Server[] servers;
    private final int[] weights;
    private final char[] order;

    private Candidates(Server[] servers, int[] weights, char[] order) {
        this.servers = servers;
        this.weights = weights;
        this.order = order;
    }

    /** Gathers them at their weights in force. */
    static Candidates of(GroupView group, @Nullable Candidates previous) {
        return of(group, group::weight, previous);
    }

    /**
     * Gathers them.
     *
     * @param weight gives the weight of each server of the group, by index
     * @param previous those before; while weights stay, so does the order, which takes time to build
     */
    static Candidates of(GroupView group, IntUnaryOperator weight, @Nullable Candidates previous) {
        int[] chosen = IntStream.range(0, group.size())
                .filter(i -> weight.applyAsInt(i) > 0)
                .toArray();
        Server[] servers = Arrays.stream(chosen).mapToObj(group::server).toArray(Server[]::new);
        int[] weights = Arrays.stream(chosen).map(weight).toArray();
        char[] order = previous != null && Arrays.equals(previous.weights, weights)
                ? previous.order
                : SmoothSequence.of(weights);
        return new Candidates(servers, weights, order);
    }

    /** Those that may be picked, by index. Not to be changed. */
    Server[] servers() {
        return servers;
    }

    /** The weight of each, 1 or more. Not to be changed. */
    int[] weights() {
        return weights;
    }

    /** One period of turns, as indexes; empty if there is no candidate. Not to be changed. */
    char[] order() {
        return order;
    }
}
