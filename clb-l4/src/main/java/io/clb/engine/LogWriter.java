package io.clb.engine;

import io.clb.AccessLog;
import io.clb.spi.AccessLogSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What the one thread for access logs does: takes batches in the order of their coming, and writes each to its file or sink. */
final class LogWriter implements Runnable {

    private final AccessLogs logs;
    private final Queue<LogBatch> queue;
    private final Clock clock;

    // the thread's own
    private final Map<Path, LogFile> files = new HashMap<>();

    // written by control; read by the thread
    private volatile Set<Path> wanted = Set.of();
    private volatile boolean ending;
    private volatile boolean givenUp;

    LogWriter(AccessLogs logs, Queue<LogBatch> queue, Clock clock) {
        this.logs = logs;
        this.queue = queue;
        this.clock = clock;
    }

    Queue<LogBatch> queue() {
        return queue;
    }

    /** Says which files stay open; others are closed after each batch. Control only. */
    void wanted(Set<Path> paths) {
        wanted = paths;
    }

    /** Has it end when all is written. Control only. */
    void end() {
        ending = true;
    }

    /** Has it drop what is not written. Control only. */
    void giveUp() {
        givenUp = true;
    }

    @Override
    public void run() {
        while (true) {
            // Before the look into the queue: what is handed over before the end is written.
            boolean last = ending;
            LogBatch batch = queue.poll();
            if (batch != null) {
                take(batch);
                continue;
            }
            closeUnwanted();
            if (last) {
                break;
            }
            LockSupport.park(this);
        }
        wanted = Set.of();
        closeUnwanted();
    }

    private void take(LogBatch batch) {
        if (givenUp) {
            logs.drop(batch);
            return;
        }
        LogTarget target = batch.target();
        try {
            write(target, batch.bytes().nioBuffer());
        } catch (IOException | RuntimeException | Error e) {
            logs.failed(target, e);
            target.failing(true);
            logs.drop(batch);
            return;
        }
        logs.written(batch);
        if (target.isFailing()) {
            target.failing(false);
            logs.recovered(target);
        }
    }

    private void write(LogTarget target, ByteBuffer lines) throws IOException {
        AccessLog.Destination to = target.destination();
        Path path = to.path();
        AccessLogSink sink = to.sink();
        if (sink != null) {
            sink.write(lines.asReadOnlyBuffer());
        } else if (path != null) {
            LogFile file = files.get(path);
            if (file == null) {
                file = new LogFile(path);
                files.put(path, file);
            }
            try {
                file.write(lines, to, clock.nanoTime());
            } catch (IOException e) {
                files.remove(path);
                file.close();
                throw e;
            }
            Throwable unrotated = file.takeFailure();
            if (unrotated != null) {
                logs.failed(target, unrotated);
            }
        }
    }

    private void closeUnwanted() {
        Set<Path> stay = wanted;
        files.entrySet().removeIf(open -> {
            boolean closes = !stay.contains(open.getKey());
            if (closes) {
                open.getValue().close();
            }
            return closes;
        });
    }
}
