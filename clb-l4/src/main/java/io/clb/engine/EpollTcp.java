package io.clb.engine;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What Linux is told and asked about a TCP socket, beyond what Netty has a word for. */
final class EpollTcp {

    // what the kernel's linux/in.h and linux/tcp.h say
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_TCP = 6;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;
    private static final int TCP_INFO = 11;
    private static final int TCP_USER_TIMEOUT = 18;

    /** Where the round trip time stands in tcp_info; what is behind it is not asked for. */
    private static final int RTT_AT = 68;

    private static final int TCP_INFO_BYTES = RTT_AT + Integer.BYTES;

    // written by any loop with what nobody wants; read by nobody
    private static final ByteBuffer UNREAD = ByteBuffer.allocateDirect(1);

    private EpollTcp() {}

    /** Sets a socket's options as its listener wants them. */
    static void prepare(Socket socket, boolean accepted, ListenerPlan plan) throws IOException {
        // Accepted ones have it already.
        if (plan.noDelay() != accepted) {
            socket.setTcpNoDelay(plan.noDelay());
        }
        if (plan.keepAlive()) {
            socket.setKeepAlive(true);
        }
        if (plan.receiveBuffer() > 0) {
            socket.setReceiveBufferSize(plan.receiveBuffer());
        }
        if (plan.sendBuffer() > 0) {
            socket.setSendBufferSize(plan.sendBuffer());
        }
    }

    /** Has a socket come from an address, by a port that is chosen when it connects: so one port serves connections to several servers. */
    static void bind(Socket socket, InetSocketAddress source) throws IOException {
        socket.setIntOpt(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        socket.bind(source);
    }

    /** Has the system give a connection up when the other end acknowledges nothing for a time, while something is on its way. */
    static void giveUpAfter(Socket socket, int millis) throws IOException {
        socket.setIntOpt(IPPROTO_TCP, TCP_USER_TIMEOUT, millis);
    }

    /** How long the way to the other end and back takes; -1 if the socket does not tell any more. */
    static long roundTripMicros(Socket socket) {
        ByteBuffer info = ByteBuffer.allocate(TCP_INFO_BYTES).order(ByteOrder.nativeOrder());
        try {
            socket.getRawOpt(IPPROTO_TCP, TCP_INFO, info);
            return Integer.toUnsignedLong(info.getInt(RTT_AT));
        } catch (IOException e) {
            return -1;
        }
    }

    /** Whether something came that nothing should come over, or it was closed: what it was is lost. */
    static boolean hasStirred(Socket socket) {
        try {
            return socket.recv(UNREAD, 0, 1) != 0;
        } catch (IOException e) {
            return true;
        }
    }
}
