package io.clb.bench.demo;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** Where connections of a client come from: an address of loopback, with any port or always the same. On the client's thread only. */
final class Source {

    private final @Nullable InetAddress address;
    private final boolean keepsPort;
    private int port;

    /**
     * Describes one.
     *
     * @param address null for whatever the system takes
     * @param keepsPort whether each connection has the port of the first
     */
    Source(@Nullable InetAddress address, boolean keepsPort) {
        this.address = address;
        this.keepsPort = keepsPort;
    }

    /** Makes a socket that will connect from here. */
    Socket open() throws IOException {
        Socket socket = new Socket();
        try {
            if (address != null) {
                bind(socket, address);
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void bind(Socket socket, InetAddress to) throws IOException {
        if (!keepsPort) {
            socket.bind(new InetSocketAddress(to, 0));
            return;
        }
        socket.setReuseAddress(true);
        try {
            socket.bind(new InetSocketAddress(to, port));
        } catch (BindException e) {
            // Somebody listens there now, on all addresses.
            socket.bind(new InetSocketAddress(to, 0));
        }
        port = socket.getLocalPort();
    }

    /** Its port may wait for a while now before it can be used again: the next connection takes another. */
    void failed() {
        port = 0;
    }

    /** What a scheduler that hashes knows it by. */
    String name() {
        String host = address == null ? "any" : address.getHostAddress();
        return keepsPort ? host + ":" + port : host;
    }
}
