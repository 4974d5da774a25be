package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Sends through one datagram socket rows of datagrams, which are of one size and stand behind one another in memory, by one call each, which the system takes apart
 * again (UDP_SEGMENT, "generic segmentation offload"): in bursts that takes less time (docs/benchmarks.md, "TCP and UDP"). Where the system refuses it, they are sent one by
 * one. Confined to the loop of its socket.
 */
final class UdpSegments {

    /** In a row: what the system allows, by number and by length. */
    static final int MOST = 64;

    static final int MOST_BYTES = 65_507;

    // what the kernel's linux/in.h and linux/udp.h say
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;

    private final Socket socket;

    /** What the system is told to take datagrams apart by; 0 for nothing. */
    private int segment;

    /** Up to which size it can. */
    private int mostJoined = MOST_BYTES;

    UdpSegments(Socket socket) {
        this.socket = socket;
    }

    /** Whether one more goes on behind a row: false if the row is full, or nothing of that size is to be joined. */
    boolean takesMore(int count, int size) {
        return size > 0 && size <= mostJoined && count < MOST && (count + 1) * size <= MOST_BYTES;
    }

    /**
     * Sends as many as it can.
     *
     * @param row those, and before them those that were sent already; its indices stay
     * @param from how many were
     * @param count how many there are, with those
     * @param size of each, in bytes
     * @param to for whom; null on a connected socket
     * @return how many were sent; 0 if there is no room for more
     * @throws IOException if the system refuses the first of them; or it tells thereby what became of an earlier one
     */
    int send(ByteBuf row, int from, int count, int size, @Nullable InetSocketAddress to) throws IOException {
        if (count - from > 1 && size <= mostJoined && takesApart(size)) {
            try {
                return write(row, from, count, size, to) ? count - from : 0;
            } catch (IOException e) {
                if (Failures.isRefused(e)) {
                    throw e;
                }
            }
        }
        return sendOne(row, from, size, to);
    }

    private int sendOne(ByteBuf row, int number, int size, @Nullable InetSocketAddress to) throws IOException {
        // Whatever is not larger than a part is one.
        if (size > segment && segment > 0 && !takesApart(0)) {
            return 0;
        }
        while (true) {
            try {
                return write(row, number, number + 1, size, to) ? 1 : 0;
            } catch (IOException e) {
                // Parts of this size are too large for the way, or the device cannot sum them up. Then it may refuse
                // even what is no part.
                int refused = segment;
                if (refused == 0 || Failures.isRefused(e) || !takesApart(0)) {
                    throw e;
                }
                mostJoined = refused - 1;
            }
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

    private boolean write(ByteBuf row, int from, int end, int size, @Nullable InetSocketAddress to) throws IOException {
        if (!row.hasMemoryAddress() || size == 0) {
            return to == null ? EpollDatagrams.send(socket, row) : EpollDatagrams.send(socket, row, to);
        }
        if (!socket.isOpen()) {
            return false;
        }
        long memory = row.memoryAddress();
        int first = row.readerIndex() + from * size;
        int last = row.readerIndex() + end * size;
        return to == null
                ? socket.writeAddress(memory, first, last) > 0
                : socket.sendToAddress(memory, first, last, to.getAddress(), to.getPort()) > 0;
    }
}
