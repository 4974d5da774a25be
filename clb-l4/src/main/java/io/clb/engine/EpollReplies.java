package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Answers that leave past Netty's channel, in the turn that they came in. Those in a row that are for one client, of one size, and behind one another in memory, as they
 * are read, leave together: see {@link UdpSegments}.
 */
final class EpollReplies implements Replies {

    private final UdpSegments segments;

    // the row: its first datagram, released when it has left
    private @Nullable ByteBuf first;
    private @Nullable InetSocketAddress client;
    private int size;
    private int count;

    EpollReplies(Socket socket) {
        this.segments = new UdpSegments(socket);
    }

    @Override
    public int send(InetSocketAddress to, ByteBuf datagram) {
        if (goesOn(to, datagram)) {
            count++;
            datagram.release();
            return 0;
        }
        int lost = flush();
        first = datagram;
        client = to;
        size = datagram.readableBytes();
        count = 1;
        return lost;
    }

    private boolean goesOn(InetSocketAddress to, ByteBuf datagram) {
        ByteBuf row = first;
        return row != null
                && size == datagram.readableBytes()
                && segments.takesMore(count, size)
                && row.hasMemoryAddress()
                && datagram.hasMemoryAddress()
                && datagram.memoryAddress() + datagram.readerIndex()
                        == row.memoryAddress() + row.readerIndex() + (long) count * size
                && to.equals(client);
    }

    @Override
    public int flush() {
        ByteBuf row = first;
        InetSocketAddress to = client;
        if (row == null || to == null) {
            return 0;
        }
        first = null;
        client = null;
        try {
            return sendAll(row, to);
        } finally {
            row.release();
        }
    }

    /** Returns how many are lost. */
    private int sendAll(ByteBuf row, InetSocketAddress to) {
        int lost = 0;
        int done = 0;
        while (done < count) {
            try {
                int sent = segments.send(row, done, count, size, to);
                if (sent == 0) {
                    // Nor is there room for those behind it.
                    return lost + count - done;
                }
                done += sent;
            } catch (IOException e) {
                // what it says of one need not be so of the next
                lost++;
                done++;
            }
        }
        return lost;
    }
}
