package io.clb.l7;

import io.clb.engine.Pool;
import io.clb.engine.Traffic;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The server groups that a rule shares its requests among, by weight. Immutable; made by control, read by any loop. */
final class Split {

    private final Pool[] pools;

    /** For each pool the sum of its weight and of those before it. */
    private final int[] sums;

    private Split(Pool[] pools, int[] sums) {
        this.pools = pools;
        this.sums = sums;
    }

    /**
     * Takes down shares.
     *
     * @param pools one at least
     * @param weights of each, 0 or more, one of them above 0
     */
    static Split of(List<Pool> pools, List<Integer> weights) {
        int[] sums = new int[pools.size()];
        int sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += weights.get(i);
            sums[i] = sum;
        }
        return new Split(pools.toArray(Pool[]::new), sums);
    }

    /** The pool for a request: the one that remembers a server for it, else one that is drawn. What a strategy throws is told of, and thrown on. */
    Pool choose(HttpRequest request, Traffic traffic) {
        if (pools.length == 1) {
            return pools[0];
        }
        for (Pool pool : pools) {
            if (traffic.recalls(request, pool.picker())) {
                return pool;
            }
        }
        int drawn = ThreadLocalRandom.current().nextInt(sums[sums.length - 1]);
        int chosen = 0;
        while (sums[chosen] <= drawn) {
            chosen++;
        }
        return pools[chosen];
    }
}
