package io.clb.engine;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a loop that are on their way to a target: gathered until a buffer is full, or the first of them has waited long enough, then handed to the writer as a whole.
 * Confined to its loop. Its timeout is that of the first line.
 */
final class LogBuffer extends Timeout {

    /** Some 200 lines in one write. Not measured. */
    static final int SIZE = 1 << 16;

    private final LogTarget target;
    private final Loop loop;
    private @Nullable ByteBuf filling;
    private int lines;

    LogBuffer(LogTarget target, Loop loop) {
        this.target = target;
        this.loop = loop;
    }

    /** Adds a line, or drops and counts it. */
    void add(LogLine line) {
        int bytes = line.length();
        ByteBuf into = filling;
        if (into != null && into.writableBytes() < bytes) {
            handOver();
            into = null;
        }
        if (into == null) {
            // A line that is larger than any buffer has one of its own.
            int size = Math.max(SIZE, bytes);
            if (loop.isStopped() || !target.tryTake(size)) {
                target.logs().dropped(1, bytes);
                return;
            }
            into = loop.allocator().directBuffer(size, size);
            filling = into;
            loop.logs().add(this);
            loop.arm(this, loop.nowNanos() + target.flushNanos());
        }
        line.writeTo(into);
        lines++;
    }

    /** Hands to the writer what there is. */
    void handOver() {
        ByteBuf full = filling;
        if (full == null) {
            return;
        }
        filling = null;
        loop.cancel(this);
        loop.logs().remove(this);
        LogBatch batch = new LogBatch(target, fitted(full), lines);
        lines = 0;
        target.logs().handOver(batch);
    }

    /** A buffer that is not half full leaves for a smaller one, so that few lines do not take much of what may wait. */
    private ByteBuf fitted(ByteBuf full) {
        int bytes = full.readableBytes();
        if (bytes >= SIZE / 2) {
            return full;
        }
        ByteBuf small = loop.allocator().directBuffer(bytes, bytes).writeBytes(full);
        target.shrunk(full, small);
        return small;
    }

    @Override
    protected void expired(long nowNanos) {
        handOver();
    }
}
