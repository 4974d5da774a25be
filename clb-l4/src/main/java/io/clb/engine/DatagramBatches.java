package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How a listening socket is read that takes several datagrams in a call: room for each costs time, so there is some for twice as many as came in the call before. One
 * call a turn: what is left is told of in the next. Confined to one loop.
 */
final class DatagramBatches implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {

    /** As many bytes as a UDP header can tell of: no datagram is cut. */
    static final int MAX_DATAGRAM = 65_535;

    /** How many datagrams there is room for. Other numbers were not measured. */
    static final int MOST = 16;

    private static final int LEAST = 2;

    private final ReadBuffer buffer;
    private int room = LEAST;
    private int came;
    private int attempted;
    private int bytes;

    DatagramBatches(ReadBuffer buffer) {
        this.buffer = buffer;
    }

    @Override
    @SuppressWarnings("deprecation") // as Netty declares it
    public Handle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        return buffer.take(room * MAX_DATAGRAM);
    }

    @Override
    public int guess() {
        return room * MAX_DATAGRAM;
    }

    @Override
    public void reset(ChannelConfig config) {
        came = 0;
    }

    @Override
    public void incMessagesRead(int messages) {
        came += messages;
    }

    @Override
    public void lastBytesRead(int count) {
        bytes = count;
    }

    @Override
    public int lastBytesRead() {
        return bytes;
    }

    @Override
    public void attemptedBytesRead(int count) {
        attempted = count;
    }

    @Override
    public int attemptedBytesRead() {
        return attempted;
    }

    @Override
    public boolean continueReading() {
        return false;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return false;
    }

    @Override
    public void readComplete() {
        room = Math.min(MOST, Math.max(LEAST, 2 * came));
    }
}
