package io.clb.bench.slow;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** A client that asks at fixed times over a connection that it keeps, however long answers take, and measures each from the time at which it was to be asked for. */
final class GoodClient implements AutoCloseable {

    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String LENGTH = "content-length: ";
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int DIGITS = 3;

    private final Socket socket;
    private final InputStream in;

    GoodClient(InetSocketAddress to) throws IOException {
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(to, TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Asks for a time.
     *
     * @return how long answers took, in nanoseconds
     * @throws IOException if one is not 200, or none comes within 5 s
     */
    Histogram ask(int perSecond, Duration time) throws IOException {
        Histogram latencies = new Histogram(DIGITS);
        long pause = Duration.ofSeconds(1).toNanos() / perSecond;
        long end = System.nanoTime() + time.toNanos();
        for (long due = System.nanoTime(); due - end < 0; due += pause) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            socket.getOutputStream().write(GET);
            answer();
            latencies.recordValue(System.nanoTime() - due);
        }
        return latencies;
    }

    private void answer() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("closed in place of an answer, after: " + head);
            }
            head.append((char) b);
        }
        String fields = head.toString().toLowerCase(Locale.ROOT);
        int length = fields.indexOf(LENGTH);
        if (!fields.startsWith("http/1.1 200 ") || length < 0) {
            throw new IOException("not a good answer: " + head);
        }
        int from = length + LENGTH.length();
        in.skipNBytes(Long.parseLong(fields.substring(from, fields.indexOf("\r\n", from))));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
