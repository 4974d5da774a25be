package io.clb.engine;

import io.clb.AccessLog;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A file or sink that lines of an access log go to, with a buffer for each loop, and the bound on what waits to be written to it. */
final class LogTarget {

    private final AccessLogs logs;
    private final AccessLog.Destination destination;
    private final long maxHeld;
    private final long flushNanos;

    // each cell written and read by its own loop only
    private final @Nullable LogBuffer[] buffers;

    // stepped by loops and by the writer
    private final AtomicLong held = new AtomicLong();

    // the writer's own
    private boolean failing;

    LogTarget(AccessLogs logs, AccessLog.Destination destination, int loops) {
        this.logs = logs;
        this.destination = destination;
        // Two for each loop: one that is filled, and one that is written.
        this.maxHeld = Math.max(destination.maxBuffered(), 2L * loops * LogBuffer.SIZE);
        this.flushNanos = destination.flushEvery().toNanos();
        this.buffers = new LogBuffer[loops];
    }

    AccessLogs logs() {
        return logs;
    }

    AccessLog.Destination destination() {
        return destination;
    }

    /** How long a line waits at most for others to come. */
    long flushNanos() {
        return flushNanos;
    }

    /** The buffer of a loop. On the loop. */
    LogBuffer buffer(Loop loop) {
        LogBuffer buffer = buffers[loop.index()];
        if (buffer == null) {
            buffer = new LogBuffer(this, loop);
            buffers[loop.index()] = buffer;
        }
        return buffer;
    }

    /** Takes memory for a buffer, if there may be as much. */
    boolean tryTake(int bytes) {
        if (held.get() + bytes > maxHeld) {
            return false;
        }
        if (held.addAndGet(bytes) <= maxHeld) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    /** One buffer has taken the place of another. */
    void shrunk(ByteBuf before, ByteBuf after) {
        held.addAndGet((long) after.capacity() - before.capacity());
        before.release();
    }

    /** Gives a buffer back. */
    void release(ByteBuf lines) {
        held.addAndGet(-lines.capacity());
        lines.release();
    }

    /** Whether the last batch could not be written. On the thread that writes. */
    boolean isFailing() {
        return failing;
    }

    /** On the thread that writes. */
    void failing(boolean now) {
        failing = now;
    }

    @Override
    public String toString() {
        return String.valueOf(destination.path() == null ? destination.sink() : destination.path());
    }
}
