package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The static stride scheduler of gRPC's weighted round robin: servers are gone through in order by one atomic counter, and in each round a server is
 * passed over unless its weight, added up over the rounds, steps over a multiple of the greatest. Lock-free; a pick takes as many steps as the
 * greatest weight is above the mean. Source: gRPC proposal A58, "Client-side weighted round robin".
 */
final class StaticStride implements Scheduler {

    private static final int FULL = 0xffff;

    /** Keeps servers of one weight from being passed over in the same rounds. */
    private static final int OFFSET = FULL / 2;

    private final Members members;
    private final int[] scaled;

    // stepped by any loop
    private final AtomicLong counter = new AtomicLong();

    StaticStride(Members members) {
        this.members = members;
        this.scaled = new int[members.size()];
        int heaviest = members.heaviest();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = Math.max(1, Math.round((float) members.weight(i) * FULL / heaviest));
        }
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        while (true) {
            long step = counter.getAndIncrement();
            int index = (int) (step % scaled.length);
            long round = step / scaled.length;
            long weight = scaled[index];
            if ((weight * round + (long) OFFSET * index) % FULL >= FULL - weight) {
                return members.untried(index, flow);
            }
        }
    }
}
