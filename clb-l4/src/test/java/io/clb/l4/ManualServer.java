package io.clb.l4;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server on loopback that accepts when the test says so, and leaves the connection to it. */
final class ManualServer implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final ServerSocket listening = new ServerSocket();

    ManualServer() throws IOException {
        listening.setSoTimeout(TIMEOUT_MILLIS);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    }

    String id() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    /** Accepts the next connection, and shows it from the server's side. */
    Client accept() throws IOException {
        Socket socket = listening.accept();
        return Client.on(socket);
    }

    /** Listens no more. */
    void stop() throws IOException {
        listening.close();
    }

    @Override
    public void close() throws IOException {
        stop();
    }
}
