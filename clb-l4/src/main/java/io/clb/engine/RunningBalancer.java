package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.Config;
import io.clb.ConfigException;
import io.clb.LoadBalancer;
import io.clb.Options;
import io.clb.Snapshot;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A balancer on Netty: what users hold in their hands. Turns their calls into commands to control. */
public final class RunningBalancer implements LoadBalancer {

    private static final Logger LOG = LoggerFactory.getLogger(RunningBalancer.class);

    /** Threads for look-ups and checks that block, and how many may wait for one. Not measured. */
    private static final int BLOCKING_THREADS = 4;

    private static final int BLOCKING_QUEUE = 1_024;
    private static final int BLOCKING_IDLE_SECONDS = 10;

    private static final Duration MAX_DRAIN = Duration.ofMinutes(15);

    private final String name;
    private final EngineSetup setup;
    private final Threads threads;
    private final Loop[] loops;
    private final Control control;
    private final Observers observers;
    private final AccessLogs accessLogs;
    private final Traffic traffic;
    private final Gate gate;
    private final Topology topology;
    private final ThreadPoolExecutor blocking;
    private final UpdateQueue updates;
    private final Ending ending;
    private final ByteBudget budget;

    // Serialises updates, which read, edit and replace: held by threads of the application's only, never by a loop or
    // by control.
    private final Object updating = new Object();

    private RunningBalancer(Config config, EngineSetup setup, Extensions extensions) {
        this.threads = new Threads(config.name(), config.get(Options.DAEMON_THREADS));
        this.name = config.name();
        this.setup = setup;
        this.loops = setup.loops(threads);
        this.budget = new ByteBudget(loops);
        this.control = new Control(name, setup.clock(), threads);
        this.observers = new Observers(name);
        this.accessLogs = new AccessLogs(name, threads, setup.clock(), loops.length);
        this.traffic = new Traffic(setup.transport(), observers);
        this.gate = new Gate(traffic);
        this.blocking = new ThreadPoolExecutor(
                BLOCKING_THREADS,
                BLOCKING_THREADS,
                BLOCKING_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(BLOCKING_QUEUE),
                threads.workers("blocking"));
        blocking.allowCoreThreadTimeOut(true);
        this.updates = new UpdateQueue(name, threads);
        this.topology = new Topology(
                name,
                control,
                gate,
                observers,
                accessLogs,
                setup.transport(),
                loops,
                blocking,
                extensions,
                ThreadLocalRandom.current().nextLong());
        this.ending =
                new Ending(name, control, loops, topology, traffic, accessLogs, setup, threads, blocking, updates);
    }

    /**
     * Starts a balancer: when this returns, every listener listens.
     *
     * @param config what to run
     * @param setup what to run it on
     * @return the running balancer
     */
    public static LoadBalancer start(Config config, EngineSetup setup) {
        Extensions extensions = Extensions.load();
        RunningBalancer balancer = new RunningBalancer(config, setup, extensions);
        balancer.refuseOnOwnThreads("start", "start on another thread");
        try {
            balancer.control.start();
            balancer.begin(config);
            balancer.join(config, extensions);
            balancer.apply(config);
            balancer.command(new Histories(balancer.control, balancer.gate)::begin);
        } catch (RuntimeException | Error e) {
            balancer.close();
            throw e;
        }
        LOG.info(
                "{}: started on {} with {} loops: {}",
                config.name(),
                setup.transport().name(),
                balancer.loops.length,
                config.listeners().values());
        return balancer;
    }

    /** Lets discoveries find servers before anything listens. */
    private void begin(Config config) {
        command(() -> topology.discoveries().configured(config));
        topology.discoveries().awaitFirst();
    }

    private void join(Config config, Extensions extensions) {
        ClusterLog log = new ClusterLog(name, setup.clock(), observers, nodes -> control.post(topology::reapply));
        RunCluster joined = RunCluster.join(config, extensions.quotaCoordinators(), log, setup.clock());
        if (joined != null) {
            command(() -> topology.join(joined));
        }
    }

    private void apply(Config config) {
        var names = Resolver.first(config, blocking);
        var tls = TlsContexts.prepare(config, gate.plan().tls());
        command(() -> {
            topology.apply(config, names, tls);
            budget.configure(config);
        });
    }

