package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What a socket had no room for yet. It counts for the memory that it takes, and for little more than it is. Confined to its loop. */
final class WriteQueue {

    /** From where on no more is to come, and from where on again. Netty's own defaults. */
    private static final int HIGH = 64 * 1_024;

    private static final int LOW = HIGH / 2;

    /** The smallest piece of memory. */
    private static final int LEAST = 2_048;

    private final ByteBufAllocator allocator;
    private final Queue<ByteBuf> pieces = new ArrayDeque<>(2);
    private @Nullable ByteBuf last;
    private long memory;
    private boolean writable = true;

    WriteQueue(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Keeps what is much as it is, and little together.
     *
     * @param bytes some; still the caller's to release
     */
    void add(ByteBuf bytes) {
        int count = bytes.readableBytes();
        if (last != null && last.writableBytes() >= count) {
            last.writeBytes(bytes);
            return;
        }
        ByteBuf kept = kept(bytes, allocator);
        pieces.add(kept);
        last = kept;
        memory += kept.capacity();
        writable &= memory <= HIGH;
    }

    /**
     * Keeps what is to leave soon.
     *
     * @param bytes some, the queue's from here on
     */
    void hold(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        pieces.add(bytes);
        last = null;
        memory += bytes.capacity();
        writable &= memory <= HIGH;
    }

    /**
     * What to keep for some bytes: themselves, retained, or a copy where they are little in much memory.
     *
     * @param bytes some; still the caller's to release
     */
    static ByteBuf kept(ByteBuf bytes, ByteBufAllocator allocator) {
        int count = bytes.readableBytes();
        if (count > bytes.capacity() / 4) {
            return bytes.retain();
        }
        int room = Math.max(LEAST, count);
        return allocator.directBuffer(room, room).writeBytes(bytes);
    }

    /** What is to leave next; null if nothing waits. */
    @Nullable
    ByteBuf first() {
        return pieces.peek();
    }

    /** Whether exactly one piece waits. */
    boolean hasOne() {
        return pieces.size() == 1;
    }

    /** All that waits, in its order; to be looked at only. */
    Iterable<ByteBuf> pieces() {
        return pieces;
    }

    /** So many bytes have left. */
    void remove(long bytes) {
        long left = bytes;
        while (left > 0) {
            ByteBuf piece = requireNonNull(pieces.peek());
            int length = piece.readableBytes();
            if (left < length) {
                piece.skipBytes((int) left);
                return;
            }
            left -= length;
            removeFirst();
        }
    }

    /** It has left. */
    void removeFirst() {
        ByteBuf gone = pieces.remove();
        memory -= gone.capacity();
        writable |= memory < LOW;
        gone.release();
        if (pieces.isEmpty()) {
            last = null;
        }
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** How much memory is taken. */
    long memory() {
        return memory;
    }

    /** Whether not so much waits that more had better not come. */
    boolean isWritable() {
        return writable;
    }

    void clear() {
        while (!pieces.isEmpty()) {
            removeFirst();
        }
    }
}
