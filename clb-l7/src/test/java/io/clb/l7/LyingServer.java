package io.clb.l7;

import io.clb.l7.ScriptedServer.End;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A server that answers {@code /good} as it should, and all else with what the test says. */
final class LyingServer implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 10;

    private final ScriptedServer server = ScriptedServer.of(this::serve);
    private final Semaphore rest = new Semaphore(0);

    private volatile String first = "";
    private volatile String then = "";
    private volatile boolean waits;
    private volatile boolean ends;

    private void serve(ScriptedServer.Connection connection) throws IOException {
        while (connection.head().startsWith("GET /good ")) {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
        }
        connection.send(first);
        if (waits) {
            rest.acquireUninterruptibly();
        }
        connection.send(then);
        if (!ends) {
            connection.awaitEnd();
        }
    }

    /** What to send next, in one go, and whether to close then. */
    void says(String text, boolean end) {
        first = text;
        then = "";
        waits = false;
        ends = end;
    }

    /** What to send next, and what when the test lets it. */
    void says(String begin, String end, boolean closes) {
        first = begin;
        then = end;
        waits = true;
        ends = closes;
    }

    /** Lets it send the rest. */
    void goOn() {
        rest.release();
    }

    /** Waits until the balancer has closed the connection of an answer. */
    void awaitEnd() throws InterruptedException {
        End end = server.ends().poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (end == null) {
            throw new AssertionError("the connection was not closed");
        }
    }

    /** The id that a balancer knows this server by. */
    String id() {
        return server.id();
    }

    @Override
    public void close() {
        server.close();
    }
}
