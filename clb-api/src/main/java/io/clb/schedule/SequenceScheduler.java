package io.clb.schedule;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Servers taking turns in a fixed order: round robin, weighted or not. A pick is one step of a rotation and one look into an array, whatever
 * the number of servers. All loops share one rotation, or each has its own.
 */
final class SequenceScheduler implements Scheduler {

    private final Turns turns;
    private final Server[] servers;
    private final char[] order;

    /** One for all loops, or one for each. */
    private final Rotation[] rotations;

    private SequenceScheduler(Turns turns, Rotation[] rotations) {
        this.turns = turns;
        this.servers = turns.candidates().servers();
        this.order = turns.order();
        this.rotations = rotations;
    }

    /**
     * Builds the successor of a scheduler.
     *
     * @param rotations how many rotations there are: 1, or the number of loops
     */
    static SequenceScheduler create(Turns turns, int rotations, @Nullable SequenceScheduler previous) {
        int period = turns.order().length;
        if (previous == null || previous.rotations.length != rotations) {
            return new SequenceScheduler(turns, spread(rotations, period));
        }
        Rotation[] before = previous.rotations;
        return new SequenceScheduler(
                turns,
                Arrays.equals(previous.order, turns.order())
                        ? before
                        : Arrays.stream(before)
                                .map(rotation -> new Rotation(period, rotation.phase()))
                                .toArray(Rotation[]::new));
    }

    /** Starts the first at the begin of the period and the others at even distances, so that few picks on many loops are spread as well. */
    private static Rotation[] spread(int rotations, int period) {
        Rotation[] spread = new Rotation[rotations];
        Arrays.setAll(spread, i -> new Rotation(period, (double) i / rotations));
        return spread;
    }

    Turns turns() {
        return turns;
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        if (order.length == 0) {
            return null;
        }
        int at = rotations.length == 1 ? rotations[0].next() : rotations[flow.loop()].nextAlone();
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
