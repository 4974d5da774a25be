package io.clb.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that take nothing new, and when what still runs on them is ended. Control only: flows are asked to end, and ended, by their loops, once for all servers whose
 * time begins, or is over, together.
 *
 * <p>The time counts from when pickers without the server came into force. One timer waits for the next deadline of all.
 */
final class Drains {

    private static final Logger LOG = LoggerFactory.getLogger(Drains.class);

    /** Removed servers that are kept for their deadline; one more ends the eldest at once. As many as there can be configured. */
    private static final int MAX_REMOVED = 1 << 16;

    private final String balancer;
    private final Control control;
    private final Consumer<Set<RunServer>> begin;
    private final Consumer<Set<RunServer>> end;
    private final Map<RunServer, Drain> members = new LinkedHashMap<>();
    private final Map<RunServer, Drain> removed = new LinkedHashMap<>();
    private Control.@Nullable Timer timer;

    /** How far a server is. */
    private record Drain(RunGroup group, long sinceNanos, Instant since, Duration window) {

        long leftNanos(long nowNanos) {
            return window.toNanos() - (nowNanos - sinceNanos);
        }
    }

    /** Servers are handed to {@code begin} when their time begins, and to {@code end} when it is over. */
    Drains(String balancer, Control control, Consumer<Set<RunServer>> begin, Consumer<Set<RunServer>> end) {
        this.balancer = balancer;
        this.control = control;
        this.begin = begin;
        this.end = end;
    }

    /** An update took servers out of groups. */
    void remove(Map<RunServer, RunGroup> gone) {
        Set<RunServer> begun = new HashSet<>();
        gone.forEach((server, group) -> remove(server, group, begun));
        begin(begun);
        if (!gone.isEmpty()) {
            plan();
        }
    }

    private void remove(RunServer server, RunGroup group, Set<RunServer> begun) {
        Duration window = group.members().config().draining();
        Drain before = members.remove(server);
        if (window.isZero() || server.isDrained()) {
            return;
        }
        if (removed.size() == MAX_REMOVED) {
            RunServer eldest = removed.keySet().iterator().next();
            LOG.warn("{}: group {}: too many servers drain; {} ends before its time", balancer, eldest.group(), eldest);
            requireNonNull(removed.remove(eldest)).group().countDrainCutShort();
            end(Set.of(eldest));
        }
        removed.put(server, next(before, group, window));
        if (before == null) {
            begun.add(server);
        }
    }

    /** Members of a group may have begun to drain, or have come back. */
    void look(RunGroup group) {
        RunGroup.Members now = group.members();
        Duration window = now.config().draining();
        Set<RunServer> begun = new HashSet<>();
        for (RunGroup.Member member : now.sorted()) {
            RunServer server = member.server();
            if (!window.isZero() && now.isDraining(member)) {
                Drain drain = next(members.get(server), group, window);
                if (members.put(server, drain) == null) {
                    begun.add(server);
                }
                server.drainDeadline(drain.since().plus(window));
            } else if (members.remove(server) != null) {
                server.drainDeadline(null);
                server.leaving(false);
                server.drained(false);
            }
        }
        begin(begun);
        // A server that was removed and added again keeps what ran on it before.
        removed.keySet().removeIf(server -> server.group().equals(group.name()) && now.find(server.id()) != null);
        plan();
    }

    private void begin(Set<RunServer> servers) {
        if (!servers.isEmpty()) {
            // First, for flows that come to such a server when its loop was told already.
            servers.forEach(server -> server.leaving(true));
            begin.accept(servers);
        }
    }

    private Drain next(@Nullable Drain before, RunGroup group, Duration window) {
        return before == null
                ? new Drain(group, control.nowNanos(), Instant.now(), window)
                : new Drain(group, before.sinceNanos(), before.since(), window);
    }

    private void plan() {
        if (timer != null) {
            control.cancel(timer);
        }
        long now = control.nowNanos();
        long wait = Math.min(untilNext(members, now), untilNext(removed, now));
        timer = wait == Long.MAX_VALUE ? null : control.later(Math.max(0, wait), this::expired);
    }

    private static long untilNext(Map<RunServer, Drain> drains, long nowNanos) {
        long wait = Long.MAX_VALUE;
        for (Map.Entry<RunServer, Drain> entry : drains.entrySet()) {
            if (!entry.getKey().isDrained()) {
                wait = Math.min(wait, entry.getValue().leftNanos(nowNanos));
            }
        }
        return wait;
    }

    private void expired() {
        timer = null;
        // Who has just come back may not be in a picker yet.
        due(members).forEach(server -> {
            Drain drain = members.get(server);
            if (drain != null) {
                look(drain.group());
            }
        });
        Set<RunServer> over = due(members);
        Set<RunServer> gone = due(removed);
        removed.keySet().removeAll(gone);
        over.addAll(gone);
        if (!over.isEmpty()) {
            end(over);
        }
        plan();
    }

    private Set<RunServer> due(Map<RunServer, Drain> drains) {
        long now = control.nowNanos();
        Set<RunServer> due = new HashSet<>();
        drains.forEach((server, drain) -> {
            if (!server.isDrained() && drain.leftNanos(now) <= 0) {
                due.add(server);
            }
        });
        return due;
    }

    private void end(Set<RunServer> servers) {
        for (RunServer server : servers) {
            server.drained(true);
            LOG.info(
                    "{}: group {}: the time of server {} to drain is over, with {} flows on it",
                    balancer,
                    server.group(),
                    server,
                    server.active());
        }
        end.accept(servers);
    }
}
