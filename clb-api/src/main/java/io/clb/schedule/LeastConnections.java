package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The server with the fewest active flows for its weight. Among equals the smooth weighted sequence decides, so that an idle group is used in
 * proportion to the weights. A pick reads every server's count.
 *
 * <p>Counts are read one after the other while other loops change them: a pick may be one flow behind for each loop, never more.
 */
final class LeastConnections implements Scheduler {

    private final Server[] servers;
    private final int[] weights;
    private final char[] order;
    private final Rotation rotation;

    private LeastConnections(Server[] servers, int[] weights, char[] order, Rotation rotation) {
        this.servers = servers;
        this.weights = weights;
        this.order = order;
        this.rotation = rotation;
    }

    static LeastConnections create(GroupView group, @Nullable Scheduler previous) {
        int[] candidates = IntStream.range(0, group.size())
                .filter(i -> group.weight(i) > 0)
                .toArray();
        Server[] servers = Arrays.stream(candidates).mapToObj(group::server).toArray(Server[]::new);
        int[] weights = Arrays.stream(candidates).map(group::weight).toArray();
        char[] order = SmoothSequence.of(weights);
        if (!(previous instanceof LeastConnections before)) {
            return new LeastConnections(servers, weights, order, new Rotation(order.length, 0));
        }
        Rotation rotation = Arrays.equals(before.order, order)
                ? before.rotation
                : new Rotation(order.length, before.rotation.phase());
        return new LeastConnections(servers, weights, order, rotation);
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        int count = servers.length;
        if (count == 0) {
            return null;
        }
        int start = order[rotation.next()];
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
}
