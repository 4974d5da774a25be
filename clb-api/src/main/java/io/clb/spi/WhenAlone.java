package io.clb.spi;

/** What a node of a cluster does that hears no other. */
public enum WhenAlone {
    /** Lets through total / (N - 1) of each limit, as in the product. */
    EVEN,
    /** Limits nothing. */
    OPEN,
    /** Lets nothing through but what was saved up: of requests and connections one at most. */
    CLOSED
}
