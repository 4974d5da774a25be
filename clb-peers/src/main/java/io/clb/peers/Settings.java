package io.clb.peers;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What every proxy is told.
 *
 * @param port the port to listen on; 0: a free one
 * @param server where requests go
 * @param threads I/O threads, at least 1
 * @param accessLog the file to write the library's own access log to; null: no log
 */
record Settings(
        int port,
        InetSocketAddress server,
        int threads,
        @Nullable Path accessLog) {

    /** Where proxies listen. */
    static final String LOOPBACK = "127.0.0.1";

    /** Connections that wait to be accepted, as the peers in {@code clb-bench/peers} have it. */
    static final int BACKLOG = 4096;

    /** Connections to the server for each I/O thread: more than clients of any scenario. */
    static final int CONNECTIONS = 1024;

    /** The value of the field Via. */
    static final String VIA = "1.1 clb";

    /** How long an unused connection to the server is kept, in milliseconds; as long as HAProxy's in {@code clb-bench/peers}. */
    static final int IDLE_MILLIS = 900_000;
}
