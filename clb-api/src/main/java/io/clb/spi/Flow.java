package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a flow (a TCP connection, a UDP association, an HTTP request) when it must be judged or given a server.
 *
 * <p>A view, valid only during the call that it is handed to, and only on that call's thread.
 *
 * <p>Addresses are two longs, 128 bits in network order. An IPv4 address stands as IPv4-mapped IPv6 ({@code ::ffff:a.b.c.d}, RFC 4291
 * 2.5.5.2) whichever socket it came through.
 */
public interface Flow {

    /**
     * Returns the event loop that this flow lives on.
     *
     * @return 0 to {@link GroupView#loops()} - 1
     */
    int loop();

    /**
     * Returns the listener that took the flow in.
     *
     * @return the listener's name
     */
    String listener();

    /**
     * Returns the upper half of the client's address.
     *
     * @return bits 127 to 64
     */
    long sourceHigh();

    /**
     * Returns the lower half of the client's address.
     *
     * @return bits 63 to 0
     */
    long sourceLow();

    /**
     * Returns the client's port.
     *
     * @return 0 to 65535
     */
    int sourcePort();

    /**
     * Returns the upper half of the address that the client reached.
     *
     * @return bits 127 to 64
     */
    long destinationHigh();

    /**
     * Returns the lower half of the address that the client reached.
     *
     * @return bits 63 to 0
     */
    long destinationLow();

    /**
     * Returns the port that the client reached.
     *
     * @return 0 to 65535
     */
    int destinationPort();

    /**
     * Tells whether this flow already failed to reach a server. A scheduler must not pick it again for this flow.
     *
     * @param server a server
     * @return true after a failed try
     */
    boolean tried(Server server);

    /**
     * Returns what else the header of the PROXY protocol said that the flow came with.
     *
     * @return the header; null if there was none
     */
    default @Nullable ProxyHeader proxyHeader() {
        return null;
    }
}
