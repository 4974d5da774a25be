package io.clb.l7;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

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
    private final Acceptor acceptor = Acceptor.of("scripted-server", this::serve);
    private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    private ScriptedServer(Script script) {
        this.script = script;
        acceptor.start();
    }

    /** Serves with a script. */
    static ScriptedServer of(Script script) {
        return new ScriptedServer(script);
    }

    /** Reads each request's head and sends the same bytes back. */
    static ScriptedServer answering(String answer) {
        return of(connection -> connection.answer(answer));
    }

    /** Takes a request, and waits for the end. */
    static ScriptedServer hanging() {
        return of(connection -> {
            connection.head();
            connection.awaitEnd();
        });
    }

    /** Takes a request, and answers without end. */
    static ScriptedServer endless() {
        String block = "x".repeat(64 * 1_024);
        return of(connection -> connection.answer("HTTP/1.1 200 OK\r\n\r\n").sendForEver(block));
    }

    /** Answers requests for {@code /whole}, begins to answer those for {@code /begun} and none of the others, and waits for the end. */
    static ScriptedServer wholeOrBegun() {
        return of(connection -> {
            String head = connection.head();
            while (head.startsWith("GET /whole")) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                head = connection.head();
            }
            if (head.startsWith("GET /begun")) {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
            }
            connection.awaitEnd();
        });
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

    private void serve(Socket socket) throws IOException {
        script.serve(new Connection(socket));
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return acceptor.id();
    }

    /** The port. */
    int port() {
        return acceptor.port();
    }

    /** How many connections came. */
    int accepted() {
        return acceptor.accepted();
    }

    /** How many connections are open. */
    int open() {
        return acceptor.open();
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
        acceptor.close();
    }
}
