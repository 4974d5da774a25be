package io.clb.engine;

import io.clb.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The limits that flows must keep, by what they limit: those of a rule or a listener, and of all that is around it. Immutable.
 *
 * @param connections what new connections must pass; null for no limit
 * @param requests what requests must pass; null for no limit
 * @param fromClients how fast clients may send; null for no limit
 * @param toClients how fast servers may; null for no limit
 */
record LimitChain(
        @Nullable Admission connections,
        @Nullable Admission requests,
        @Nullable Pace fromClients,
        @Nullable Pace toClients) {

    static final LimitChain NONE = new LimitChain(null, null, null, null);

    /**
     * Sorts limits by what they limit.
     *
     * @param limits the narrowest first
     * @param before what is in force
     */
    static LimitChain of(List<RunLimit> limits, int loops, LimitChain before) {
        if (limits.isEmpty()) {
            return NONE;
        }
        return new LimitChain(
                Admission.of(
                        those(limits, id -> id.direction() == null && !id.kind().isOfRequests())),
                Admission.of(those(limits, id -> id.kind().isOfRequests())),
                uploads(limits, loops, before.fromClients),
                Pace.of(those(limits, id -> id.direction() == Direction.TO_CLIENTS), loops, before.toClients));
    }

    /** How fast clients may send by these limits alone; null for no limit. */
    static @Nullable Pace uploads(List<RunLimit> limits, int loops, @Nullable Pace before) {
        return Pace.of(those(limits, id -> id.direction() == Direction.FROM_CLIENTS), loops, before);
    }

    private static List<RunLimit> those(List<RunLimit> limits, Predicate<RunLimit.Id> wanted) {
        List<RunLimit> those = new ArrayList<>(limits);
        those.removeIf(limit -> !wanted.test(limit.id()));
        return those;
    }

    /** Whether this node can let nothing more through now of a bandwidth whose excess is to be refused. */
    boolean refusesBandwidth(Loop loop) {
        return refuses(fromClients, loop) || refuses(toClients, loop);
    }

    private static boolean refuses(@Nullable Pace pace, Loop loop) {
        if (pace == null || !pace.refuses(loop)) {
            return false;
        }
        pace.refused(loop);
        return true;
    }

    /** When a request that was refused may come again, in whole seconds; 0 if no limit that says so has it wait. */
    long retryAfterSeconds(LoopFlow request, Traffic traffic) {
        long seconds = requests == null ? 0 : requests.retryAfterSeconds(request, traffic);
        if (fromClients != null) {
            seconds = Math.max(seconds, fromClients.retryAfterSeconds(request.owner()));
        }
        return toClients == null ? seconds : Math.max(seconds, toClients.retryAfterSeconds(request.owner()));
    }

    @Nullable
    Pace pace(Direction direction) {
        return direction == Direction.FROM_CLIENTS ? fromClients : toClients;
    }

    /** Whether a limit kind is one of bandwidth, which has two directions. */
    static boolean hasDirections(Limit.Kind kind) {
        return kind == Limit.Kind.BANDWIDTH;
    }
}
