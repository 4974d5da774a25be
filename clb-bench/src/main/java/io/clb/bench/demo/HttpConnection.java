package io.clb.bench.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A connection that is kept for as long as the other side keeps it: one GET after the other. Then the next GET opens a new one. */
final class HttpConnection {

    private static final String STATUS_LINE = "HTTP/1\\.1 \\d{3} .*";
    private static final int STATUS_START = "HTTP/1.1 ".length();
    private static final int STATUS_END = STATUS_START + 3;

    /**
     * An answer.
     *
     * @param cookie name and value that it says to send from now on, null if it says nothing
     * @param last whether the connection ends with it
     */
    record Response(int status, String body, @Nullable String cookie, boolean last) {

        /** The name of the server that it is from, if it is what it should be: 200, and the path behind that name. */
        String serverOf(String path) throws IOException {
            String end = ": " + path + "\n";
            if (status != 200 || !body.endsWith(end)) {
                throw new IOException("wrong answer: " + status + " " + body.strip());
            }
            return body.substring(0, body.length() - end.length());
        }
    }

    private record Open(Socket socket, BufferedReader in) {}

    private final InetSocketAddress to;
    private @Nullable Open open;
    private @Nullable InetSocketAddress local;
    private int opened;

    HttpConnection(InetSocketAddress to) {
        this.to = to;
    }

    /** The client's end; null if it never connected. */
    @Nullable
    InetSocketAddress local() {
        return local;
    }

    /** How many connections it took so far. */
    int opened() {
        return opened;
    }

    /**
     * Sends a request and reads the response.
     *
     * @param cookie name and value to send; empty for none
     */
    Response get(String path, String cookie) throws IOException {
        boolean keep = false;
        try {
            Open at = open == null ? open() : open;
            String field = cookie.isEmpty() ? "" : "Cookie: " + cookie + "\r\n";
            String request = "GET " + path + " HTTP/1.1\r\nHost: demo\r\n" + field + "\r\n";
            at.socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            Response response = read(at.in);
            keep = !response.last;
            return response;
        } finally {
            if (!keep) {
                close();
            }
        }
    }

    private Open open() throws IOException {
        local = null;
        Socket socket = new Socket();
        try {
            socket.setSoTimeout(Clients.TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(to, Clients.TIMEOUT_MILLIS);
            local = (InetSocketAddress) socket.getLocalSocketAddress();
            opened++;
            Open opening =
                    new Open(socket, new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1)));
            open = opening;
            return opening;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Ends the connection that is open, if there is one. */
    void close() {
        Open ending = open;
        open = null;
        if (ending != null) {
            try {
                ending.socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Response read(BufferedReader in) throws IOException {
        String statusLine = line(in);
        if (!statusLine.matches(STATUS_LINE)) {
            throw new ProtocolException("not a status line: " + statusLine);
        }
        int length = 0;
        String cookie = null;
        boolean last = false;
        for (String field = line(in); !field.isEmpty(); field = line(in)) {
            String[] parts = field.split(": *", 2);
            switch (parts[0].toLowerCase(Locale.ROOT)) {
                case "content-length" -> length = Integer.parseInt(parts[1]);
                case "set-cookie" -> cookie = parts[1].split(";", 2)[0];
                case "connection" -> last = parts[1].equals("close");
                default -> {}
            }
        }
        int status = Integer.parseInt(statusLine.substring(STATUS_START, STATUS_END));
        return new Response(status, body(in, length), cookie, last);
    }

    private static String line(BufferedReader in) throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new EOFException("closed without an answer");
        }
        return line;
    }

    private static String body(BufferedReader in, int length) throws IOException {
        StringBuilder body = new StringBuilder(length);
        while (body.length() < length) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("closed in the middle of an answer");
            }
            body.append((char) next);
        }
        return body.toString();
    }
}
