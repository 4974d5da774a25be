package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Config;
import io.clb.ConfigException;
import io.clb.ServerGroupConfig;
import io.clb.Snapshot;
import io.clb.spi.DiscoveredServer;
import io.clb.spi.ServerDiscovery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the discoveries of the groups, and says which servers a group has with those that they found. The configuration stays what the application made of
 * it. Control only, but for what says otherwise.
 *
 * <p>What was told is judged, and put in force, at most once in 100 ms, for all groups together. An update that comes in between takes with it what was
 * accepted by then; what is still in a mailbox has its note in the inbox of control, behind the update.
 */
final class Discoveries {

    private static final Logger LOG = LoggerFactory.getLogger(Discoveries.class);

    /** Lists are judged at most so often. Not measured. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long a start waits for the first lists at most. */
    private static final long FIRST_SECONDS = 2;

    /** Threads of the pool for blocking work that discoveries have at most at a time: the others are left to checks, and to look-ups of names. Not measured. */
    private static final int MAX_THREADS = 2;

    private final String balancer;
    private final Control control;
    private final Executor blocking;
    private final Observers observers;
    private final Runnable apply;

    // written by control; read by any thread
    private volatile Map<String, RunDiscovery> running = Map.of();

    private @Nullable Config config;
    private Map<String, List<ConfigException.Mistake>> leftOut = Map.of();
    private boolean planned;
    private boolean stopped;
    private long lastNanos;

    /** What is found is put in force by {@code apply}, which asks for {@link #groups}. */
    Discoveries(String balancer, Control control, Executor blocking, Observers observers, Runnable apply) {
        this.balancer = balancer;
        this.control = control;
        this.blocking = new Share(control, blocking, MAX_THREADS);
        this.observers = observers;
        this.apply = apply;
        this.lastNanos = control.nowNanos() - PAUSE_NANOS;
    }

    /** The groups of a configuration that is to come into force, with what was found for them: {@link #inForce} follows if it does. */
    Map<String, ServerGroupConfig> groups(Config next) {
        Map<String, List<ConfigException.Mistake>> refused = new LinkedHashMap<>();
        Map<String, ServerGroupConfig> groups = next.serverGroups(
                accepted(),
                (group, mistake) ->
                        refused.computeIfAbsent(group, key -> new ArrayList<>()).add(mistake));
        leftOut = refused;
        return groups;
    }

    /** The last {@link #groups} come into force now. */
    void inForce() {
        running.forEach((group, run) -> run.inForce(leftOut.getOrDefault(group, List.of())));
    }

    private Map<String, List<DiscoveredServer>> accepted() {
        Map<String, List<DiscoveredServer>> accepted = new LinkedHashMap<>();
        running.forEach((group, run) -> accepted.put(group, run.accepted()));
        return accepted;
    }

    /** Brings what runs in line with a configuration: equal discoveries go on, others end and begin. */
    void configured(Config inForce) {
        config = inForce;
        Map<String, RunDiscovery> next = new LinkedHashMap<>();
        for (ServerGroupConfig group : inForce.serverGroups().values()) {
            ServerDiscovery wanted = group.discovery();
            if (wanted != null) {
                RunDiscovery before = running.get(group.name());
                next.put(group.name(), before != null && before.isOf(wanted) ? before : create(group, wanted, before));
            }
        }
        List<RunDiscovery> gone = new ArrayList<>(running.values());
        gone.removeAll(next.values());
        running = Map.copyOf(next);
        gone.forEach(RunDiscovery::end);
        next.values().forEach(RunDiscovery::start);
    }

    private RunDiscovery create(ServerGroupConfig group, ServerDiscovery wanted, @Nullable RunDiscovery before) {
        List<DiscoveredServer> found = before == null ? List.of() : before.accepted();
        return new RunDiscovery(
                balancer, group.name(), wanted, found, control, blocking, observers, this::planJudgement);
    }

    /** Waits, for a short time, until every discovery has told something, so that the first connections find servers. On the thread that starts the balancer. */
    void awaitFirst() {
        CompletableFuture<?>[] first =
                running.values().stream().map(RunDiscovery::judged).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(first).get(FIRST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all discoveries have told something in time", e);
        }
    }

    /** Where the discovery of a group stands; null if it has none. Any thread. */
    Snapshot.@Nullable Discovery state(String group) {
        RunDiscovery run = running.get(group);
        return run == null ? null : run.state();
    }

    /** Ends all of them, for good. */
    void stop() {
        stopped = true;
        running.values().forEach(RunDiscovery::end);
    }

    private void planJudgement() {
        if (planned) {
            return;
        }
        long wait = lastNanos + PAUSE_NANOS - control.nowNanos();
        if (wait <= 0) {
            judge();
        } else {
            planned = true;
            control.later(wait, this::judge);
        }
    }

    private void judge() {
        planned = false;
        lastNanos = control.nowNanos();
        boolean changed = false;
        for (RunDiscovery run : running.values()) {
            changed |= judge(run);
        }
        if (!changed || stopped) {
            return;
        }
        try {
            apply.run();
        } catch (RuntimeException | Error e) {
            LOG.debug("{}: what discoveries found could not be put in force", balancer, e);
            running.values().forEach(run -> run.giveBack("what was found could not be put in force: " + e));
        }
    }

    /** Whether it told something new that can be used. */
    private boolean judge(RunDiscovery run) {
        RunDiscovery.Report report = run.takeReport();
        if (report == null) {
            return false;
        }
        String failure = report.failure() == null ? unusable(run.group(), report.all()) : report.failure();
        if (failure != null) {
            run.fail(failure);
            return false;
        }
        return run.accept(report.all());
    }

    private @Nullable String unusable(String group, List<DiscoveredServer> all) {
        if (all.isEmpty()) {
            return "no servers found";
        }
        Map<String, List<DiscoveredServer>> found = accepted();
        found.put(group, all);
        List<ConfigException.Mistake> refused = new ArrayList<>();
        requireNonNull(config, "config").serverGroups(found, (of, mistake) -> {
            if (of.equals(group)) {
                refused.add(mistake);
            }
        });
        return refused.size() < all.size() ? null : "none of what was found can be used: " + refused.get(0);
    }
}
