package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What a loop reads into: the same buffer again and again, as long as nothing that was read is held by then, which is so where it is handed on in the turn that it came in.
 * Memory that nothing is long enough to reach is never touched. Confined to its loop.
 */
final class ReadBuffer {

    /** For the bytes of connections: the size of Netty's largest read here, see {@link ChannelReading}. */
    static final int STREAM = 256 * 1_024;

    private final ByteBufAllocator allocator;
    private final int capacity;
    private @Nullable ByteBuf last;
    private boolean closed;

    ReadBuffer(ByteBufAllocator allocator, int capacity) {
        this.allocator = allocator;
        this.capacity = capacity;
    }

    /**
     * Gives room to read into.
     *
     * @param room bytes, no more than the capacity
     * @return an empty buffer with so much room, to be released
     */
    ByteBuf take(int room) {
        ByteBuf buffer = last;
        if (buffer == null || buffer.refCnt() > 1) {
            release();
            buffer = allocator.directBuffer(capacity, capacity);
            last = closed ? null : buffer.retain();
        } else {
            buffer.retain();
        }
        int begin = capacity - room;
        return buffer.setIndex(begin, begin);
    }

    /** Lets go of the memory: for what still comes, there is some for each read by itself. On the loop, or when that has ended. */
    void close() {
        closed = true;
        release();
    }

    private void release() {
        if (last != null) {
            last.release();
            last = null;
        }
    }
}
