package io.clb.contract;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Server;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A server without an engine: its count of active flows is what the test sets. May be used by several threads. */
public final class FakeServer implements Server {

    private final String host;
    private final int port;
    private final int slot;
    private final int weight;
    private final AtomicInteger active = new AtomicInteger();

    private FakeServer(String host, int port, int slot, int weight) {
        this.host = requireNonNull(host, "host");
        this.port = port;
        this.slot = slot;
        this.weight = weight;
    }

    /**
     * Makes a server of weight 100.
     *
     * @param host a name or an address literal without brackets
     * @param port 1 to 65535
     * @param slot 0 to 65535, another for each server of a test
     * @return the server
     */
    public static FakeServer of(String host, int port, int slot) {
        return new FakeServer(host, port, slot, 100);
    }

    /**
     * Returns a server of another weight. It is another server: a weight in force that changes is for {@link FakeGroup#withWeights}.
     *
     * @param value 0 to 100
     * @return the new server, with no active flows
     */
    public FakeServer withWeight(int value) {
        return new FakeServer(host, port, slot, value);
    }

    /**
     * Sets how many flows are on the server.
     *
     * @param flows 0 or more
     * @return this
     */
    public FakeServer active(int flows) {
        active.set(flows);
        return this;
    }

    @Override
    public String id() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return port;
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
