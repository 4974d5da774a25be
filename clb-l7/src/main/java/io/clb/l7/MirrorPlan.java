package io.clb.l7;

import io.clb.RuleConfig;
import io.clb.engine.Loop;
import io.clb.engine.Pool;
import io.clb.engine.Protocol;
import io.clb.engine.RunMirror;
import io.clb.engine.RunRule;
import io.clb.engine.Traffic;
import io.clb.spi.Reason;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a rule mirrors, compiled. Immutable; made by control, read by any loop.
 *
 * @param pool where copies of its requests go
 * @param run counts them
 * @param percent the share of the requests that are copied
 * @param max how many copies there may be at a time
 */
record MirrorPlan(Pool pool, RunMirror run, int percent, int max) {

    private static final int ALL = 100;

    static @Nullable MirrorPlan of(RuleConfig rule, RunRule running, Protocol.Pools pools) {
        String group = rule.mirrorGroup();
        return group == null
                ? null
                : new MirrorPlan(pools.of(rule, group), running.mirror(), rule.mirrorPercent(), rule.maxMirrored());
    }

    /** Whether a request is one of the share. By chance: in turns, a sample might fall in step with what clients send. */
    boolean draws() {
        return percent == ALL || ThreadLocalRandom.current().nextInt(ALL) < percent;
    }

    /** Takes a place for one copy more, or says why there is none. */
    @Nullable
    Reason refusal(Loop loop, Traffic traffic) {
        if (traffic.isDraining()) {
            return Reason.SHUTDOWN;
        }
        if (!loop.backlog().hasRoom()) {
            return Reason.MEMORY;
        }
        return run.tryBegin(max) ? null : Reason.MAX_MIRRORED;
    }
}
