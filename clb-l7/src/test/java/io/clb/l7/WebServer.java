package io.clb.l7;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** An HTTP server on loopback that keeps its connections: each request is answered as the test says, on a thread of its connection's. */
final class WebServer implements AutoCloseable {

    /** A request, whole. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Request(String head, byte[] body) {

        String path() {
            return head.split(" ", 3)[1];
        }

        String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    /** What to answer; null to close the connection. */
    @FunctionalInterface
    interface Answers {
        /** Gives the bytes of a response. */
        byte @org.jspecify.annotations.Nullable [] to(Request request);
    }

    private final Acceptor acceptor = Acceptor.of("web-server", this::serve);
    private final Answers answers;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

    private WebServer(Answers answers) {
        this.answers = answers;
        acceptor.start();
    }

    /** Serves. */
    static WebServer of(Answers answers) {
        return new WebServer(answers);
    }

    /** Answers every request with 200 and a text. */
    static WebServer saying(String text) {
        byte[] answer = ok(text);
        return of(request -> answer);
    }

    /** A response 200 with a text. */
    static byte[] ok(String text) {
        return bytes("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return acceptor.id();
    }

    /** How many connections came so far. */
    int accepted() {
        return acceptor.accepted();
    }

    /** How many connections are open. */
    int open() {
        return acceptor.open();
    }

    /** The requests, in the order of their coming, to be taken out. */
    BlockingQueue<Request> requests() {
        return requests;
    }

    /** Closes the connections that are open, and goes on serving new ones. */
    void hangUp() {
        acceptor.hangUp();
    }

    private void serve(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        while (true) {
            Request request = request(in);
            requests.add(request);
            byte[] answer = answers.to(request);
            if (answer == null) {
                return;
            }
            socket.getOutputStream().write(answer);
        }
    }

    private static Request request(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        String text = "";
        while (!text.endsWith("\r\n\r\n")) {
            head.write(readByte(in));
            text = head.toString(StandardCharsets.ISO_8859_1);
        }
        for (String field : text.split("\r\n", -1)) {
            if (field.toLowerCase(java.util.Locale.ROOT).startsWith("content-length: ")) {
                return new Request(text, in.readNBytes(Integer.parseInt(field.substring("content-length: ".length()))));
            }
            if (field.equalsIgnoreCase("transfer-encoding: chunked")) {
                return new Request(text, chunks(in));
            }
        }
        return new Request(text, new byte[0]);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in).split(";", 2)[0], 16);
            if (size == 0) {
                while (!line(in).isEmpty()) {
                    // trailers
                }
                return body.toByteArray();
            }
            body.writeBytes(in.readNBytes(size));
            line(in);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
            line.append((char) readByte(in));
        }
        return line.substring(0, line.length() - 2);
    }

    private static int readByte(InputStream in) throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new EOFException();
        }
        return b;
    }

    @Override
    public void close() {
        acceptor.close();
    }
}
