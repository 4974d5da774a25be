package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Answers that leave past Netty's channel, in the turn that they came in. Those in a row that are for one client, of one size, and behind one another in memory leave by
 * one call, which the system takes apart again (UDP_SEGMENT, "generic segmentation offload"): in bursts that takes less time (docs/benchmarks.md, "TCP and UDP").
 */
final class EpollReplies implements Replies {

    /** In a call: what the system allows, by number and by length. */
    private static final int MOST = 64;

    private static final int MOST_BYTES = 65_507;

    // what the kernel's linux/in.h and linux/udp.h say
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;

    private final Socket socket;

    // the row: its first datagram, released when it has left
    private @Nullable ByteBuf first;
    private @Nullable InetSocketAddress client;
    private int size;
    private int count;

    /** What the system is told to take datagrams apart by; 0 for nothing. */
    private int segment;

    /** Up to which size it can. */
    private int mostJoined = MOST_BYTES;

    EpollReplies(Socket socket) {
        this.socket = socket;
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
                && size > 0
                && size <= mostJoined
                && count < MOST
                && (count + 1) * size <= MOST_BYTES
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
            return count > 1 && takesApart(size) ? sendRow(row, to) : sendEach(row, to);
        } finally {
            row.release();
        }
    }

    /** Has the system take datagrams apart, or not. False if it cannot. */
    private boolean takesApart(int bytes) {
        if (segment == bytes) {
            return true;
        }
        try {
            socket.setIntOpt(SOL_UDP, UDP_SEGMENT, bytes);
            segment = bytes;
            return true;
        } catch (IOException e) {
            mostJoined = 0;
            return false;
        }
    }

    /** Sends what was joined; returns how many datagrams are lost. */
    private int sendRow(ByteBuf row, InetSocketAddress to) {
        try {
            return send(row, 0, count, to) ? 0 : count;
        } catch (IOException e) {
            return sendEach(row, to);
        }
    }

    private int sendEach(ByteBuf row, InetSocketAddress to) {
        // Whatever is not larger than a part is one.
        if (size > segment && segment > 0 && !takesApart(0)) {
            return count;
        }
        int lost = 0;
        for (int i = 0; i < count; i++) {
            lost += sendOne(row, i, to) ? 0 : 1;
        }
        return lost;
    }

    private boolean sendOne(ByteBuf row, int number, InetSocketAddress to) {
        while (true) {
            try {
                return send(row, number, 1, to);
            } catch (IOException e) {
                // Parts of this size are too large for the way, or the device cannot sum them up: then nothing may be,
                // not
                // even what is no part.
                int refused = segment;
                if (refused == 0 || !takesApart(0)) {
                    return false;
                }
                mostJoined = refused - 1;
            }
        }
    }

    private boolean send(ByteBuf row, int from, int datagrams, InetSocketAddress to) throws IOException {
        if (!row.hasMemoryAddress() || size == 0) {
            return EpollDatagrams.send(socket, row, to);
        }
        int begin = row.readerIndex() + from * size;
        return socket.isOpen()
                && socket.sendToAddress(
                                row.memoryAddress(), begin, begin + datagrams * size, to.getAddress(), to.getPort())
                        > 0;
    }
}
