package io.clb.engine;

import io.clb.Config;
import io.clb.Options;
import io.netty.util.internal.PlatformDependent;
import java.util.stream.Stream;

/**
 * How many bytes a balancer may hold that were read and not yet written, of all its flows together. Each loop counts its own ({@link Backlog}); all read the sum, which is
 * exact but for what the other loops are about to add.
 */
final class ByteBudget {

    /** Without a word of the operator's, what the rest of the process may need for itself is three times as much. */
    private static final int SHARE_OF_DIRECT_MEMORY = 4;

    private static final int MEBIBYTE = 1 << 20;
    private static final int HELD = 0;

    private final Counters counters;
    private final Backlog[] backlogs;

    // written by control; read by any loop
    private volatile long limit = Long.MAX_VALUE;

    /** A budget without a bound, for a loop by itself. */
    ByteBudget(int loops) {
        this.counters = new Counters(loops, 1);
        this.backlogs = new Backlog[0];
    }

    /** A budget of all these loops together, before they have flows. */
    ByteBudget(Loop... loops) {
        this.counters = new Counters(loops.length, 1);
        this.backlogs = Stream.of(loops).map(Loop::backlog).toArray(Backlog[]::new);
        for (Backlog backlog : backlogs) {
            backlog.budget(this);
        }
    }

    /** Takes over what a configuration says. Control only. */
    void configure(Config config) {
        long set = config.get(Options.MAX_BUFFERED_MIB);
        limit = set > 0
                ? set * MEBIBYTE
                : Math.max(MEBIBYTE, PlatformDependent.maxDirectMemory() / SHARE_OF_DIRECT_MEMORY);
    }

    long limit() {
        return limit;
    }

    long held() {
        return counters.sum(HELD);
    }

    /** On the loop. */
    void add(Loop loop, long bytes) {
        counters.add(loop, HELD, bytes);
    }

    /** Whether flows have to be ended. */
    boolean isExceeded() {
        return held() > limit;
    }

    /** Whether loops that hold too much are held up, so that all have to end flows: past nine eighths. */
    boolean isFarExceeded() {
        return held() > limit + limit / 8;
    }

    /**
     * Whether enough flows have been ended: below 85 %, so that the search for the largest is worth its while, and others may come again.
     *
     * @param own what the asking loop still holds: no more than 85 % of its share will do too, as the rest is up to the others
     */
    boolean isRelieved(long own) {
        return held() <= relieved(limit) || own <= relieved(share());
    }

    private static long relieved(long full) {
        return full - full / 20 * 3;
    }

    /** What a loop may hold whatever the others do: if all together hold too much, one at least holds more. */
    long share() {
        return limit / Math.max(1, backlogs.length);
    }

    void askOthers(Backlog asking) {
        for (Backlog backlog : backlogs) {
            if (backlog != asking) {
                backlog.ask();
            }
        }
    }

    /** Whether there is no room for flows to come: past 90 %. */
    boolean isNearlyFull() {
        return held() > limit - limit / 10;
    }
}
