package io.clb.schedule;

import io.clb.spi.GroupView;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The servers of a group that may be picked: those of weight 0 are left out. Not to be changed.
 *
 * @param servers those that may be picked, in the order of their ids
 * @param weights the weight of each, 1 or more
 */
@SuppressWarnings("ArrayRecordComponent") // read on every pick; equality is not asked for
record Candidates(Server[] servers, int[] weights) {

    /** Gathers them at their weights in force. */
    static Candidates of(GroupView group) {
        return of(group, group::weight);
    }

    /** Gathers them at weights of the caller's choice, by index in the group. */
    static Candidates of(GroupView group, IntUnaryOperator weight) {
        int[] chosen = IntStream.range(0, group.size())
                .filter(i -> weight.applyAsInt(i) > 0)
                .toArray();
        return new Candidates(
                Arrays.stream(chosen).mapToObj(group::server).toArray(Server[]::new),
                Arrays.stream(chosen).map(weight).toArray());
    }
}
