package io.clb.l7;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server on a port of its own that can be stopped and started again: it ends in order, as web servers do. It takes no more connections, answers the requests that it has,
 * closes what is idle, and is gone. GET and POST are answered with their path, {@code /health} with 200 or, when it is about to go, with
 * 503, and {@code /warm} when as many such requests as there are to be have come to all servers.
 */
final class RestartingServer implements AutoCloseable {

    /** What becomes of idle connections when it ends. */
    enum Idle {
        /** They are closed at once. */
        CLOSED,
        /** They may be used once more, and are closed with that response, or by the client: its successor does not wait for that. */
        LEFT_TO_THE_CLIENT
    }

    private final int port;
    private final Queue<String> served = new ConcurrentLinkedQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final CountDownLatch warm;
    private volatile boolean fit = true;
    private volatile Run run;

    RestartingServer(CountDownLatch warm) {
        this.warm = warm;
        this.run = new Run(0);
        this.port = run.listening.getLocalPort();
    }

    /** From one start to the end. */
    private final class Run {

        private final ServerSocket listening;
        private final Set<Serving> open = ConcurrentHashMap.newKeySet();
        private final CountDownLatch accepting = new CountDownLatch(1);
        private volatile boolean ending;
        private volatile boolean closing;

        Run(int at) {
            try {
                listening = new ServerSocket();
                listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 1_024);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            start("accept", this::accept);
        }

        private void accept() {
            while (!listening.isClosed()) {
                try {
                    Serving serving = new Serving(this, listening.accept());
                    open.add(serving);
                    start("connection", serving);
                } catch (IOException e) {
                    // It ends.
                }
            }
            accepting.countDown();
        }

        void end(Idle idle) throws Exception {
            listening.close();
            accepting.await();
            // Not before: connections that are closed are made anew, and those that nobody accepts any more are reset.
            closing = idle == Idle.CLOSED;
            ending = true;
            if (closing) {
                for (Serving serving : open) {
                    serving.endIfIdle();
                }
                FaultStage.soon().until(open::isEmpty);
            }
        }
    }

    /** A connection. */
    private final class Serving implements Runnable {

        private final Run run;
        private final Socket socket;

        // guarded by this
        private boolean busy;

        Serving(Run run, Socket socket) {
            this.run = run;
            this.socket = socket;
        }

        @Override
        public void run() {
            try (socket) {
                socket.setTcpNoDelay(true);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                boolean last = false;
                while (!last && begins(in)) {
                    String path = request(in);
                    last = run.ending;
                    answer(path, last);
                    last |= ends();
                }
            } catch (IOException e) {
                // The other side, or end(), ended it.
            } finally {
                run.open.remove(this);
            }
        }

        /** Waits for a request. False if none comes. */
        private boolean begins(InputStream in) throws IOException {
            in.mark(1);
            int first = in.read();
            in.reset();
            synchronized (this) {
                busy = true;
                return first >= 0 && !socket.isClosed();
            }
        }

        /** A request was answered. True if no other is read. */
        private boolean ends() {
            synchronized (this) {
                busy = false;
                return run.closing;
            }
        }

        /** Closes it unless a request has begun, all in one moment. */
        private void endIfIdle() throws IOException {
            synchronized (this) {
                if (!busy) {
                    socket.close();
                }
            }
        }

        private void answer(String path, boolean last) throws IOException {
            String status = path.startsWith("/health") && !fit ? "503 Going" : "200 OK";
            String close = last ? "Connection: close\r\n" : "";
            String response =
                    "HTTP/1.1 " + status + "\r\n" + close + "Content-Length: " + path.length() + "\r\n\r\n" + path;
            socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** Reads a request and tells its path. */
    private String request(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed in the middle of a head");
            }
            head.append((char) b);
        }
        String path = head.toString().split(" ", 3)[1];
        int length = head.indexOf("Content-Length: ");
        if (length > 0) {
            int from = length + "Content-Length: ".length();
            in.readNBytes(Integer.parseInt(head.substring(from, head.indexOf("\r\n", from))));
        }
        if (path.startsWith("/warm")) {
            warm.countDown();
            FaultStage.soon().until(() -> warm.getCount() == 0);
        } else if (!path.startsWith("/health")) {
            served.add(path);
            requests.incrementAndGet();
        }
        return path;
    }

    /** The paths of all requests that it acted on, of each start. */
    Queue<String> served() {
        return served;
    }

    /** How many of those there were. */
    int requests() {
        return requests.get();
    }

    /** Has it tell checks that it is about to go, or is back. */
    void fit(boolean now) {
        fit = now;
    }

    /** Ends in order; when this returns nothing is open, unless it is left to clients. */
    void stop(Idle idle) throws Exception {
        run.end(idle);
    }

    /** Starts again, on its port. */
    void restart() {
        run = new Run(port);
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return "127.0.0.1:" + port;
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "restarting-server-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            run.ending = true;
            run.listening.close();
            for (Serving serving : run.open) {
                serving.socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
