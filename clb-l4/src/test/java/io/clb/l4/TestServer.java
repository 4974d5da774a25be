package io.clb.l4;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that does with each connection what the test says, on a thread of its own. */
public final class TestServer implements AutoCloseable {

    /** What to do with a connection; it is closed when this returns. */
    @FunctionalInterface
    public interface Script {
        /** Runs on a thread of the connection's own. */
        void serve(Socket socket) throws IOException;
    }

    private final ServerSocket listening;
    private final Script script;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Thread accepting;

    private TestServer(InetSocketAddress address, Script script) throws IOException {
        this.script = script;
        this.listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(address, 4096);
        accepting = start("accept", this::accept);
    }

    /** Serves with a script. */
    public static TestServer of(Script script) {
        return on(0, script);
    }

    /** Serves with a script on a port that was free a moment ago, to come back after {@link #close}. */
    public static TestServer on(int port, Script script) {
        return at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), script);
    }

    /** Serves with a script on one of the addresses of loopback. */
    static TestServer at(InetSocketAddress address, Script script) {
        try {
            return new TestServer(address, script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends back what comes, until FIN. */
    public static TestServer echo() {
        return of(TestServer::echo);
    }

    /** The script of an echo server. */
    public static void echo(Socket socket) throws IOException {
        socket.getInputStream().transferTo(socket.getOutputStream());
    }

    /** Says its own id, then waits for the client's FIN. */
    public static TestServer named() {
        return of(TestServer::sayName);
    }

    /** The script of a server that says its id. */
    public static void sayName(Socket socket) throws IOException {
        socket.getOutputStream()
                .write(("127.0.0.1:" + socket.getLocalPort() + "\n")
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                if (listening.isClosed()) {
                    // It came between the call of close and the end of this accept.
                    reset(socket);
                    return;
                }
                accepted.incrementAndGet();
                open.add(socket);
                start("connection", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            script.serve(socket);
        } catch (IOException e) {
            // The other side, or close(), ended it: that is what many tests are about.
        } finally {
            open.remove(socket);
        }
    }

    private static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, "server-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** The id that a balancer knows this server by. */
    public String id() {
        return "127.0.0.1:" + port();
    }

    /** The port. */
    public int port() {
        return listening.getLocalPort();
    }

    /** How many connections came, probes included. */
    public int accepted() {
        return accepted.get();
    }

    /** How many connections are open. */
    public int open() {
        return open.size();
    }

    /** Resets every connection that is open now: not those that come in the place of one that was reset. */
    public void resetAll() {
        List.copyOf(open).forEach(TestServer::reset);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It was closed already.
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Goes away, as in the middle of a test: nothing listens any more, and what is open is reset. */
    public void stop() {
        try {
            listening.close();
            accepting.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        resetAll();
    }
}
