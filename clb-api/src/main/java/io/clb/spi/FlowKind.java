package io.clb.spi;

/** What a flow is: what a balancer puts on a server as one whole. */
public enum FlowKind {
    /** A TCP connection, from its accept to its end. */
    CONNECTION,
    /** A UDP association: the datagrams between one client's address and port and one listener, until they cease. */
    ASSOCIATION,
    /** An HTTP request with its response. Requests of one client connection are flows of their own. */
    REQUEST
}
