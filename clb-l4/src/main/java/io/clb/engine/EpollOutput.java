package io.clb.engine;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.IovArray;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannelUtil;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What leaves through a socket on epoll: at once, or several pieces together when they are flushed. What there is no room for waits here. Confined to its
 * loop.
 */
final class EpollOutput {

    /** Pieces that leave by one call. Not measured. */
    private static final int MOST_PIECES = 64;

    private static final FastThreadLocal<IovArray> PIECES = new FastThreadLocal<>() {

        @Override
        protected IovArray initialValue() {
            return new IovArray(MOST_PIECES);
        }

        @Override
        protected void onRemoval(IovArray value) {
            value.release();
        }
    };

    private final Socket socket;
    private final Loop loop;
    private @Nullable WriteQueue queue;
    private boolean gathers;
    private boolean blocked;

    EpollOutput(Socket socket, Loop loop, boolean gathers) {
        this.socket = socket;
        this.loop = loop;
        this.gathers = gathers;
    }

    /**
     * From here on, what is written leaves at once, behind what was kept.
     *
     * @return whether that was not yet flushed: it is taken for what there was no room for
     */
    boolean stopGathering() {
        gathers = false;
        boolean unflushed = !blocked && !isEmpty();
        blocked |= unflushed;
        return unflushed;
    }

    /** Whether something waits for room, which the system has to tell of. */
    boolean isBlocked() {
        return blocked;
    }

    boolean isEmpty() {
        return queue == null || queue.isEmpty();
    }

    boolean isWritable() {
        return queue == null || queue.isWritable();
    }

    /** How much memory what waits takes. */
    long memory() {
        return queue == null ? 0 : queue.memory();
    }

    /**
     * Writes what there is room for, or keeps it all to write it together with what follows.
     *
     * @param bytes some; still the caller's to release
     */
    void write(ByteBuf bytes) throws IOException {
        if (gathers) {
            queue().hold(UnixChannelUtil.isBufferCopyNeededForWrite(bytes) ? copy(bytes) : bytes.retain());
            return;
        }
        if (!blocked) {
            send(bytes);
        }
        if (bytes.isReadable()) {
            queue().add(bytes);
            blocked = true;
        }
    }

    private ByteBuf copy(ByteBuf bytes) {
        int count = bytes.readableBytes();
        return loop.allocator().directBuffer(count).writeBytes(bytes, bytes.readerIndex(), count);
    }

    private WriteQueue queue() {
        WriteQueue kept = queue;
        if (kept == null) {
            kept = new WriteQueue(loop.allocator());
            queue = kept;
        }
        return kept;
    }

    /** Writes what was kept, as far as there is room. */
    void flush() throws IOException {
        if (!blocked && !isEmpty()) {
            writeWaiting();
        }
    }

    /** There is room, as far as is known. */
    void writeWaiting() throws IOException {
        WriteQueue waiting = requireNonNull(queue);
        // Where it fails, there is no point in trying again.
        blocked = true;
        boolean room = true;
        for (ByteBuf first = waiting.first(); room && first != null; first = waiting.first()) {
            boolean plain = waiting.hasOne() && first.hasMemoryAddress();
            room = plain ? sendFirst(first, waiting) : sendMany(waiting);
        }
        blocked = !room;
    }

    private boolean sendFirst(ByteBuf first, WriteQueue waiting) throws IOException {
        send(first);
        if (first.isReadable()) {
            return false;
        }
        waiting.removeFirst();
        return true;
    }

    private boolean sendMany(WriteQueue waiting) throws IOException {
        IovArray pieces = PIECES.get();
        pieces.clear();
        for (ByteBuf piece : waiting.pieces()) {
            if (!pieces.add(piece, piece.readerIndex(), piece.readableBytes())) {
                break;
            }
        }
        long offered = pieces.size();
        long sent = socket.writevAddresses(pieces.memoryAddress(0), pieces.count());
        waiting.remove(sent);
        return sent == offered;
    }

    private void send(ByteBuf bytes) throws IOException {
        int begin = bytes.readerIndex();
        int sent;
        if (bytes.hasMemoryAddress()) {
            sent = socket.sendAddress(bytes.memoryAddress(), begin, bytes.writerIndex());
        } else {
            ByteBuffer nio = EpollDatagrams.direct(bytes);
            sent = socket.send(nio, nio.position(), nio.limit());
        }
        bytes.skipBytes(sent);
    }

    void clear() {
        if (queue != null) {
            queue.clear();
        }
    }
}
