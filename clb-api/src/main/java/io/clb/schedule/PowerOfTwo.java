package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/**
 * The better of two servers drawn at random, each in proportion to its weight: the one with fewer active flows for its weight, and the first
 * among equals [1]. Where both draws hit one server, the second is any other, so that two are always compared.
 *
 * <p>[1] M. Mitzenmacher, The power of two choices in randomized load balancing, IEEE TPDS 12 (2001).
 */
final class PowerOfTwo implements Scheduler {

    private final Pairs pairs;

    private PowerOfTwo(Pairs pairs) {
        this.pairs = pairs;
    }

    static PowerOfTwo create(GroupView group, @Nullable Scheduler previous) {
        return new PowerOfTwo(Pairs.of(group, previous instanceof PowerOfTwo before ? before.pairs : null));
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        long pair = pairs.draw(flow);
        if (pair == Pairs.NONE) {
            return null;
        }
        int first = Pairs.first(pair);
        int second = Pairs.second(pair);
        long secondLess = (long) pairs.server(second).active() * pairs.weight(first)
                - (long) pairs.server(first).active() * pairs.weight(second);
        // active / weight compared without a division, and chosen without a branch, which would be mispredicted every
        // other time.
        return pairs.server(first ^ ((first ^ second) & (int) (secondLess >> (Long.SIZE - 1))));
    }
}
