package io.clb.bench.nodes;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A client of one listener that asks as often as it is told, and counts what it is let have, by the time at which it had it. */
final class Load {

    /** What is had is counted for times of this length. */
    static final long BIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int SMALL_BUFFER = 16 * 1_024;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** What is counted. */
    enum Kind {
        /** Requests that were answered 200. */
        REQUESTS(BalancerNode.REQUESTS),
        /** Connections from which something came. */
        CONNECTIONS(BalancerNode.CONNECTIONS),
        /** Bits that came over one connection. */
        BITS(BalancerNode.BITS);

        final long total;

        Kind(long total) {
            this.total = total;
        }
    }

    private final Kind kind;
    private final int port;
    private final NavigableMap<Long, Long> had = new ConcurrentSkipListMap<>();

    private volatile double perSecond;
    private volatile boolean over;

    Load(Kind kind, int port) {
        this.kind = kind;
        this.port = port;
        Thread thread = new Thread(this::run, "load-" + kind);
        thread.setDaemon(true);
        thread.start();
    }

    Kind kind() {
        return kind;
    }

    /** From now on so many times the total a second; bits as many as there are, unless it is 0. */
    void want(double totals) {
        perSecond = totals * kind.total;
    }

    void end() {
        over = true;
    }

    /** By bin. */
    NavigableMap<Long, Long> had() {
        return had;
    }

    private void count(long number) {
        had.merge(System.nanoTime() / BIN_NANOS, number, Long::sum);
    }

    private void run() {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofMillis(TIMEOUT_MILLIS))
                .build();
        long last = System.nanoTime();
        double owed = 0;
        while (!over) {
            long now = System.nanoTime();
            // After a pause nothing is made up for: what came meanwhile came to nobody.
            owed = Math.min(owed + perSecond * (now - last) / 1e9, perSecond / 20);
            last = now;
            try {
                if (kind == Kind.BITS && perSecond > 0) {
                    download();
                }
                for (; kind != Kind.BITS && owed >= 1 && !over; owed--) {
                    if (kind == Kind.REQUESTS) {
                        request(http);
                    } else {
                        connect();
                    }
                }
            } catch (IOException e) {
                // Refused, or the node has gone: asked again at its time.
                owed = 0;
            } catch (InterruptedException e) {
                over = true;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void request(HttpClient http) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .timeout(Duration.ofMillis(TIMEOUT_MILLIS))
                .build();
        if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            count(1);
        }
    }

    private void connect() throws IOException {
        try (Socket socket = socket()) {
            // Who is reset has nothing to read.
            if (socket.getInputStream().read() >= 0) {
                count(1);
            }
            socket.setSoLinger(true, 0);
        } catch (java.net.SocketException e) {
            // over the limit
        }
    }

    private void download() throws IOException {
        try (Socket socket = socket()) {
            InputStream in = socket.getInputStream();
            byte[] chunk = new byte[SMALL_BUFFER];
            for (int bytes = in.read(chunk); bytes >= 0 && perSecond > 0 && !over; bytes = in.read(chunk)) {
                count((long) bytes * Byte.SIZE);
            }
            socket.setSoLinger(true, 0);
        }
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }
}
