package io.clb.engine;

import io.clb.spi.Reason;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The limits that a connection or a request must pass: those of its rule, of its listener and of the balancer. It takes a permit of each, or none: all are asked first,
 * and where one refuses after all, as another loop was faster, the others get theirs back. Immutable.
 */
final class Admission {

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Those per key last, whose permits cannot be given back. */
    private final RunLimit[] limits;

    private Admission(List<RunLimit> limits) {
        this.limits = limits.toArray(RunLimit[]::new);
    }

    /** Null for no limits. */
    static @Nullable Admission of(List<RunLimit> limits) {
        if (limits.isEmpty()) {
            return null;
        }
        List<RunLimit> sorted = limits.stream()
                .sorted((a, b) -> Boolean.compare(a.isPerKey(), b.isPerKey()))
                .toList();
        return new Admission(sorted);
    }

    /**
     * Judges a flow that begins.
     *
     * @param flow the flow
     * @param traffic hears of a limiter of the application's that throws
     * @return null if it may go on; else why not
     */
    @Nullable
    Reason judge(LoopFlow flow, Traffic traffic) {
        Loop loop = flow.owner();
        long now = loop.nowNanos();
        for (int i = 0; limits.length > 1 && i < limits.length; i++) {
            RunLimit limit = limits[i];
            Reason refusal = refusal(limit, flow, now, false, traffic);
            if (refusal != null) {
                return refusal;
            }
        }
        for (int i = 0; i < limits.length; i++) {
            Reason refusal = refusal(limits[i], flow, now, true, traffic);
            if (refusal != null) {
                giveBack(i, loop, now);
                return refusal;
            }
        }
        for (RunLimit limit : limits) {
            limit.meter().passed(loop, 1);
        }
        return null;
    }

    private static @Nullable Reason refusal(
            RunLimit limit, LoopFlow flow, long nowNanos, boolean take, Traffic traffic) {
        Loop loop = flow.owner();
        try {
            if ((take ? limit.take(flow, loop, nowNanos) : limit.peek(flow, loop, nowNanos)) <= 0) {
                return null;
            }
        } catch (RuntimeException | Error e) {
            traffic.extensionFailed(limit.limiter(), e);
            return Reason.EXTENSION_FAILED;
        }
        limit.meter().refused(loop);
        return limit.reason();
    }

    private void giveBack(int count, Loop loop, long takenNanos) {
        for (int i = 0; i < count && !limits[i].isPerKey(); i++) {
            limits[i].onLoop(loop).giveBack(1, takenNanos, loop.readNanos());
        }
    }

    /**
     * Tells a flow that was refused when to come again.
     *
     * @param flow the flow
     * @param traffic hears of a limiter of the application's that throws
     * @return whole seconds, 1 or more; 0 if no limit that says so has it wait
     */
    long retryAfterSeconds(LoopFlow flow, Traffic traffic) {
        Loop loop = flow.owner();
        long longest = 0;
        for (RunLimit limit : limits) {
            if (limit.limit().saysRetryAfter()) {
                longest = Math.max(longest, wait(limit, flow, loop, traffic));
            }
        }
        return wholeSeconds(longest);
    }

    /** Seconds, rounded up, for a client to wait. */
    static long wholeSeconds(long nanos) {
        return nanos / NANOS_PER_SECOND + (nanos % NANOS_PER_SECOND == 0 ? 0 : 1);
    }

    private static long wait(RunLimit limit, LoopFlow flow, Loop loop, Traffic traffic) {
        try {
            return limit.peek(flow, loop, loop.nowNanos());
        } catch (RuntimeException | Error e) {
            traffic.extensionFailed(limit.limiter(), e);
            return 0;
        }
    }
}
