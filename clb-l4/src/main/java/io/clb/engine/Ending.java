package io.clb.engine;

import io.clb.spi.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a balancer ends: it stops listening, lets open flows go on for a time, then closes everything and lets its threads end. Control does it; whoever asked
 * waits on a thread of his own.
 */
final class Ending {

    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    private final String name;
    private final Control control;
    private final Loop[] loops;
    private final Topology topology;
    private final Traffic traffic;
    private final AccessLogs accessLogs;
    private final EngineSetup setup;
    private final Threads threads;
    private final ThreadPoolExecutor blocking;
    private final UpdateQueue updates;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    // counted down by control as the last thing it does; awaited by those who close
    private final CountDownLatch ended = new CountDownLatch(1);

    // set by the first who shuts down
    private final AtomicBoolean watched = new AtomicBoolean();

    // control only
    private boolean draining;
    private boolean closing;

    Ending(
            String name,
            Control control,
            Loop[] loops,
            Topology topology,
            Traffic traffic,
            AccessLogs accessLogs,
            EngineSetup setup,
            Threads threads,
            ThreadPoolExecutor blocking,
            UpdateQueue updates) {
        this.name = name;
        this.control = control;
        this.loops = loops;
        this.topology = topology;
        this.traffic = traffic;
        this.accessLogs = accessLogs;
        this.setup = setup;
        this.threads = threads;
        this.blocking = blocking;
        this.updates = updates;
    }

    /** Why nothing may be changed any more; null while the balancer runs. Control only. */
    @Nullable
    String refusal() {
        if (closing) {
            return " is closed";
        }
        return draining ? " is shutting down" : null;
    }

    boolean isOver() {
        return ended.getCount() == 0;
    }

    CompletionStage<Void> shutdown(Duration drain) {
        // What follows the end is the application's code: it must not run on, or wait for, a thread that is ending.
        if (watched.compareAndSet(false, true)) {
            threads.newThread("closed", this::awaitClosed).start();
        }
        control.post(() -> beginDrain(drain.toNanos()));
        return closed.minimalCompletionStage();
    }

    /** Waits until all has ended. */
    void close() {
        control.post(this::end);
        awaitClosed();
    }

    private void awaitClosed() {
        awaitThreads();
        closed.complete(null);
    }

    /** Control only. */
    private void beginDrain(long nanos) {
        if (draining) {
            // The shorter time counts.
            control.later(nanos, this::end);
        }
        if (draining || closing) {
            return;
        }
        draining = true;
        LOG.info("{}: shutting down, open connections have {} ms", name, TimeUnit.NANOSECONDS.toMillis(nanos));
        topology.stopAccepting();
        traffic.onDrained(() -> control.post(this::countUndrained));
        for (Loop loop : loops) {
            loop.execute(loop::drainAll);
        }
        countUndrained();
        control.later(nanos, this::end);
    }

    /** What the loops say of the flows that they have left. Control only; several such questions may be under way. */
    private static final class Undrained {
        private int flows;
        private int answers;
    }

    /** Asks every loop whether it still has flows; ends when none has. Control only. */
    private void countUndrained() {
        if (closing) {
            return;
        }
        Undrained left = new Undrained();
        for (Loop loop : loops) {
            loop.execute(() -> {
                int count = loop.flowCount();
                control.post(() -> {
                    left.flows += count;
                    left.answers++;
                    if (left.answers == loops.length && left.flows == 0) {
                        end();
                    }
                });
            });
        }
    }

    /** Closes everything. Control only; the thread ends with it. */
    private void end() {
        if (closing) {
            return;
        }
        closing = true;
        try {
            topology.stopListening();
            CompletableFuture<?>[] aborted = new CompletableFuture<?>[loops.length];
            for (int i = 0; i < loops.length; i++) {
                aborted[i] = abortAll(loops[i]);
            }
            // A loop that has ended says so at once, the others when they come to it.
            CompletableFuture.allOf(aborted).join();
            setup.end(loops);
            threads.joinLoops();
        } finally {
            blocking.shutdownNow();
            updates.end();
            control.end(() -> {
                // For little more than three seconds at most, and as long for the cluster.
                awaitEnd(blocking);
                topology.leave();
                LOG.info("{}: closed", name);
                ended.countDown();
            });
        }
    }

    private CompletableFuture<Void> abortAll(Loop loop) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        boolean accepted = loop.execute(() -> {
            try {
                loop.abortAll(Reason.SHUTDOWN);
                topology.end(loop);
                loop.stop();
            } finally {
                done.complete(null);
            }
        });
        if (!accepted) {
            // It has ended before: nobody else has its memory.
            loop.closeBuffers();
            done.complete(null);
        }
        return done;
    }

    /** Code of the application's that ignores its interruption must not hold up the end for ever. */
    private void awaitEnd(ThreadPoolExecutor pool) {
        try {
            accessLogs.end();
            if (!threads.awaitEnd(pool)) {
                LOG.warn("{}: a health check or look-up still runs and ignores its interruption", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitThreads() {
        // An interruption from before does not keep this from waiting.
        boolean interrupted = Thread.interrupted();
        try {
            // All that control waits for is bounded, see end().
            ended.await();
            control.thread().join();
            if (!updates.awaitEnd()) {
                LOG.warn("{}: an update still runs and ignores its interruption", name);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
