package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import org.jspecify.annotations.Nullable;

/**
 * Earliest deadline first from a heap, as Envoy's weighted schedulers do it: the server at the top is picked, and comes back {@code 1 / weight} later.
 * O(log n), under a lock. Source: Envoy's documentation of load balancers, "Weighted round robin".
 */
final class EdfHeap implements Scheduler {

    private final Members members;

    // guarded by this: servers by index, the earliest first, each with its deadline and, among equals, the turn in
    // which it was put back
    private final int[] heap;
    private final double[] deadlines;
    private final long[] turns;
    private long turn;

    EdfHeap(Members members) {
        this.members = members;
        this.heap = new int[members.size()];
        this.deadlines = new double[members.size()];
        this.turns = new long[members.size()];
        for (int i = 0; i < heap.length; i++) {
            heap[i] = i;
            deadlines[i] = 1.0 / members.weight(i);
            turns[i] = turn++;
        }
        for (int at = heap.length / 2 - 1; at >= 0; at--) {
            sink(at);
        }
    }

    @Override
    public synchronized @Nullable Server pick(Flow flow, long nowNanos) {
        int picked = heap[0];
        deadlines[picked] += 1.0 / members.weight(picked);
        turns[picked] = turn++;
        sink(0);
        return members.untried(picked, flow);
    }

    private void sink(int from) {
        int at = from;
        int sinking = heap[at];
        for (int child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
            if (child + 1 < heap.length && isEarlier(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isEarlier(heap[child], sinking)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = sinking;
    }

    private boolean isEarlier(int i, int than) {
        return deadlines[i] < deadlines[than] || (deadlines[i] == deadlines[than] && turns[i] < turns[than]);
    }
}
