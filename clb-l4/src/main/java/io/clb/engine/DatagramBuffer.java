package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What the datagrams of a loop are read into: the same buffer again and again, as long as nothing that was read is held by then, which is so where datagrams are handed
 * on in the turn that they came in. Memory that no datagram is long enough to reach is never touched. Confined to its loop.
 */
final class DatagramBuffer {

    /** As many bytes as a UDP header can tell of: no datagram is cut. */
    static final int MAX_DATAGRAM = 65_535;

    /** How many datagrams there is room for. Other numbers were not measured. */
    static final int MOST = 16;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf last;
    private boolean closed;

    DatagramBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Gives room for datagrams.
     *
     * @param datagrams for how many, up to {@link #MOST}
     * @return an empty buffer with so much room, to be released
     */
    ByteBuf take(int datagrams) {
        ByteBuf buffer = last;
        if (buffer == null || buffer.refCnt() > 1) {
            release();
            buffer = allocator.directBuffer(MOST * MAX_DATAGRAM, MOST * MAX_DATAGRAM);
            last = closed ? null : buffer.retain();
        } else {
            buffer.retain();
        }
        int begin = (MOST - datagrams) * MAX_DATAGRAM;
        return buffer.setIndex(begin, begin);
    }

    /** Lets go of the memory: for datagrams that still come, there is some for each by itself. On the loop, or when that has ended. */
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
