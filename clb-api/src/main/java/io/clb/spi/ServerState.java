package io.clb.spi;

/** The states of a server. Which of them take new flows: {@link #UP}, and {@link #CHECKING} for servers of the first configuration. */
public enum ServerState {
    /** Fit for traffic: its checks succeed, or it has none. */
    UP,
    /** Unfit: its checks fail. Nothing new goes there; what runs may go on. */
    DOWN,
    /** No verdict yet. */
    CHECKING,
    /** Unfit: it failed several flows in a row. Nothing new goes there for a time; what runs goes on. */
    EJECTED,
    /** Leaving by the operator's word: nothing new goes there, what runs may go on. */
    DRAINING,
    /** Out by the operator's word: nothing new goes there, and checks go on. */
    MAINTENANCE
}
