package io.clb.bench.demo;

import io.clb.spi.SchedulerFactory;

/** What the scheduler of the TCP connections promises, as far as clients can tell. */
enum Promise {
    /** Each server gets its share of the connections exactly, whatever these do. */
    SHARES,
    /** Each server gets work as it is able to; none is forgotten. */
    SPREAD,
    /** A client address comes back to its server. */
    ADDRESS_RETURNS,
    /** A client's address and port come back to their server. */
    ADDRESS_AND_PORT_RETURN,
    /** Another library's: the demo does not know. */
    UNKNOWN;

    static Promise of(SchedulerFactory scheduler) {
        return switch (scheduler.name()) {
            case "wrr", "rr" -> SHARES;
            case "wlc", "p2c", "ewma" -> SPREAD;
            case "sch" -> ADDRESS_RETURNS;
            case "tch" -> ADDRESS_AND_PORT_RETURN;
            default -> UNKNOWN;
        };
    }

    /** Whether it is a promise to clients that come back. */
    boolean isReturn() {
        return this == ADDRESS_RETURNS || this == ADDRESS_AND_PORT_RETURN;
    }
}
