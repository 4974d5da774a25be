package io.clb.engine;

import io.clb.Options;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the pickers of a group anew when its servers changed, at most once in 100 ms, however many changes come in. Control only.
 *
 * <p>Servers in slow start change with time: one timer, for all groups, waits for the next line of a grid (see {@link SlowStart}) on which a weight may
 * change, and the pickers are built only if one does.
 */
final class Rebuilds {

    private static final Logger LOG = LoggerFactory.getLogger(Rebuilds.class);

    /** Pickers are built at most so often. Not measured. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final String balancer;
    private final Control control;
    private final int loops;
    private final long seed;
    private final Consumer<RunGroup> rebuilt;
    private final Set<String> stale = new HashSet<>();
    private final Set<String> failingOpen = new HashSet<>();
    private Map<String, RunGroup> groups = Map.of();
    private Map<Pool.Key, Pool> pools = Map.of();
    private boolean planned;
    private long lastNanos;
    private Control.@Nullable Timer step;

    /** Groups whose pickers are in force are handed to {@code rebuilt}. */
    Rebuilds(String balancer, Control control, int loops, long seed, Consumer<RunGroup> rebuilt) {
        this.balancer = balancer;
        this.control = control;
        this.loops = loops;
        this.seed = seed;
        this.rebuilt = rebuilt;
        this.lastNanos = control.nowNanos() - PAUSE_NANOS;
    }

    /** Takes over what a configuration has put in force, with pickers that were built for it. */
    void built(Map<String, RunGroup> allGroups, Map<Pool.Key, Pool> allPools) {
        groups = allGroups;
        pools = allPools;
        stale.clear();
        failingOpen.retainAll(groups.keySet());
        groups.values().forEach(this::announce);
        groups.values().forEach(rebuilt);
        planStep();
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
        Map<RunGroup, RunGroup.Members> changed = new LinkedHashMap<>();
        groups.values().stream()
                .filter(group -> stale.contains(group.name()))
                .forEach(group -> changed.put(group, group.members().at(lastNanos)));
        stale.clear();
        changed.values().forEach(RunGroup.Members::letBack);
        for (Pool pool : pools.values()) {
            RunGroup group = groups.get(pool.group());
            RunGroup.Members members = group == null ? null : changed.get(group);
            if (members != null) {
                rebuild(pool, members);
            }
        }
        // After the pickers: who sees a weight in force can rely on it.
        changed.forEach(RunGroup::members);
        changed.keySet().forEach(this::announce);
        changed.keySet().forEach(rebuilt);
        planStep();
    }

    private void rebuild(Pool pool, RunGroup.Members members) {
        try {
            pool.picker(Pool.build(pool.key(), members, pool.picker(), loops, seed));
        } catch (RuntimeException | Error e) {
            LOG.error("{}: group {}: no scheduler could be built; the one before stays", balancer, pool.group(), e);
        }
    }

    /** Tells of servers that have just joined, and of a group that begins or ends to fail open. */
    private void announce(RunGroup group) {
        announceJoined(group);
        boolean open = group.members().isFailingOpen();
        if (open && failingOpen.add(group.name())) {
            LOG.warn(
                    "{}: group {}: no server may take flows; as failOpen is on, those that are down or ejected get them",
                    balancer,
                    group.name());
        } else if (!open && failingOpen.remove(group.name())) {
            LOG.info("{}: group {}: failing open has ended", balancer, group.name());
        }
    }

    private void announceJoined(RunGroup group) {
        List<RunServer> joined = group.members().ramps().newcomers();
        if (!joined.isEmpty()) {
            LOG.info(
                    "{}: group {}: slow start of {} begins for {}{}",
                    balancer,
                    group.name(),
                    Options.SLOW_START.format(group.members().config().slowStart()),
                    joined.get(0),
                    joined.size() == 1 ? "" : " and " + (joined.size() - 1) + " more");
        }
    }

    /** Waits for the next moment at which time may change a weight, and for none if none will come. */
    private void planStep() {
        if (step != null) {
            control.cancel(step);
        }
        long now = control.nowNanos();
        long wait = groups.values().stream()
                .mapToLong(group -> group.members().ramps().untilStep(now))
                .min()
                .orElse(Ramps.NEVER);
        step = wait == Ramps.NEVER ? null : control.later(wait, this::step);
    }

    private void step() {
        long now = control.nowNanos();
        groups.values().stream()
                .filter(group -> group.members().isOutOfDate(now))
                .forEach(group -> stale.add(group.name()));
        plan();
        planStep();
    }
}
