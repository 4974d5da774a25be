package io.clb.spi;

/** What a node of a cluster does that hears no other. */
public enum WhenAlone {
    /** Lets through total / (N - 1) of each limit, as in the product. */
    EVEN,
    /** Limits nothing. */
    OPEN,
    /** Lets nothing through. */
    CLOSED
}
