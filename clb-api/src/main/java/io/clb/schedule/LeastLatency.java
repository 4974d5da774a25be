package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Outcome;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The better of two servers drawn at random, each in proportion to its weight: the one where a flow can be expected to take less, which is its
 * average so far, times the flows that it has and would have with this one, divided by its weight. Peak EWMA, as Twitter's Finagle brought it.
 *
 * <p>Of a server that no flow has left yet nothing can be expected: it is given one flow to learn from, and while that one runs, flows alone
 * are compared, so that a new server is not flooded. A flow that failed counts as a second at least, however fast it failed: a server that
 * refuses at once would else look the best. What was learnt of a server stays through rebuilds, and is forgotten when it leaves the group.
 */
final class LeastLatency implements Scheduler {

    private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Pairs pairs;
    private final Latency[] latencies;
    private final int[] indexBySlot;
    private final float decayNanos;

    private LeastLatency(Pairs pairs, Latency[] latencies, int[] indexBySlot, float decayNanos) {
        this.pairs = pairs;
        this.latencies = latencies;
        this.indexBySlot = indexBySlot;
        this.decayNanos = decayNanos;
    }

    static LeastLatency create(GroupView group, long decayNanos, @Nullable Scheduler previous) {
        LeastLatency before = previous instanceof LeastLatency that ? that : null;
        Pairs pairs = Pairs.of(group, before == null ? null : before.pairs);
        Latency[] latencies = new Latency[pairs.size()];
        int slots = 0;
        for (int i = 0; i < latencies.length; i++) {
            int known = before == null ? -1 : before.indexOf(pairs.server(i));
            latencies[i] = before == null || known < 0 ? new Latency() : before.latencies[known];
            slots = Math.max(slots, pairs.server(i).slot() + 1);
        }
        int[] indexBySlot = new int[slots];
        Arrays.fill(indexBySlot, -1);
        for (int i = 0; i < latencies.length; i++) {
            indexBySlot[pairs.server(i).slot()] = i;
        }
        return new LeastLatency(pairs, latencies, indexBySlot, decayNanos);
    }

    /** Where a server stands, or -1. */
    private int indexOf(Server server) {
        int slot = server.slot();
        int index = slot < indexBySlot.length ? indexBySlot[slot] : -1;
        return index >= 0 && pairs.server(index) == server ? index : -1;
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        long pair = pairs.draw(flow);
        if (pair == Pairs.NONE) {
            return null;
        }
        int first = Pairs.first(pair);
        int second = Pairs.second(pair);
        return pairs.server(isBetter(second, first, nowNanos) ? second : first);
    }

    private boolean isBetter(int i, int than, long nowNanos) {
        int active = pairs.server(i).active();
        int activeThan = pairs.server(than).active();
        float nanos = latencies[i].nanos(nowNanos, decayNanos);
        float nanosThan = latencies[than].nanos(nowNanos, decayNanos);
        if (nanos == Latency.UNKNOWN || nanosThan == Latency.UNKNOWN) {
            boolean learn = nanos == Latency.UNKNOWN && active == 0;
            boolean learnThan = nanosThan == Latency.UNKNOWN && activeThan == 0;
            if (learn != learnThan) {
                return learn;
            }
            nanos = 1;
            nanosThan = 1;
        }
        return nanos * (active + 1) * pairs.weight(than) < nanosThan * (activeThan + 1) * pairs.weight(i);
    }

    @Override
    public void released(Server server, Outcome outcome, long durationNanos, long nowNanos) {
        int index = indexOf(server);
        if (index >= 0) {
            long counted = outcome == Outcome.SUCCESS ? durationNanos : Math.max(durationNanos, FAILURE_NANOS);
            latencies[index].told(counted, nowNanos, decayNanos);
        }
    }
}
