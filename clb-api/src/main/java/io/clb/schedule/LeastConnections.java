package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The server with the fewest active flows for its weight. Among equals the smooth weighted sequence decides, so that an idle group is used in
 * proportion to the weights.
 *
 * <p>Up to {@value #SCAN_LIMIT} servers a pick reads every server's count. Beyond, it reads those of the next {@value #SAMPLE} turns of the
 * sequence, and the next pick those of the turns that follow: each server is looked at as often as its weight says, and none is forgotten.
 *
 * <p>Counts are read one after the other while other loops change them: a pick may be one flow behind for each loop, never more. They are the
 * servers' own, over all pools, so a rebuild cannot lose them.
 */
final class LeastConnections implements Scheduler {

    /** A scan of so many costs about half a microsecond where all counts are in cache; see docs/benchmarks.md. */
    static final int SCAN_LIMIT = 256;

    /** The least loaded of 32 is among the best 3 % in the mean. */
    static final int SAMPLE = 32;

    private final Turns turns;
    private final Server[] servers;
    private final int[] weights;
    private final char[] order;
    private final Rotation rotation;

    private LeastConnections(Turns turns, Rotation rotation) {
        this.turns = turns;
        this.servers = turns.candidates().servers();
        this.weights = turns.candidates().weights();
        this.order = turns.order();
        this.rotation = rotation;
    }

    static LeastConnections create(GroupView group, @Nullable Scheduler previous) {
        Candidates candidates = Candidates.of(group);
        if (!(previous instanceof LeastConnections before)) {
            Turns turns = Turns.of(candidates, null);
            return new LeastConnections(turns, new Rotation(turns.order().length, 0));
        }
        Turns turns = Turns.of(candidates, before.turns);
        Rotation rotation = Arrays.equals(before.order, turns.order())
                ? before.rotation
                : new Rotation(turns.order().length, before.rotation.phase());
        return new LeastConnections(turns, rotation);
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        if (servers.length == 0) {
            return null;
        }
        return servers.length <= SCAN_LIMIT ? scan(flow, order[rotation.next()]) : sample(flow);
    }

    private @Nullable Server scan(Flow flow, int start) {
        int count = servers.length;
        int best = -1;
        long bestActive = 0;
        for (int step = 0; step < count; step++) {
            int i = start + step < count ? start + step : start + step - count;
            long active = servers[i].active();
            // active / weight < bestActive / bestWeight, without the division
            if ((best < 0 || active * weights[best] < bestActive * weights[i]) && !flow.tried(servers[i])) {
                best = i;
                bestActive = active;
            }
        }
        return best < 0 ? null : servers[best];
    }

    /** Looks further than the sample only where a flow has tried all of it. */
    private @Nullable Server sample(Flow flow) {
        int period = order.length;
        int at = (int) ((long) rotation.next() * SAMPLE % period);
        int best = -1;
        long bestActive = 0;
        for (int step = 0; step < period && (step < SAMPLE || best < 0); step++) {
            int i = order[at];
            at = at + 1 < period ? at + 1 : 0;
            long active = servers[i].active();
            if ((best < 0 || active * weights[best] < bestActive * weights[i]) && !flow.tried(servers[i])) {
                best = i;
                bestActive = active;
            }
        }
        return best < 0 ? null : servers[best];
    }
}
