package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/**
 * Rendezvous hashing with weights: the server of the highest score for the key, {@code weight / -ln(hash)}, the hash in 0 to 1. Looks at every server.
 * Sources: D. Thaler, C. Ravishankar, Using name-based mappings to increase hit rates, IEEE/ACM ToN 6 (1998); C. Schindelhauer, G. Schomaker, Weighted
 * distributed hash tables, SPAA 2005.
 */
final class Rendezvous implements Scheduler {

    private final Members members;
    private final long[] seeds;

    Rendezvous(Members members) {
        this.members = members;
        this.seeds = new long[members.size()];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = Bits.hash(members.id(i), 3);
        }
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        long key = Bits.client(flow);
        int best = 0;
        double bestScore = 0;
        for (int i = 0; i < seeds.length; i++) {
            double hash = ((Bits.mix(key ^ seeds[i]) >>> 11) + 0.5) * 0x1.0p-53;
            double score = members.weight(i) / -Math.log(hash);
            if (score > bestScore) {
                best = i;
                bestScore = score;
            }
        }
        return members.untried(best, flow);
    }
}
