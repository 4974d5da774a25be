package io.clb.engine;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the pickers of a group anew when its servers changed, at most once in 100 ms, however many changes come in. Control only. */
final class Rebuilds {

    private static final Logger LOG = LoggerFactory.getLogger(Rebuilds.class);

    /** Pickers are built at most so often. Not measured. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final String balancer;
    private final Control control;
    private final int loops;
    private final long seed;
    private final Set<String> stale = new HashSet<>();
    private Map<String, RunGroup> groups = Map.of();
    private Map<Pool.Key, Pool> pools = Map.of();
    private boolean planned;
    private long lastNanos;

    Rebuilds(String balancer, Control control, int loops, long seed) {
        this.balancer = balancer;
        this.control = control;
        this.loops = loops;
        this.seed = seed;
        this.lastNanos = control.nowNanos() - PAUSE_NANOS;
    }

    /** Takes over what a configuration puts in force, whose pickers were all built for it. */
    void built(Map<String, RunGroup> allGroups, Map<Pool.Key, Pool> allPools) {
        groups = allGroups;
        pools = allPools;
        stale.clear();
    }

    /** Servers of a group became fit, or are no more. */
    void changed(String group) {
        stale.add(group);
        plan();
    }

    private void plan() {
        if (planned || stale.isEmpty()) {
            return;
        }
        long wait = lastNanos + PAUSE_NANOS - control.nowNanos();
        if (wait <= 0) {
            rebuild();
        } else {
            planned = true;
            control.later(wait, this::rebuild);
        }
    }

    private void rebuild() {
        planned = false;
        lastNanos = control.nowNanos();
        Set<String> changed = Set.copyOf(stale);
        stale.clear();
        for (Pool pool : pools.values()) {
            RunGroup group = groups.get(pool.group());
            if (group != null && changed.contains(pool.group())) {
                rebuild(pool, group);
            }
        }
    }

    private void rebuild(Pool pool, RunGroup group) {
        try {
            pool.picker(Pool.build(pool.key(), group.members(), pool.picker(), loops, seed));
        } catch (RuntimeException | Error e) {
            LOG.error("{}: group {}: no scheduler could be built; the one before stays", balancer, group.name(), e);
        }
    }
}
