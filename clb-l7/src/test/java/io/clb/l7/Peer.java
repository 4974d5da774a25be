package io.clb.l7;

import static java.util.Objects.requireNonNull;

import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server that agrees to each WebSocket, keeps what comes and sends what the test says. When the client has ended a connection, it ends it too, unless it is to stay. */
final class Peer implements AutoCloseable {

    private static final int SECONDS = 10;

    private final BlockingQueue<ScriptedServer.Connection> connections = new LinkedBlockingQueue<>();
    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> leave;
    private final ScriptedServer server;

    private Peer(CompletableFuture<Void> leave) {
        this.leave = leave;
        this.server = ScriptedServer.of(connection -> {
            connection.send(Frames.response(connection.head()));
            connections.add(connection);
            connection.record(received);
            leave.join();
        });
    }

    /** One that closes when its client has. */
    static Peer leaving() {
        return new Peer(CompletableFuture.completedFuture(null));
    }

    /** One that goes on when its client has sent all it wants to. */
    static Peer staying() {
        return new Peer(new CompletableFuture<>());
    }

    /** Ends the connections that stay. */
    void leave() {
        leave.complete(null);
    }

    String id() {
        return server.id();
    }

    ScriptedServer server() {
        return server;
    }

    /** Waits for a WebSocket to be opened. */
    ScriptedServer.Connection opened() throws InterruptedException {
        return requireNonNull(connections.poll(SECONDS, TimeUnit.SECONDS), "nobody came");
    }

    /** What came behind handshakes so far, each byte a character. */
    String received() {
        return String.join("", received);
    }

    /** Waits for the end of a connection. */
    ScriptedServer.End end() throws InterruptedException {
        return requireNonNull(server.ends().poll(SECONDS, TimeUnit.SECONDS), "the connection goes on");
    }

    @Override
    public void close() {
        leave();
        server.close();
    }
}
