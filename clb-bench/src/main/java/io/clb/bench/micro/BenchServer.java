package io.clb.bench.micro;

import io.clb.spi.Server;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that nobody connects to. Its count of flows stands in an object of its own, as in the engine, so that reading it costs what it costs there. */
final class BenchServer implements Server {

    private final String host;
    private final int slot;
    private final int weight;
    private final AtomicInteger active;

    private BenchServer(String host, int slot, int weight, int active) {
        this.host = host;
        this.slot = slot;
        this.weight = weight;
        this.active = new AtomicInteger(active);
    }

    static BenchServer of(int index, int weight, int active) {
        String host = "10." + (index >> 16) + "." + (index >> 8 & 0xff) + "." + (index & 0xff);
        return new BenchServer(host, index, weight, active);
    }

    @Override
    public String id() {
        return host + ":" + port();
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return 80;
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public int weight() {
        return weight;
    }

    @Override
    public int active() {
        return active.get();
    }

    @Override
    public Map<String, String> tags() {
        return Map.of();
    }

    @Override
    public String toString() {
        return id();
    }
}
