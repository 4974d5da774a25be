package io.clb.contract;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Flow;
import io.clb.spi.Server;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * A flow without a connection: from {@code 192.0.2.1:40000} to {@code 192.0.2.100:80}, on loop 0, nothing tried, unless set otherwise. For
 * one thread at a time.
 */
public class FakeFlow implements Flow {

    private static final long MAPPED = 0xffff_0000_0000L;

    private final Set<Server> tried = Collections.newSetFromMap(new IdentityHashMap<>());
    private int loop;
    private long sourceHigh;
    private long sourceLow = ipv4(192, 0, 2, 1);
    private int sourcePort = 40_000;
    private long destinationHigh;
    private long destinationLow = ipv4(192, 0, 2, 100);
    private int destinationPort = 80;

    /** Makes a flow. */
    public FakeFlow() {}

    /**
     * Writes an IPv4 address as the lower half of an IPv4-mapped one, the upper half being 0.
     *
     * @param a 0 to 255
     * @param b 0 to 255
     * @param c 0 to 255
     * @param d 0 to 255
     * @return bits 63 to 0 of {@code ::ffff:a.b.c.d}
     */
    public static long ipv4(int a, int b, int c, int d) {
        return MAPPED | (long) a << 24 | (long) b << 16 | (long) c << 8 | d;
    }

    /**
     * Sets the loop.
     *
     * @param value 0 or more
     * @return this
     */
    public FakeFlow on(int value) {
        loop = value;
        return this;
    }

    /**
     * Sets the client's address.
     *
     * @param high bits 127 to 64
     * @param low bits 63 to 0
     * @return this
     */
    public FakeFlow from(long high, long low) {
        sourceHigh = high;
        sourceLow = low;
        return this;
    }

    /**
     * Sets the client's port.
     *
     * @param value 0 to 65535
     * @return this
     */
    public FakeFlow fromPort(int value) {
        sourcePort = value;
        return this;
    }

    /**
     * Sets the address and port that the client reached.
     *
     * @param high bits 127 to 64
     * @param low bits 63 to 0
     * @param port 0 to 65535
     * @return this
     */
    public FakeFlow to(long high, long low, int port) {
        destinationHigh = high;
        destinationLow = low;
        destinationPort = port;
        return this;
    }

    /**
     * Lets a try of a server have failed.
     *
     * @param server the server
     * @return this
     */
    public FakeFlow failedOn(Server server) {
        tried.add(requireNonNull(server, "server"));
        return this;
    }

    @Override
    public int loop() {
        return loop;
    }

    @Override
    public String listener() {
        return "fake";
    }

    @Override
    public long sourceHigh() {
        return sourceHigh;
    }

    @Override
    public long sourceLow() {
        return sourceLow;
    }

    @Override
    public int sourcePort() {
        return sourcePort;
    }

    @Override
    public long destinationHigh() {
        return destinationHigh;
    }

    @Override
    public long destinationLow() {
        return destinationLow;
    }

    @Override
    public int destinationPort() {
        return destinationPort;
    }

    @Override
    public boolean tried(Server server) {
        return tried.contains(server);
    }
}
