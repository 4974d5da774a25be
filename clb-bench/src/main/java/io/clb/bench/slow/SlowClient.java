package io.clb.bench.slow;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client that is as slow as the balancer's default settings let it be, and comes again when its connection ends. Confined to its {@link Crowd}. */
final class SlowClient {

    /** What it is slow at. */
    enum Kind {
        /** Sends a head byte by byte, within {@code headTimeout}, and again when it was answered. */
        HEAD(200),
        /** Sends a body without end, 600 bytes a second, where {@code minDataRate} is 500. */
        BODY(500),
        /** Reads a response, 600 bytes a second. */
        RESPONSE(1_000),
        /** Keeps its connection with a request now and then, within {@code idleTimeout}. */
        IDLE(10_000);

        private final long pauseNanos;

        Kind(long pauseMillis) {
            this.pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        }
    }

    private static final byte[] GET = bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    private static final byte[] GET_LARGE = bytes("GET " + Backend.LARGE + " HTTP/1.1\r\nHost: a\r\n\r\n");
    private static final byte[] POST = bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
    private static final byte[] DRIP = new byte[300];
    private static final int SIP = 600;
    private static final int RECEIVE_BUFFER = 4_096;

    private final Kind kind;
    private final String from;
    private final InetSocketAddress to;
    private final ByteBuffer in;
    private @Nullable SocketChannel channel;
    private int sent;
    private long received;

    SlowClient(Kind kind, String from, InetSocketAddress to) {
        this.kind = kind;
        this.from = from;
        this.to = to;
        this.in = ByteBuffer.allocate(kind == Kind.RESPONSE ? SIP : 1_024);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    long pauseNanos() {
        return kind.pauseNanos;
    }

    void connect() throws IOException {
        SocketChannel opened = SocketChannel.open();
        channel = opened;
        if (kind == Kind.RESPONSE) {
            opened.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        }
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        opened.bind(new InetSocketAddress(from, 0)).connect(to);
        opened.configureBlocking(false);
        sent = 0;
        received = 0;
    }

    /**
     * Does the next bit.
     *
     * @return false if the balancer has ended the connection
     */
    boolean step() throws IOException {
        SocketChannel open = channel;
        if (open == null) {
            return false;
        }
        int read = open.read(in.clear());
        if (read < 0) {
            return false;
        }
        received += read;
        switch (kind) {
            case HEAD -> dripHead(open);
            case BODY -> write(open, sent == 0 ? POST : DRIP);
            case RESPONSE -> {
                if (sent == 0 || received >= Backend.LARGE_BYTES) {
                    received = 0;
                    write(open, GET_LARGE);
                }
            }
            case IDLE -> write(open, GET);
        }
        return true;
    }

    private void dripHead(SocketChannel open) throws IOException {
        if (sent == GET.length && received > 0) {
            sent = 0;
            received = 0;
        }
        if (sent < GET.length) {
            sent += open.write(ByteBuffer.wrap(GET, sent, 1));
        }
    }

    private void write(SocketChannel open, byte[] bytes) throws IOException {
        sent += open.write(ByteBuffer.wrap(bytes));
    }

    void close() throws IOException {
        SocketChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
