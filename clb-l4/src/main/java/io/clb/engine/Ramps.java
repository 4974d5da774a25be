package io.clb.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which servers of a group are in slow start, and since when, as they stood at one moment. Immutable: each next moment follows from the one before.
 *
 * <p>A server joins when it takes flows and did not the moment before, whatever the reason: it is new, its checks or its operator brought it back, its
 * weight was 0. What a moment is, is when pickers are built: a server that went and came back between two of them never missed a flow.
 */
final class Ramps {

    /** Until nothing. */
    static final long NEVER = Long.MAX_VALUE;

    private final SlowStart slowStart;
    private final boolean start;
    private final long atNanos;
    private final Set<RunServer> serving;
    private final Map<RunServer, Long> joinedNanos;
    private final List<RunServer> newcomers;

    private Ramps(
            SlowStart slowStart,
            boolean start,
            long atNanos,
            Set<RunServer> serving,
            Map<RunServer, Long> joinedNanos,
            List<RunServer> newcomers) {
        this.slowStart = slowStart;
        this.start = start;
        this.atNanos = atNanos;
        this.serving = serving;
        this.joinedNanos = joinedNanos;
        this.newcomers = newcomers;
    }

    /**
     * A group that nobody serves yet.
     *
     * @param start whether the balancer starts with it: the servers of the next moment then have their full weight at once, as all of them would join
     *     together, which changes no share
     */
    static Ramps none(boolean start, long nowNanos) {
        return new Ramps(new SlowStart(0, nowNanos), start, nowNanos, Set.of(), Map.of(), List.of());
    }

    /**
     * The next moment. Control only.
     *
     * @param window what is configured now: those in slow start go on under it, counted from when they joined; zero gives them their full weight
     * @param members who is in the group now
     */
    Ramps next(Duration window, List<RunGroup.Member> members, long nowNanos) {
        Set<RunServer> servingNow = new HashSet<>();
        Map<RunServer, Long> joined = new HashMap<>();
        List<RunServer> joining = new ArrayList<>();
        for (RunGroup.Member member : members) {
            RunServer server = member.server();
            if (!member.takesFlows()) {
                continue;
            }
            servingNow.add(server);
            if (start || window.isZero()) {
                continue;
            }
            if (!serving.contains(server)) {
                joined.put(server, nowNanos);
                joining.add(server);
                continue;
            }
            Long since = joinedNanos.get(server);
            if (since != null && !slowStart.isOver(since, nowNanos)) {
                joined.put(server, since);
            }
        }
        SlowStart changed = new SlowStart(window.toNanos(), slowStart.originNanos());
        return new Ramps(changed, false, nowNanos, servingNow, joined, joining);
    }

    /** Those that did not serve the moment before, and are in slow start now, in the order of the members. */
    List<RunServer> newcomers() {
        return newcomers;
    }

    /** The weight in force at this moment, out of the one configured. */
    int weight(RunServer server, int configured) {
        return weight(server, configured, atNanos);
    }

    /** The weight that will be in force if nothing but time moves on. */
    int weight(RunServer server, int configured, long nowNanos) {
        Long joined = joinedNanos.get(server);
        return joined == null ? configured : slowStart.weight(configured, joined, nowNanos);
    }

    /** How long it is until time may change a weight, more than 0. */
    long untilStep(long nowNanos) {
        return joinedNanos.values().stream().allMatch(joined -> slowStart.isOver(joined, nowNanos))
                ? NEVER
                : slowStart.untilLine(nowNanos);
    }
}
