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

    private @Nullable IOException earlier;

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
     * @throws IOException if the system refuses the first of them; or it tells thereby what became of an earlier one, and has sent none
     */
    int send(ByteBuf row, int from, int count, int size, @Nullable InetSocketAddress to) throws IOException {
        int end = count - from > 1 && size <= mostJoined && takesApart(size) ? count : from + 1;
        // Whatever is not larger than a part is one.
        if (end == from + 1 && size > segment && segment > 0 && !takesApart(0)) {
            return 0;
        }
        try {
            return write(row, from, end, size, to);
        } catch (IOException e) {
            if (segment == 0 || Failures.isRefused(e)) {
                throw e;
            }
            return sendAfter(e, row, from, end, size, to);
        }
    }

    /**
     * Finds out why the system did not take what may be in parts: for what became of an earlier one, which it tells once; for the parts, which are too large for the way, or the device
     * cannot sum them up, and then it may refuse even what is no part; or for neither.
     */
    private int sendAfter(IOException told, ByteBuf row, int from, int end, int size, @Nullable InetSocketAddress to)
            throws IOException {
        int parts = segment;
        try {
            int sent = write(row, from, end, size, to);
            earlier = told;
            return sent;
        } catch (IOException e) {
            if (Failures.isRefused(e) || !takesApart(0)) {
                throw e;
            }
        }
        int sent = write(row, from, from + 1, size, to);
        if (sent > 0) {
            mostJoined = parts - 1;
        }
        return sent;
    }

    /** What the system told of an earlier datagram before it took the last ones; null for nothing. Told once. */
    @Nullable
    IOException earlier() {
        IOException told = earlier;
        earlier = null;
        return told;
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

    /** Returns how many the system took: all or none. */
    private int write(ByteBuf row, int from, int end, int size, @Nullable InetSocketAddress to) throws IOException {
        return isWritten(row, from, end, size, to) ? end - from : 0;
    }

    private boolean isWritten(ByteBuf row, int from, int end, int size, @Nullable InetSocketAddress to)
            throws IOException {
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
