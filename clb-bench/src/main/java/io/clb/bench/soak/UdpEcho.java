package io.clb.bench.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** A UDP echo server on loopback that can be stopped and started. */
final class UdpEcho implements AutoCloseable {

    private static final int LARGEST = 65_507;

    private final int port;
    private volatile DatagramSocket socket;

    /** Serves on a port that nobody else is given. */
    UdpEcho(int port) {
        this.port = port;
        socket = open(port);
    }

    private static DatagramSocket open(int port) {
        try {
            DatagramSocket opened = new DatagramSocket(port, InetAddress.getLoopbackAddress());
            opened.setReceiveBufferSize(1 << 20);
            Threads.start("udp-server", () -> echo(opened));
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void echo(DatagramSocket socket) {
        DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
        while (!socket.isClosed()) {
            try {
                packet.setLength(LARGEST);
                socket.receive(packet);
                socket.send(packet);
            } catch (IOException e) {
                // It was closed, or a client has gone.
            }
        }
    }

    String id() {
        return "127.0.0.1:" + port;
    }

    /** Nobody is on the port from now on. */
    void stop() {
        socket.close();
    }

    void start() {
        if (socket.isClosed()) {
            socket = open(port);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
