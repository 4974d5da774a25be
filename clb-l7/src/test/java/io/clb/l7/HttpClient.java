package io.clb.l7;

import io.clb.LoadBalancer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client on a plain socket that sends what the test says and reads responses by the letter. Reads give up after ten seconds, so that a broken balancer fails a
 * test instead of holding it up.
 */
final class HttpClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;

    /** What came back. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Response(String statusLine, List<String> fields, byte[] body) {

        int status() {
            return Integer.parseInt(statusLine.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
        }

        /** The first value of a field, or null. */
        @Nullable
        String field(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return fields.stream()
                    .filter(field -> field.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(field -> field.substring(start.length()).trim())
                    .findFirst()
                    .orElse(null);
        }

        String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    private HttpClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** Over a connection that there is. */
    static HttpClient on(Socket socket) throws IOException {
        return new HttpClient(socket);
    }

    /** Connects to a listener. */
    static HttpClient to(LoadBalancer lb, String listener) throws IOException {
        return new HttpClient(new Socket(
                InetAddress.getLoopbackAddress(), lb.address(listener).getPort()));
    }

    /** Connects from one of the addresses of loopback. */
    static HttpClient from(String address, LoadBalancer lb, String listener) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        socket.connect(lb.address(listener));
        return new HttpClient(socket);
    }

    /** Connects with a small receive buffer, so that a response soon waits for this client to read. */
    static HttpClient slowTo(LoadBalancer lb, String listener) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(8_192);
        socket.connect(lb.address(listener));
        return new HttpClient(socket);
    }

    /** The socket itself. */
    Socket socket() {
        return socket;
    }

    /** Sends text. */
    HttpClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes. */
    HttpClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends so many bytes, or as many as are taken, on a thread beside the test. */
    CompletableFuture<Void> pour(int bytes) {
        return CompletableFuture.runAsync(() -> {
            byte[] block = new byte[64 * 1_024];
            try {
                for (int sent = 0; sent < bytes; sent += block.length) {
                    socket.getOutputStream().write(block);
                }
            } catch (IOException e) {
                // The other side has had enough.
            }
        });
    }

    /** Sends a GET for a path and reads the response. */
    Response get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: example.org\r\n\r\n").response();
    }

    /** Reads a response to anything but HEAD. */
    Response response() throws IOException {
        return response(false);
    }

    /** Reads a response. */
    Response response(boolean toHead) throws IOException {
        String statusLine = line();
        List<String> fields = new java.util.ArrayList<>();
        for (String field = line(); !field.isEmpty(); field = line()) {
            fields.add(field);
        }
        Response head = new Response(statusLine, List.copyOf(fields), new byte[0]);
        return new Response(statusLine, head.fields(), toHead ? head.body() : body(head));
    }

    private byte[] body(Response head) throws IOException {
        int status = head.status();
        String length = head.field("content-length");
        if (status < 200 || status == 204 || status == 304) {
            return new byte[0];
        }
        if ("chunked".equals(head.field("transfer-encoding"))) {
            return chunks();
        }
        return length == null ? in.readAllBytes() : exactly(Integer.parseInt(length));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = size(); size > 0; size = size()) {
            body.writeBytes(exactly(size));
            if (!line().isEmpty()) {
                throw new IOException("a chunk is longer than its size");
            }
        }
        while (!line().isEmpty()) {
            // trailers
        }
        return body.toByteArray();
    }

    private int size() throws IOException {
        String line = line();
        int extension = line.indexOf(';');
        return Integer.parseInt(extension < 0 ? line : line.substring(0, extension), 16);
    }

    /** Reads so many bytes. */
    byte[] exactly(int bytes) throws IOException {
        byte[] body = in.readNBytes(bytes);
        if (body.length < bytes) {
            throw new EOFException("the response ends after " + body.length + " of " + bytes + " bytes");
        }
        return body;
    }

    /** Reads a line without its CRLF. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the response ends in the middle of a line: " + line);
            }
            if (b == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                if (!text.endsWith("\r")) {
                    throw new IOException("a line that ends with LF only: " + text);
                }
                return text.substring(0, text.length() - 1);
            }
            line.write(b);
        }
    }

    /** Reads some bytes, up to a number; -1 at the end. */
    int read(byte[] into) throws IOException {
        return in.read(into);
    }

    /** Reads to the end, and tells how much it was. */
    long rest() throws IOException {
        return in.transferTo(OutputStream.nullOutputStream());
    }

    /** Waits for the end of the connection: true if it is FIN with nothing before it, false if it is RST. */
    boolean endsInOrder() throws IOException {
        try {
            int b = in.read();
            if (b >= 0) {
                throw new IOException("more came: " + (char) b);
            }
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    /** Sends FIN, and goes on reading. */
    HttpClient finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Closes before the end of a test. */
    void leave() throws IOException {
        socket.close();
    }

    /** Sends RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