    /** Runs something on control and waits for it. */
    private void command(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        boolean posted = control.post(() -> {
            String refusal = ending.refusal();
            if (refusal != null) {
                done.completeExceptionally(new IllegalStateException(this + refusal));
                return;
            }
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        if (!posted) {
            throw alreadyClosed();
        }
        try {
            // On a thread of the application's: control ends every command, if only by refusing it.
            done.join();
        } catch (CompletionException e) {
            throw rethrown(e);
        }
    }

    private IllegalStateException alreadyClosed() {
        return new IllegalStateException(this + " is closed");
    }

    private static RuntimeException rethrown(CompletionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof RuntimeException failure) {
            failure.addSuppressed(new Exception("called here"));
            return failure;
        }
        return e;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Config config() {
        return requireNonNull(gate.plan().config(), "not started");
    }

    @Override
    public List<InetSocketAddress> addresses(String listener) {
        List<Binding> bindings = gate.plan().bindings().get(requireNonNull(listener, "listener"));
        if (bindings == null) {
            throw new IllegalArgumentException("listener: " + listener + " (expected: one of "
                    + gate.plan().bindings().keySet() + ")");
        }
        return bindings.stream().map(Binding::address).toList();
    }

    @Override
    public void update(Consumer<Config.Builder> change) {
        requireNonNull(change, "change");
        refuseOnOwnThreads("update", "use updateAsync there");
        if (Thread.holdsLock(updating)) {
            throw new IllegalStateException("update inside an update: its change would be lost; make both in one");
        }
        synchronized (updating) {
            Config before = config();
            Config.Builder edited = before.toBuilder();
            change.accept(edited);
            Config after = edited.build();
            refuseFixed(before, after);
            apply(after);
        }
    }

    private static void refuseFixed(Config before, Config after) {
        if (!before.name().equals(after.name())) {
            throw fixed("name", after.name(), before.name());
        }
        if (!before.get(Options.DAEMON_THREADS).equals(after.get(Options.DAEMON_THREADS))) {
            throw fixed("daemonThreads", after.get(Options.DAEMON_THREADS), before.get(Options.DAEMON_THREADS));
        }
        boolean talks = before.cluster().transport() != null || after.cluster().transport() != null;
        if (talks && !before.cluster().equals(after.cluster())) {
            throw fixed("cluster", after.cluster(), before.cluster());
        }
        if (before.engine() != after.engine()) {
            throw fixed("engine", String.valueOf(after.engine()), before.engine());
        }
    }

    private static ConfigException fixed(String field, Object value, @org.jspecify.annotations.Nullable Object before) {
        return new ConfigException(List.of(new ConfigException.Mistake(
                "balancer", field, value.toString(), before + ": it is fixed while the balancer runs")));
    }

    @Override
    public CompletionStage<Void> updateAsync(Consumer<Config.Builder> change) {
        requireNonNull(change, "change");
        return updates.add(() -> update(change));
    }

    @Override
    public Snapshot snapshot() {
        return SnapshotView.of(
                name,
                setup.transport().name(),
                loops.length,
                gate.plan(),
                topology.cluster(),
                topology.discoveries(),
                observers.failures(),
                accessLogs,
                budget,
                setup.clock().nanoTime());
    }

    @Override
    public CompletionStage<Boolean> forgetNode(String node) {
        requireNonNull(node, "node");
        RunCluster cluster = topology.cluster();
        if (cluster == null || ending.isOver()) {
            return CompletableFuture.failedStage(new IllegalStateException(
                    cluster == null
                            ? this + ": forgetNode(" + node + ") in a " + config().cluster()
                                    + " (expected: Cluster.of(...), whose nodes talk to each other)"
                            : this + " is closed"));
        }
        return cluster.forget(node);
    }

    @Override
    public CompletionStage<Void> shutdown(Duration drain) {
        requireNonNull(drain, "drain");
        if (drain.isNegative() || drain.compareTo(MAX_DRAIN) > 0) {
            throw new ConfigException(
                    List.of(new ConfigException.Mistake("balancer", "shutdown", drain.toString(), "0 s to 900 s")));
        }
        return ending.shutdown(drain);
    }

    @Override
    public void close() {
        if (control.isCurrentThread() || !ending.isOver()) {
            refuseOnOwnThreads("close", "use shutdown there");
        }
        ending.close();
    }

    private void refuseOnOwnThreads(String call, String cure) {
        boolean own = control.isCurrentThread();
        for (Loop loop : loops) {
            own |= loop.eventLoop().inEventLoop();
        }
        if (own) {
            throw new IllegalStateException(call + " waits, so it is refused on the balancer's own threads; " + cure);
        }
    }

    /**
     * The seam for a replaced clock: has the loops and control look at it anew, which sleep until the time that they know. Returns when every loop has
     * run what was due, and then looked at its sockets.
     */
    void clockMoved() {
        CompletableFuture<?>[] seen = new CompletableFuture<?>[loops.length];
        for (int i = 0; i < loops.length; i++) {
            Loop loop = loops[i];
            CompletableFuture<Void> done = new CompletableFuture<>();
            seen[i] = done;
            boolean accepted = loop.execute(() -> {
                loop.clockMoved();
                loop.nextTurn().thenRun(() -> done.complete(null));
            });
            if (!accepted) {
                done.complete(null);
            }
        }
        control.post(() -> {});
        // On a test's thread.
        CompletableFuture.allOf(seen).join();
    }

    @Override
    public String toString() {
        return "balancer " + name;
    }
}
