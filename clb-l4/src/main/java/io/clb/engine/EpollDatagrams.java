package io.clb.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * One datagram in, one out, by a system call each; none on a closed socket, as the number of its descriptor may be another's by now. Where buffers have no address, their
 * NIO buffers do.
 */
final class EpollDatagrams {

    /** Only its address is read. */
    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(1);

    private EpollDatagrams() {}

    /**
     * Reads a datagram from a connected socket.
     *
     * @param buffer takes it
     * @return false if there is none
     */
    static boolean read(Socket socket, ByteBuf buffer) throws IOException {
        if (!socket.isOpen()) {
            return false;
        }
        int begin = buffer.writerIndex();
        int end = buffer.capacity();
        int bytes;
        if (buffer.hasMemoryAddress()) {
            bytes = socket.readAddress(buffer.memoryAddress(), begin, end);
        } else {
            ByteBuffer nio = buffer.internalNioBuffer(begin, end - begin);
            bytes = socket.read(nio, nio.position(), nio.limit());
        }
        if (bytes == 0) {
            return false;
        }
        // What is the end of a stream elsewhere is an empty datagram here.
        buffer.writerIndex(begin + Math.max(0, bytes));
        return true;
    }

    /** Sends a datagram on a connected socket; false if there is no room for it. */
    static boolean send(Socket socket, ByteBuf datagram) throws IOException {
        if (!socket.isOpen()) {
            return false;
        }
        if (!datagram.isReadable()) {
            socket.send(EMPTY, 0, 0);
            return true;
        }
        if (datagram.hasMemoryAddress()) {
            return socket.writeAddress(datagram.memoryAddress(), datagram.readerIndex(), datagram.writerIndex()) > 0;
        }
        ByteBuffer nio = direct(datagram);
        return socket.write(nio, nio.position(), nio.limit()) > 0;
    }

    /** Sends a datagram to a client; false if there is no room for it. */
    static boolean send(Socket socket, ByteBuf datagram, InetSocketAddress to) throws IOException {
        if (!socket.isOpen()) {
            return false;
        }
        if (!datagram.isReadable()) {
            socket.sendTo(EMPTY, 0, 0, to.getAddress(), to.getPort());
            return true;
        }
        if (datagram.hasMemoryAddress()) {
            return socket.sendToAddress(
                            datagram.memoryAddress(),
                            datagram.readerIndex(),
                            datagram.writerIndex(),
                            to.getAddress(),
                            to.getPort())
                    > 0;
        }
        ByteBuffer nio = direct(datagram);
        return socket.sendTo(nio, nio.position(), nio.limit(), to.getAddress(), to.getPort()) > 0;
    }

    /** What is readable, where the system can read it. */
    static ByteBuffer direct(ByteBuf bytes) {
        ByteBuffer nio = bytes.nioBuffer();
        if (nio.isDirect()) {
            return nio;
        }
        ByteBuffer copy = ByteBuffer.allocateDirect(nio.remaining());
        copy.put(nio).flip();
        return copy;
    }
}
