package io.clb.spi;

/** How one server fared with one flow: what a scheduler learns when the flow leaves it. */
public enum Outcome {
    /** The flow ran and ended in order, or was ended by the client or by the balancer through no fault of the server's. */
    SUCCESS,
    /** The server refused the connection, or could not be reached. */
    CONNECT_FAILED,
    /** The server did not take the connection, or did not answer, in time. */
    TIMED_OUT,
    /** The server broke off what it had begun. */
    RESET
}
