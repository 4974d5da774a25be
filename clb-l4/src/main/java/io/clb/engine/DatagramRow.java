package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What is about to be sent to a server: datagrams of one size for one socket, which come behind one another and leave together, see {@link UdpSegments}; at the latest when what
 * clients sent is read. As they stand apart where they were read, they are copied here, unless there is but one. There is one row in a loop, to which it is confined.
 */
final class DatagramRow {

    /** Where copying costs less than a call. Larger ones leave at once. Not measured beyond 1,472. */
    private static final int MOST_COPIED = 2_048;

    private final ReadBuffer memory;
    private @Nullable EpollUpstream socket;
    private @Nullable ByteBuf row;
    private int size;
    private int count;

    DatagramRow(ByteBufAllocator allocator) {
        this.memory = new ReadBuffer(allocator, UdpSegments.MOST_BYTES);
    }

    /** Takes over a datagram for a socket, and sends what is before it if that is of another kind. */
    void add(EpollUpstream to, ByteBuf datagram) {
        if (to == socket
                && datagram.readableBytes() == size
                && to.segments().takesMore(count, size)
                && join(datagram)) {
            return;
        }
        try {
            flush();
        } finally {
            socket = to;
            row = datagram;
            size = datagram.readableBytes();
            count = 1;
        }
        if (size > MOST_COPIED) {
            flush();
        }
    }

    private boolean join(ByteBuf datagram) {
        ByteBuf before = row;
        if (before == null) {
            return false;
        }
        if (count == 1) {
            ByteBuf together = memory.take(UdpSegments.MOST_BYTES);
            if (!together.hasMemoryAddress()) {
                together.release();
                return false;
            }
            row = together.writeBytes(before);
            before.release();
            before = together;
        }
        before.writeBytes(datagram);
        datagram.release();
        count++;
        return true;
    }

    /** Sends what waits, and what comes to wait as others were refused. */
    void flush() {
        for (ByteBuf datagrams = row; datagrams != null; datagrams = row) {
            EpollUpstream to = requireNonNull(socket, "a row is for one");
            socket = null;
            row = null;
            to.send(datagrams, size, count);
        }
    }

    /** Sends what waits for a socket that is about to be closed. */
    void flush(EpollUpstream closing) {
        if (closing == socket) {
            flush();
        }
    }

    void close() {
        memory.close();
    }
}
