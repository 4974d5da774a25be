package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Maglev's look-up table: servers in turn take the next slot of a permutation of their own that is still free. A lighter server is passed over in some
 * rounds, as Envoy does it. Source: D. Eisenbud et al., Maglev: a fast and reliable software network load balancer, NSDI 2016, section 3.4.
 */
final class Maglev implements Scheduler {

    /** A prime, the one of the paper's small table. */
    static final int SLOTS = 65_537;

    private static final char FREE = '\uffff';

    private final Members members;
    private final char[] owners = new char[SLOTS];

    Maglev(Members members) {
        this.members = members;
        int count = members.size();
        int[] at = new int[count];
        int[] skip = new int[count];
        int[] credit = new int[count];
        for (int i = 0; i < count; i++) {
            at[i] = Bits.below(SLOTS, Bits.hash(members.id(i), 1));
            skip[i] = 1 + Bits.below(SLOTS - 1, Bits.hash(members.id(i), 2));
        }
        Arrays.fill(owners, FREE);
        int heaviest = members.heaviest();
        for (int taken = 0; taken < SLOTS; ) {
            for (int i = 0; i < count && taken < SLOTS; i++) {
                credit[i] += members.weight(i);
                if (credit[i] >= heaviest) {
                    credit[i] -= heaviest;
                    at[i] = firstFree(at[i], skip[i]);
                    owners[at[i]] = (char) i;
                    taken++;
                }
            }
        }
    }

    private int firstFree(int from, int skip) {
        int at = from;
        while (owners[at] != FREE) {
            at = at + skip < SLOTS ? at + skip : at + skip - SLOTS;
        }
        return at;
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        return members.untried(owners[Bits.below(SLOTS, Bits.client(flow))], flow);
    }
}
