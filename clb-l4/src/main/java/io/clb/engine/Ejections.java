package io.clb.engine;

import io.clb.Ejection;
import io.clb.Options;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ejects servers that fail flows in a row, and lets them back when their time is over. Loops count ({@link FailureStreak}), control decides. Control only, but for {@link #struck}. */
final class Ejections {

    private static final Logger LOG = LoggerFactory.getLogger(Ejections.class);

    private final String balancer;
    private final Control control;
    private final Health health;
    private final Rebuilds rebuilds;
    private final Map<RunServer, Standing> standings = new HashMap<>();
    private Map<String, RunGroup> groups = Map.of();
    private Control.@Nullable Timer timer;

    /**
     * Where a server stands that was ejected.
     *
     * @param unforgiven ejections that count for the next
     * @param sinceNanos when it was ejected, or let back
     * @param nanos how long it is out; 0 once it is back
     */
    private record Standing(int unforgiven, long sinceNanos, long nanos) {

        boolean isOut() {
            return nanos > 0;
        }
    }

    Ejections(String balancer, Control control, Health health, Rebuilds rebuilds) {
        this.balancer = balancer;
        this.control = control;
        this.health = health;
        this.rebuilds = rebuilds;
    }

    /** Brings what is counted in line with a configuration that has come into force. */
    void configured(Map<String, RunGroup> all) {
        groups = all;
        Set<RunServer> known = new HashSet<>();
        for (RunGroup group : all.values()) {
            Ejection rule = group.members().config().ejection();
            for (RunGroup.Member member : group.members().sorted()) {
                RunServer server = member.server();
                if (rule.isNone()) {
                    server.streak().close();
                    release(server);
                    continue;
                }
                known.add(server);
                int failures = rule.get(Options.EJECTION_FAILURES);
                if (!server.isEjected() && server.streak().limit() != failures) {
                    server.watch(this);
                    server.streak().open(failures);
                }
            }
        }
        standings.keySet().retainAll(known);
        plan();
    }

    /** A server has failed as many flows in a row as its group allows. Any loop. */
    void struck(RunServer server, String last) {
        control.post(() -> judge(server, last));
    }

    private void judge(RunServer server, String last) {
        RunGroup group = groups.get(server.group());
        Ejection rule =
                group == null ? Ejection.none() : group.members().config().ejection();
        if (group == null || rule.isNone() || server.isRemoved() || server.isEjected()) {
            return;
        }
        int failures = rule.get(Options.EJECTION_FAILURES);
        RunGroup.Members members = group.members();
        if (!members.isServing(server)) {
            // It takes nothing new anyhow.
            server.streak().open(failures);
        } else if (members.mayEject(rule.get(Options.EJECTION_MAX_PERCENT))) {
            eject(server, rule, failures + " failures in a row, the last one: " + last);
        } else {
            group.countSpared();
            LOG.warn(
                    "{}: group {}: server {} is not ejected for {} failures in a row, as no more may be",
                    balancer,
                    group.name(),
                    server,
                    failures);
            server.streak().open(failures);
        }
    }

    private static EjectionTimes times(Ejection rule) {
        return new EjectionTimes(
                rule.get(Options.EJECTION_TIME).toNanos(),
                rule.get(Options.EJECTION_MAX_TIME).toNanos());
    }

    private void eject(RunServer server, Ejection rule, String why) {
        EjectionTimes times = times(rule);
        long now = control.nowNanos();
        Standing before = standings.get(server);
        int unforgiven = before == null ? 0 : times.unforgiven(before.unforgiven(), now - before.sinceNanos());
        long nanos = times.nanos(unforgiven);
        standings.put(server, new Standing(unforgiven + 1, now, nanos));
        String time = Options.EJECTION_TIME.format(Duration.ofNanos(nanos));
        health.eject(server, "for " + time + " after " + why);
        rebuilds.changed(server.group());
        plan();
    }

    private void release(RunServer server) {
        if (server.isEjected()) {
            health.readmit(server);
            rebuilds.changed(server.group());
        }
    }

    private void plan() {
        if (timer != null) {
            control.cancel(timer);
        }
        long now = control.nowNanos();
        long wait = standings.values().stream()
                .filter(Standing::isOut)
                .mapToLong(out -> out.nanos() - (now - out.sinceNanos()))
                .min()
                .orElse(Long.MAX_VALUE);
        timer = wait == Long.MAX_VALUE ? null : control.later(Math.max(0, wait), this::expired);
    }

    private void expired() {
        timer = null;
        long now = control.nowNanos();
        standings.replaceAll((server, standing) -> {
            if (!standing.isOut() || now - standing.sinceNanos() < standing.nanos()) {
                return standing;
            }
            release(server);
            RunGroup group = groups.get(server.group());
            if (group != null) {
                server.streak().open(group.members().config().ejection().get(Options.EJECTION_FAILURES));
            }
            return new Standing(standing.unforgiven(), now, 0);
        });
        plan();
    }
}
