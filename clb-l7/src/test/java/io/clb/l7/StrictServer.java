package io.clb.l7;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A server on loopback that keeps every byte it gets, and reads it as a {@link StrictReader} does: whatever that does not take for a request is a fault of the
 * balancer's. Answers each request with 200.
 */
final class StrictServer implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 10;

    private final Acceptor acceptor = Acceptor.of("strict-server", this::serve);
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> brokenOff = new LinkedBlockingQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    // guarded by this
    private String partial = "";

    StrictServer() {
        acceptor.start();
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return acceptor.id();
    }

    /** Takes the next whole request, byte for byte. */
    String request() throws InterruptedException {
        return next(requests, "no request has come");
    }

    /** Whether there are whole requests that nobody took. */
    boolean hasRequests() {
        return !requests.isEmpty();
    }

    /** Takes what came of the next request that was not whole when its connection ended. */
    String brokenOff() throws InterruptedException {
        return next(brokenOff, "no request was broken off");
    }

    /** Whether there are requests that were broken off and that nobody took. */
    boolean hasBrokenOff() {
        return !brokenOff.isEmpty();
    }

    /** Forgets what came so far. */
    void forget() {
        requests.clear();
        brokenOff.clear();
        faults.clear();
    }

    /** What came and is not a request. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Waits until this much of a request has come, and no more. */
    synchronized void awaitPartial(String expected) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (!partial.equals(expected)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("came: " + partial + "\nexpected: " + expected);
            }
            wait(left);
        }
    }

    private synchronized void partial(String text) {
        partial = text;
        notifyAll();
    }

    private static String next(BlockingQueue<String> queue, String otherwise) throws InterruptedException {
        String next = queue.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError(otherwise);
        }
        return next;
    }

    private void serve(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        serve(socket, new BufferedInputStream(socket.getInputStream()));
    }

    private void serve(Socket socket, InputStream in) throws IOException {
        StrictReader reader = new StrictReader(in) {
            @Override
            void waits() {
                partial(seen());
            }
        };
        try {
            while (true) {
                StrictReader.Request request = reader.next();
                partial("");
                requests.add(request.text());
                String end = request.isOld() ? "Connection: close\r\n\r\n" : "\r\n";
                String body = request.line().startsWith("HEAD ") ? "" : "ok";
                String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + end + body;
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (StrictReader.Fault e) {
            faults.add(e.getMessage() + " in: " + reader.seen());
            in.transferTo(OutputStream.nullOutputStream());
        } finally {
            partial("");
            if (!reader.seen().isEmpty()) {
                brokenOff.add(reader.seen());
            }
        }
    }

    @Override
    public void close() {
        acceptor.close();
    }
}
