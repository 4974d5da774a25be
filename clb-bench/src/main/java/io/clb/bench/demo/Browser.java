package io.clb.bench.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A client of web servers that does as browsers do: it keeps its connection, and its cookie. It writes down which server answers. */
final class Browser implements Clients.Client {

    /**
     * An answer by another server than the one before.
     *
     * @param client who was answered
     * @param from the server's name before
     * @param to the server's name now
     * @param atNanos when the client noticed
     */
    record Move(String client, String from, String to, long atNanos) {}

    private final HttpConnection http;
    private final String name;
    private String cookie = "";
    private long count;

    // written by this client; read by any thread
    private final Map<String, Long> answers = new ConcurrentHashMap<>();
    private final Queue<Move> moves = new ConcurrentLinkedQueue<>();
    private volatile int connections;
    private volatile String server = "";

    Browser(InetSocketAddress balancer, int number) {
        this.http = new HttpConnection(balancer);
        this.name = "client-" + number;
    }

    @Override
    public boolean ask() throws IOException {
        String path = "/" + name + "/" + count++;
        HttpConnection.Response response = http.get(path, cookie);
        String by = response.serverOf(path);
        if (response.cookie() != null) {
            cookie = response.cookie();
        }
        connections = http.opened();
        answers.merge(by, 1L, Long::sum);
        if (!server.equals(by)) {
            if (!server.isEmpty()) {
                moves.add(new Move(name, server, by, System.nanoTime()));
            }
            server = by;
        }
        return true;
    }

    /** The name of the server that answered last; empty before the first answer. */
    String server() {
        return server;
    }

    /** How many answers came from a server. */
    long answers(String by) {
        return answers.getOrDefault(by, 0L);
    }

    /** How many connections it opened. */
    int connections() {
        return connections;
    }

    /** How it went from server to server, in order. */
    List<Move> moves() {
        return List.copyOf(moves);
    }

    @Override
    public @Nullable InetSocketAddress local() {
        return http.local();
    }

    @Override
    public void close() {
        http.close();
    }
}
