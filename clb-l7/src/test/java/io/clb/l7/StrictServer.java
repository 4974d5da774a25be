package io.clb.l7;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server on loopback that keeps every byte it gets, and reads it by the letter of RFC 9112: it knows of no leniency, so whatever it takes for one request is one, and
 * whatever it does not is a fault of the balancer's. Answers each request with 200.
 */
final class StrictServer implements AutoCloseable {

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE =
            Pattern.compile(TOKEN + " (?<target>/[\\x21-\\x7e&&[^#]]*|\\*) HTTP/1\\.(?<minor>[01])");
    private static final Pattern FIELD = Pattern.compile(
            "(?<name>" + TOKEN + "):[ \\t]*"
                    + "(?<value>|[\\x21-\\x7e\\x80-\\xff]|[\\x21-\\x7e\\x80-\\xff][\\x20-\\x7e\\x80-\\xff\\t]*[\\x21-\\x7e\\x80-\\xff])[ \\t]*");
    private static final Pattern CHUNK =
            Pattern.compile("(?<size>[0-9A-Fa-f]{1,15})(;" + TOKEN + "(=" + TOKEN + ")?)*");
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,17}");
    private static final int TIMEOUT_SECONDS = 10;

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> brokenOff = new LinkedBlockingQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    // guarded by this
    private String partial = "";

    StrictServer() {
        try {
            listening = new ServerSocket();
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return "127.0.0.1:" + listening.getLocalPort();
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

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                start("connection", () -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            new Reader(socket).serve();
        } catch (IOException e) {
            // The other side, or close(), ended it.
        } finally {
            open.remove(socket);
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "strict-server-" + name);
        thread.setDaemon(true);
        thread.start();
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

    /** Something that is no request. */
    private static final class Fault extends IOException {

        private static final long serialVersionUID = 1;

        Fault(String message) {
            super(message);
        }
    }

    /** Reads the requests of a connection. */
    private final class Reader {

        private final Socket socket;
        private final InputStream in;
        private final StringBuilder seen = new StringBuilder();

        Reader(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        void serve() throws IOException {
            try {
                while (true) {
                    seen.setLength(0);
                    String answer = request();
                    partial("");
                    requests.add(seen.toString());
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
            } catch (Fault e) {
                faults.add(e.getMessage() + " in: " + seen);
                in.transferTo(OutputStream.nullOutputStream());
            } finally {
                partial("");
                if (seen.length() > 0) {
                    brokenOff.add(seen.toString());
                }
            }
        }

        private String request() throws IOException {
            String first = line();
            var requestLine = REQUEST_LINE.matcher(first);
            if (!requestLine.matches()) {
                throw new Fault("no request line");
            }
            List<String> lengths = new ArrayList<>();
            List<String> codings = new ArrayList<>();
            int hosts = 0;
            for (String line = line(); !line.isEmpty(); line = line()) {
                var field = field(line);
                String name = field.group("name");
                if (name.equalsIgnoreCase("content-length")) {
                    lengths.add(field.group("value"));
                } else if (name.equalsIgnoreCase("transfer-encoding")) {
                    codings.add(field.group("value"));
                } else if (name.equalsIgnoreCase("host")) {
                    hosts++;
                }
            }
            boolean old = requestLine.group("minor").equals("0");
            if (hosts > 1 || (hosts == 0 && !old)) {
                throw new Fault(hosts + " hosts");
            }
            body(lengths, codings, old);
            String end = old ? "Connection: close\r\n\r\n" : "\r\n";
            return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + end + (first.startsWith("HEAD ") ? "" : "ok");
        }

        private void body(List<String> lengths, List<String> codings, boolean old) throws IOException {
            if (lengths.size() + codings.size() > 1 || (old && !codings.isEmpty())) {
                throw new Fault("two ways to frame it");
            }
            if (!lengths.isEmpty()) {
                if (!LENGTH.matcher(lengths.get(0)).matches()) {
                    throw new Fault("no length");
                }
                data(Long.parseLong(lengths.get(0)));
            } else if (!codings.isEmpty()) {
                if (!codings.get(0).equalsIgnoreCase("chunked")) {
                    throw new Fault("an unknown coding");
                }
                chunks();
            }
        }

        private void chunks() throws IOException {
            while (true) {
                var chunk = CHUNK.matcher(line());
                if (!chunk.matches()) {
                    throw new Fault("no size of a chunk");
                }
                long size = Long.parseLong(chunk.group("size"), 16);
                if (size == 0) {
                    break;
                }
                data(size);
                if (!line().isEmpty()) {
                    throw new Fault("more data than the size says");
                }
            }
            for (String line = line(); !line.isEmpty(); line = line()) {
                field(line);
            }
        }

        private Matcher field(String line) throws Fault {
            var field = FIELD.matcher(line);
            if (!field.matches()) {
                throw new Fault("no field");
            }
            return field;
        }

        private void data(long bytes) throws IOException {
            for (long i = 0; i < bytes; i++) {
                next();
            }
        }

        private String line() throws IOException {
            int start = seen.length();
            while (true) {
                char c = next();
                if (c == '\r') {
                    if (next() != '\n') {
                        throw new Fault("CR without LF");
                    }
                    return seen.substring(start, seen.length() - 2);
                }
                if (c == '\n') {
                    throw new Fault("LF without CR");
                }
            }
        }

        private char next() throws IOException {
            if (in.available() == 0) {
                partial(seen.toString());
            }
            int b = in.read();
            if (b < 0) {
                throw new EOFException();
            }
            seen.append((char) b);
            return (char) b;
        }
    }
}
