package io.clb.engine;

import io.clb.spi.Reason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The copies that a rule makes of requests, at run time: bounded, and counted by how they end. From the update that has the rule mirror to the end of the last copy. */
@SuppressWarnings("EnumOrdinal") // an index into an array that lives no longer than the enum
public final class RunMirror extends PaceSource {

    private static final Reason[] REASONS = Reason.values();

    private final Counters counters;

    // stepped by any loop; read by any
    private final AtomicInteger active = new AtomicInteger();

    RunMirror(int loops) {
        this.counters = new Counters(loops, REASONS.length);
    }

    /**
     * Takes a place for one copy more, if one is free.
     *
     * @param max how many there may be
     * @return false if there are as many
     */
    public boolean tryBegin(int max) {
        if (active.incrementAndGet() <= max) {
            return true;
        }
        active.decrementAndGet();
        return false;
    }

    /**
     * Counts a copy that is over, and gives back its place.
     *
     * @param loop its loop
     * @param reason why it is over; {@link Reason#COMPLETED} if a server answered it to the end
     */
    public void end(Loop loop, Reason reason) {
        count(loop, reason);
        active.decrementAndGet();
    }

    /**
     * Counts a copy that was not made.
     *
     * @param loop the request's loop
     * @param reason why
     */
    public void count(Loop loop, Reason reason) {
        counters.add(loop, reason.ordinal(), 1);
    }

    @Override
    @Nullable
    Pace pace(Direction direction) {
        return null;
    }

    int active() {
        return active.get();
    }

    /** How many a server answered to the end. */
    long mirrored() {
        return counters.sum(Reason.COMPLETED.ordinal());
    }

    /** The others that are over, by reason. */
    Map<Reason, Long> givenUp() {
        Map<Reason, Long> counts = new EnumMap<>(Reason.class);
        for (Reason reason : REASONS) {
            long count = reason == Reason.COMPLETED ? 0 : counters.sum(reason.ordinal());
            if (count > 0) {
                counts.put(reason, count);
            }
        }
        return counts;
    }
}
