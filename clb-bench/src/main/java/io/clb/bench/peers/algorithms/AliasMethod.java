package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Weighted random in constant time: a cell chosen evenly holds one server, or two and the chance of the first. Source: M. Vose, A linear algorithm for
 * generating random numbers with a given distribution, IEEE TSE 17 (1991).
 */
final class AliasMethod implements Scheduler {

    private final Members members;
    private final int[] alias;

    /** The chance of a cell's own server, of 2^31. */
    private final long[] own;

    AliasMethod(Members members) {
        this.members = members;
        int count = members.size();
        this.alias = new int[count];
        this.own = new long[count];
        double[] filled = new double[count];
        int[] open = new int[count];
        int small = 0;
        int large = count;
        for (int i = 0; i < count; i++) {
            filled[i] = (double) members.weight(i) * count / members.sum();
            if (filled[i] < 1) {
                open[small++] = i;
            } else {
                open[--large] = i;
            }
        }
        while (small > 0 && large < count) {
            int low = open[--small];
            int high = open[large];
            own[low] = chance(filled[low]);
            alias[low] = high;
            filled[high] -= 1 - filled[low];
            if (filled[high] < 1) {
                large++;
                open[small++] = high;
            }
        }
        // What is left is full, but for roundings.
        while (small > 0) {
            own[open[--small]] = chance(1);
        }
        while (large < count) {
            own[open[large++]] = chance(1);
        }
    }

    private static long chance(double of) {
        return (long) (of * (1L << 31));
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        long bits = ThreadLocalRandom.current().nextLong();
        int cell = Bits.below(alias.length, bits);
        return members.untried((bits & Integer.MAX_VALUE) < own[cell] ? cell : alias[cell], flow);
    }
}
