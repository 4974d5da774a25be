package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Servers taking turns in a fixed order, with one rotation for all loops: round robin, weighted or not. A pick is one atomic step and one
 * look into an array, whatever the number of servers.
 */
final class SequenceScheduler implements Scheduler {

    private final Server[] servers;
    private final char[] order;
    private final Rotation rotation;

    private SequenceScheduler(Server[] servers, char[] order, Rotation rotation) {
        this.servers = servers;
        this.order = order;
        this.rotation = rotation;
    }

    /**
     * Builds the successor of a scheduler.
     *
     * @param weights the weight to give each server of the group, by index
     */
    static SequenceScheduler create(GroupView group, int[] weights, @Nullable Scheduler previous) {
        Server[] servers = new Server[group.size()];
        Arrays.setAll(servers, group::server);
        char[] order = SmoothSequence.of(weights);
        if (!(previous instanceof SequenceScheduler before)) {
            return new SequenceScheduler(servers, order, new Rotation(order.length, 0));
        }
        Rotation rotation = Arrays.equals(before.order, order)
                ? before.rotation
                : new Rotation(order.length, before.rotation.phase());
        return new SequenceScheduler(servers, order, rotation);
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        if (order.length == 0) {
            return null;
        }
        int at = rotation.next();
        Server first = servers[order[at]];
        return flow.tried(first) ? nextUntried(flow, at) : first;
    }

    /** After a failed try only. All servers stand within one period, so this ends; and a flow tries few. */
    private @Nullable Server nextUntried(Flow flow, int at) {
        for (int step = 1; step < order.length; step++) {
            Server server = servers[order[(at + step) % order.length]];
            if (!flow.tried(server)) {
                return server;
            }
        }
        return null;
    }
}
