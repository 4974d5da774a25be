package io.clb.l4;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server whose accept queue is full: connects to it neither succeed nor fail. */
public final class HungServer implements AutoCloseable {

    /** What Linux takes into a queue of one, before it drops what comes. */
    private static final int ROOM = 2;

    private final ServerSocket listening = new ServerSocket();
    private final Socket[] fillers = new Socket[ROOM];

    /** Fills its queue. */
    public HungServer() throws IOException {
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        for (int i = 0; i < ROOM; i++) {
            fillers[i] = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
        }
    }

    /** The id that a balancer knows this server by. */
    public String id() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    /** Comes to itself: there is room again for a connect, which the system tries again after a second. */
    public void recover() throws IOException {
        for (int i = 0; i < ROOM; i++) {
            listening.accept().close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket filler : fillers) {
            filler.close();
        }
        listening.close();
    }
}
