package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.clb.AccessLog;
import io.clb.Config;
import io.clb.ConfigException;
import io.clb.ListenerConfig;
import io.clb.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access logs of a balancer: loops make lines and hand them over in batches, one thread writes. Nothing of a loop's waits for it: what the thread cannot keep up with
 * is dropped by the loop that has it, and counted.
 */
final class AccessLogs {

    private static final Logger LOG = LoggerFactory.getLogger(AccessLogs.class);

    /** Batches that wait for the thread, over all targets: of full ones, 1 GiB. */
    private static final int MAX_BATCHES = 1 << 14;

    /** How long the thread may go on writing when the balancer ends, before it is interrupted, and once more after that. Not measured. */
    private static final long END_MILLIS = 1_000;

    private final String balancer;
    private final Threads threads;
    private final Clock clock;
    private final int loops;
    private final LongAdder lines = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder droppedLines = new LongAdder();
    private final LongAdder droppedBytes = new LongAdder();
    private final LongAdder waitingLines = new LongAdder();
    private final LongAdder waitingBytes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final Notice failureNotice = new Notice();

    // written by whoever failed; read by any
    private volatile @Nullable String lastFailure;

    // written by control before the first target is in force; read by any loop
    private volatile @Nullable LogWriter writer;
    private volatile @Nullable Thread thread;

    // written by control when it gives the thread up; read by the thread
    private volatile boolean over;

    /** In force. Control only. */
    private Map<AccessLog.Destination, LogTarget> targets = Map.of();

    AccessLogs(String balancer, Threads threads, Clock clock, int loops) {
        this.balancer = balancer;
        this.threads = threads;
        this.clock = clock;
        this.loops = loops;
    }

    /**
     * Finds or makes what a configuration's lines go to. Control only; nothing is in force yet.
     *
     * @throws ConfigException if a file that is new cannot be opened
     */
    Map<AccessLog.Destination, LogTarget> prepare(Config config) {
        Map<AccessLog.Destination, LogTarget> wanted = new HashMap<>();
        for (ListenerConfig listener : config.listeners().values()) {
            AccessLog log = config.accessLog(listener);
            if (log != null) {
                wanted.computeIfAbsent(log.destination(), destination -> target(destination, listener));
            }
        }
        return wanted;
    }

    private LogTarget target(AccessLog.Destination destination, ListenerConfig listener) {
        LogTarget running = targets.get(destination);
        if (running != null) {
            return running;
        }
        Path path = destination.path();
        if (path != null && targets.keySet().stream().noneMatch(other -> path.equals(other.path()))) {
            try {
                new LogFile(path).close();
            } catch (IOException e) {
                throw new ConfigException(List.of(new ConfigException.Mistake(
                        "listener " + listener.name(),
                        "accessLog",
                        path.toString(),
                        "a file that can be written, in a directory that exists: " + e)));
            }
        }
        return new LogTarget(this, destination, loops);
    }

    /** The log of a listener; null for none. Control only. */
    @Nullable
    ListenerLog of(Config config, ListenerConfig listener, Map<AccessLog.Destination, LogTarget> prepared) {
        AccessLog log = config.accessLog(listener);
        return log == null
                ? null
                : new ListenerLog(
                        LogFormat.of(log, listener, config.name()), requireNonNull(prepared.get(log.destination())));
    }

    /** Puts targets in force, before lines come for them. Control only. */
    void commit(Map<AccessLog.Destination, LogTarget> prepared) {
        targets = prepared;
        LogWriter running = writer;
        if (running == null) {
            if (prepared.isEmpty()) {
                return;
            }
            running = new LogWriter(this, new MpscAtomicArrayQueue<>(MAX_BATCHES), clock);
            Thread started = threads.newThread("access-log", running);
            writer = running;
            thread = started;
            started.start();
        }
        running.wanted(prepared.keySet().stream()
                .map(AccessLog.Destination::path)
                .filter(java.util.Objects::nonNull)
                .collect(Collectors.toUnmodifiableSet()));
        LockSupport.unpark(thread);
    }

    /** Hands lines to the writer. On a loop. */
    void handOver(LogBatch batch) {
        LogWriter to = writer;
        waitingLines.add(batch.lines());
        waitingBytes.add(batch.bytes().readableBytes());
        if (to != null && to.queue().offer(batch)) {
            LockSupport.unpark(thread);
        } else {
            drop(batch);
        }
    }

    /** Gives up a batch. */
    void drop(LogBatch batch) {
        if (settled(batch)) {
            dropped(batch.lines(), batch.bytes().readableBytes());
        }
        batch.target().release(batch.bytes());
    }

    /** A batch waits no more; false if it counts as dropped already. */
    private boolean settled(LogBatch batch) {
        waitingLines.add(-batch.lines());
        waitingBytes.add(-batch.bytes().readableBytes());
        return !over;
    }

    /** Counts lines that nobody will see. */
    void dropped(int count, long size) {
        droppedLines.add(count);
        droppedBytes.add(size);
    }

    /** A batch was written. */
    void written(LogBatch batch) {
        if (settled(batch)) {
            lines.add(batch.lines());
            bytes.add(batch.bytes().readableBytes());
        }
        batch.target().release(batch.bytes());
    }

    /** A line could not be made. */
    void lost(LogTarget target, long size, Throwable cause) {
        dropped(1, size);
        failed(target, cause);
    }

    /** Something failed: told once in a second. */
    void failed(LogTarget target, Throwable cause) {
        failures.increment();
        lastFailure = target + ": " + cause;
        if (failureNotice.isDue(clock.nanoTime())) {
            LOG.warn(
                    "{}: access log {} fails, {} lines are dropped by now: {}",
                    balancer,
                    target,
                    droppedLines.sum(),
                    cause.toString());
        }
    }

    /** Writes again after a failure. */
    void recovered(LogTarget target) {
        LOG.info(
                "{}: access log {} is written again, {} lines were dropped by now",
                balancer,
                target,
                droppedLines.sum());
    }

    Snapshot.AccessLog view() {
        return new View(lines.sum(), bytes.sum(), droppedLines.sum(), droppedBytes.sum(), failures.sum(), lastFailure);
    }

    private record View(
            long lines,
            long bytes,
            long droppedLines,
            long droppedBytes,
            long failures,
            @Nullable String lastFailure) implements Snapshot.AccessLog {}

    /** Ends the thread when it has written what was handed over, or 2 s later. Control only, when no loop hands over any more. */
    void end() throws InterruptedException {
        LogWriter ending = writer;
        Thread running = thread;
        if (ending == null || running == null) {
            return;
        }
        ending.end();
        LockSupport.unpark(running);
        running.join(END_MILLIS);
        if (running.isAlive()) {
            ending.giveUp();
            running.interrupt();
            running.join(END_MILLIS);
        }
        if (running.isAlive()) {
            over = true;
            dropped(waitingLines.intValue(), waitingBytes.sum());
            LOG.warn("{}: a sink of an access log does not return and ignores its interruption", balancer);
        }
    }
}
