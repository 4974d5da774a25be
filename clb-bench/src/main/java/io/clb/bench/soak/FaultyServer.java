package io.clb.bench.soak;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP echo server on loopback that can be stopped and started, and made to behave badly. */
final class FaultyServer implements AutoCloseable {

    /** What it does with a connection. */
    enum Mode {
        ECHO,
        /** Resets it as soon as something comes. */
        RESET,
        /** Reads all, and says nothing. */
        SILENT
    }

    private static final int BACKLOG = 1_024;

    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket listening;
    private volatile Mode mode = Mode.ECHO;

    /** Serves on a port that nobody else is given. */
    FaultyServer(int port) {
        this.port = port;
        listening = listen(port);
    }

    private ServerSocket listen(int on) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), BACKLOG);
            Threads.start("server", () -> accept(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String id() {
        return "127.0.0.1:" + port;
    }

    void mode(Mode changed) {
        mode = changed;
    }

    /** Listens no more, and resets what is open. */
    void stop() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        resetAll();
    }

    /** Listens again, and behaves. */
    void start() {
        mode = Mode.ECHO;
        if (listening.isClosed()) {
            listening = listen(port);
        }
    }

    void resetAll() {
        open.forEach(FaultyServer::reset);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    private void accept(ServerSocket socket) {
        while (true) {
            try {
                Socket connection = socket.accept();
                open.add(connection);
                Threads.start("connection", () -> serve(connection));
                if (socket.isClosed()) {
                    reset(connection);
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            byte[] buffer = new byte[32 * 1_024];
            OutputStream out = connection.getOutputStream();
            for (int n = connection.getInputStream().read(buffer);
                    n >= 0;
                    n = connection.getInputStream().read(buffer)) {
                if (mode == Mode.RESET) {
                    reset(connection);
                    return;
                }
                if (mode == Mode.ECHO) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // The other side, or this one, has ended it.
        } finally {
            open.remove(connection);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
