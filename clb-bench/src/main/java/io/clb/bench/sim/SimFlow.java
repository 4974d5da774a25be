package io.clb.bench.sim;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Flow;
import io.clb.spi.Server;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request of one client, on a connection of its own. */
final class SimFlow implements Flow {

    private static final long CLIENTS = 0xffff_0a01_0000L;

    private final int loop;
    private final int client;
    private final int port;
    private final long begunNanos;
    private final List<Server> tried = new ArrayList<>(0);
    private @Nullable SimServer server;
    private long pickedNanos;
    private boolean over;

    SimFlow(int loop, int client, int port, long begunNanos) {
        this.loop = loop;
        this.client = client;
        this.port = port;
        this.begunNanos = begunNanos;
    }

    int client() {
        return client;
    }

    long begunNanos() {
        return begunNanos;
    }

    int tries() {
        return tried.size();
    }

    SimServer server() {
        return requireNonNull(server);
    }

    long pickedNanos() {
        return pickedNanos;
    }

    boolean isOver() {
        return over;
    }

    void picked(SimServer to, long nowNanos) {
        server = to;
        pickedNanos = nowNanos;
    }

    void connectFailed() {
        tried.add(server());
    }

    void end() {
        over = true;
    }

    @Override
    public int loop() {
        return loop;
    }

    @Override
    public String listener() {
        return "sim";
    }

    @Override
    public long sourceHigh() {
        return 0;
    }

    @Override
    public long sourceLow() {
        return CLIENTS + client;
    }

    @Override
    public int sourcePort() {
        return port;
    }

    @Override
    public long destinationHigh() {
        return 0;
    }

    @Override
    public long destinationLow() {
        return 0xffff_0a00_0064L;
    }

    @Override
    public int destinationPort() {
        return 80;
    }

    @Override
    public boolean tried(Server candidate) {
        return tried.contains(candidate);
    }
}
