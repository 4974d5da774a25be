package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/**
 * Smooth weighted round robin as nginx has it since 1.3.1: with each pick every server gains its weight in credit, the one that has most is picked and
 * pays the sum. Reads and writes every server, under a lock. Source: the message of the commit that brought it (nginx 1.3.1, 2012).
 */
final class SmoothScan implements Scheduler {

    private final Members members;
    private final int sum;

    // guarded by this
    private final int[] credit;

    SmoothScan(Members members) {
        this.members = members;
        this.sum = members.sum();
        this.credit = new int[members.size()];
    }

    @Override
    public synchronized @Nullable Server pick(Flow flow, long nowNanos) {
        int most = 0;
        for (int i = 0; i < credit.length; i++) {
            credit[i] += members.weight(i);
            if (credit[i] > credit[most]) {
                most = i;
            }
        }
        credit[most] -= sum;
        return members.untried(most, flow);
    }
}
