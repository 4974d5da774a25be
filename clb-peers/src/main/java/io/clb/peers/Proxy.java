package io.clb.peers;

/** A running reverse proxy on 127.0.0.1. It keeps the JVM alive until it is closed. */
interface Proxy extends AutoCloseable {

    /** The port that it listens on. */
    int port();

    /** Ends it and its connections. */
    @Override
    void close();
}
