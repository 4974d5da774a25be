package io.clb.l7;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that does with each connection what the test says, on a thread of its own. */
final class ScriptedServer implements AutoCloseable {

    /** What to do with a connection; it is closed with FIN when this returns. */
    @FunctionalInterface
    interface Script {
        /** Runs on a thread of the connection's own. */
        void serve(Connection connection) throws IOException;
    }

    /** How a client ended its connection. */
    enum End {
        FIN,
        RST
    }

    private final Script script;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    private ScriptedServer(Script script) throws IOException {
        this.script = script;
        this.listening = new ServerSocket();
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
        start("accept", this::accept);
    }

    /** Serves with a script. */
    static ScriptedServer of(Script script) {
        try {
            return new ScriptedServer(script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads each request's head and sends the same bytes back. */
    static ScriptedServer answering(String answer) {
        return of(connection -> connection.answer(answer));
    }

    /** One connection of a client. */
    final class Connection {

        private final Socket socket;

        private Connection(Socket socket) {
            this.socket = socket;
        }

        /** Reads the head of a request, and tells what it is. */
        String head() throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int b = in.read();
                if (b < 0) {
                    throw new IOException("closed in the middle of a head: " + head);
                }
                head.append((char) b);
            }
            heads.add(head.toString());
            return head.toString();
        }

        /** Reads so many bytes as text; fewer only at the end. */
        String read(int bytes) throws IOException {
            return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
        }

        /** Sends text. */
        Connection send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        /** Reads the head of a request, and sends text. */
        Connection answer(String text) throws IOException {
            head();
            return send(text);
        }

        /** Sends the same text, again and again, until the client has had enough. */
        void sendForEver(String text) throws IOException {
            try {
                while (true) {
                    send(text);
                }
            } catch (SocketException e) {
                ends.add(End.RST);
            }
        }

        /** Sends back whatever comes, until the client ends the connection. */
        void echo() throws IOException {
            socket.getInputStream().transferTo(socket.getOutputStream());
        }

        /** Keeps whatever comes, until the client ends the connection. */
        void record(Queue<String> into) throws IOException {
            byte[] block = new byte[8_192];
            InputStream in = socket.getInputStream();
            try {
                for (int read = in.read(block); read >= 0; read = in.read(block)) {
                    into.add(new String(block, 0, read, StandardCharsets.ISO_8859_1));
                }
                ends.add(End.FIN);
            } catch (SocketException e) {
                ends.add(End.RST);
            }
        }

        /** Waits until the client ends the connection. */
        void awaitEnd() throws IOException {
            try {
                socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                ends.add(End.FIN);
            } catch (SocketException e) {
                ends.add(End.RST);
            }
        }

        /** Sends FIN, and goes on reading. */
        Connection finish() throws IOException {
            socket.shutdownOutput();
            return this;
        }

        /** Sends RST. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                accepted.incrementAndGet();
                start("connection", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            script.serve(new Connection(socket));
        } catch (IOException e) {
            // The other side, or close(), ended it: that is what many tests are about.
        } finally {
            open.remove(socket);
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "scripted-server-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return "127.0.0.1:" + port();
    }

    /** The port. */
    int port() {
        return listening.getLocalPort();
    }

    /** How many connections came. */
    int accepted() {
        return accepted.get();
    }

    /** How many connections are open. */
    int open() {
        return open.size();
    }

    /** The heads of requests, in the order of their coming, to be taken out. */
    BlockingQueue<String> heads() {
        return heads;
    }

    /** How clients ended connections whose script waited for it, to be taken out. */
    BlockingQueue<End> ends() {
        return ends;
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
