package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/** Draws two servers at random, each in proportion to its weight. A pair is two indexes in one long. */
final class Pairs {

    /** No server is left. */
    static final long NONE = -1;

    private final Server[] servers;
    private final int[] weights;
    private final AliasTable table;
    private final LoopRandom random;

    private Pairs(Server[] servers, int[] weights, LoopRandom random) {
        this.servers = servers;
        this.weights = weights;
        this.table = new AliasTable(weights);
        this.random = random;
    }

    /** Builds them, going on with the random numbers of those before. */
    static Pairs of(GroupView group, @Nullable Pairs previous) {
        LoopRandom random = previous != null && previous.random.loops() == group.loops()
                ? previous.random
                : new LoopRandom(group.loops(), group.seed());
        Candidates candidates = Candidates.of(group);
        return new Pairs(candidates.servers(), candidates.weights(), random);
    }

    static int first(long pair) {
        return (int) (pair >>> Integer.SIZE);
    }

    static int second(long pair) {
        return (int) pair;
    }

    int size() {
        return servers.length;
    }

    Server server(int index) {
        return servers[index];
    }

    int weight(int index) {
        return weights[index];
    }

    /**
     * Draws two that the flow has not tried: different ones, but for a group in which only one is left, which is then both.
     *
     * @return the pair, or {@link #NONE}
     */
    long draw(Flow flow) {
        if (servers.length == 0) {
            return NONE;
        }
        long bits = random.next(flow.loop());
        int first = table.draw(bits);
        int second = table.draw(bits << Integer.SIZE);
        if (first == second) {
            second = another(first, bits);
        }
        if (flow.tried(servers[first]) || flow.tried(servers[second])) {
            return drawUntried(flow, first);
        }
        return pair(first, second);
    }

    /** Any other, each as likely; the same one if it is alone. */
    private int another(int index, long bits) {
        int count = servers.length;
        if (count == 1) {
            return index;
        }
        // The bits are used up by the draws.
        int other = index + 1 + LoopRandom.below(count - 1, Mix.mix(bits));
        return other < count ? other : other - count;
    }

    /** After a failed try only: the first two that are left, from a random one on. */
    private long drawUntried(Flow flow, int start) {
        int count = servers.length;
        int found = -1;
        for (int step = 0; step < count; step++) {
            int i = start + step < count ? start + step : start + step - count;
            if (flow.tried(servers[i])) {
                continue;
            }
            if (found >= 0) {
                return pair(found, i);
            }
            found = i;
        }
        return found < 0 ? NONE : pair(found, found);
    }

    private static long pair(int first, int second) {
        return ((long) first << Integer.SIZE) | second;
    }
}
