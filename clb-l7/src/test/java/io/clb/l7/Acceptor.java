package io.clb.l7;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The sockets of a server on loopback: takes connections, and has each served on a thread of its own, until it is closed. */
final class Acceptor implements AutoCloseable {

    /** What a server does with a connection; it is closed with FIN when this returns. */
    @FunctionalInterface
    interface Service {
        /** Runs on a thread of the connection's own. */
        void serve(Socket socket) throws IOException;
    }

    private final String name;
    private final Service service;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    private Acceptor(String name, Service service) throws IOException {
        this.name = name;
        this.service = service;
        this.listening = new ServerSocket();
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
    }

    /**
     * Begins to listen; connections are taken from {@link #start} on.
     *
     * @param name of the server's threads
     */
    static Acceptor of(String name, Service service) {
        try {
            return new Acceptor(name, service);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins to take connections: whatever serves them is ready. */
    void start() {
        run("accept", this::accept);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                accepted.incrementAndGet();
                run("connection", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            service.serve(socket);
        } catch (IOException e) {
            // The other side, or close(), ended it: that is what many tests are about.
        } finally {
            open.remove(socket);
        }
    }

    private void run(String what, Runnable task) {
        Thread thread = new Thread(task, name + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listening.getLocalPort();
    }

    /** The id that a balancer knows the server by. */
    String id() {
        return "127.0.0.1:" + port();
    }

    /** How many connections came so far. */
    int accepted() {
        return accepted.get();
    }

    /** How many connections are open. */
    int open() {
        return open.size();
    }

    /** Closes the connections that are open, and goes on taking new ones. */
    void hangUp() {
        try {
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hangUp();
    }
}
