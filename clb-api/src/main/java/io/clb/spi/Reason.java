package io.clb.spi;

import java.util.Locale;

/**
 * Why a flow ended: one closed list for log, counters, events and observers. Each says who, when and why, and names the setting to look at.
 */
public enum Reason {
    /** Both sides closed in order. */
    COMPLETED(Party.NONE, Phase.RELAY, "both sides closed in order", ""),
    /** The listener's access policy refused the client. */
    ACCESS_DENIED(
            Party.BALANCER,
            Phase.ACCEPT,
            "the access policy refused the client's address",
            "see the listener's access(...)"),
    /** The listener is at its cap. */
    MAX_CONNECTIONS(
            Party.BALANCER,
            Phase.ACCEPT,
            "the listener has as many connections as it may",
            "raise the listener's maxConnections, or lower idleTimeout"),
    /** The system could not hand over a new connection, mostly for want of file descriptors. */
    ACCEPT_FAILED(
            Party.BALANCER,
            Phase.ACCEPT,
            "the system could not accept a connection",
            "raise the limit of open files of the process (ulimit -n)"),
    /** Every server of the group fails its checks. */
    ALL_SERVERS_DOWN(
            Party.SERVER,
            Phase.CONNECT,
            "all servers of the group fail their health checks",
            "see each server's reason in the snapshot, and the group's healthCheck"),
    /** There are servers, but none may take new flows. */
    NO_SERVER_AVAILABLE(
            Party.BALANCER,
            Phase.CONNECT,
            "no server may take new flows: weight 0, draining or maintenance, or the group is empty",
            "give a server a weight above 0, or undrain one"),
    /** The server refused the connection: nothing listens there. */
    CONNECT_REFUSED(
            Party.SERVER,
            Phase.CONNECT,
            "the server refused the connection",
            "is the server running, and is its port the configured one?"),
    /** The server did not answer the connect in time. */
    CONNECT_TIMEOUT(
            Party.SERVER,
            Phase.CONNECT,
            "the server did not accept the connection in time",
            "see connectTimeout, the server's backlog and the firewalls on the way"),
    /** The server could not be reached. */
    CONNECT_FAILED(
            Party.SERVER,
            Phase.CONNECT,
            "the server could not be reached",
            "is there a route to the server, and are there free local ports and file descriptors?"),
    /** The server's name has no address. */
    NAME_UNRESOLVED(
            Party.SERVER,
            Phase.CONNECT,
            "the server's name could not be resolved to an address",
            "check the name in the group's server(...), and the resolver of the host"),
    /** The client went away while no server had accepted yet. */
    CLIENT_GONE(Party.CLIENT, Phase.CONNECT, "the client went away before a server accepted", ""),
    /** The client reset the connection. */
    CLIENT_RESET(Party.CLIENT, Phase.RELAY, "the client reset the connection", ""),
    /** The server reset the connection. */
    SERVER_RESET(
            Party.SERVER,
            Phase.RELAY,
            "the server reset the connection",
            "look into the server's own log at this time"),
    /** Nothing moved for the idle timeout. */
    IDLE_TIMEOUT(
            Party.BALANCER,
            Phase.RELAY,
            "no byte came from either side for the idle timeout",
            "raise the listener's idleTimeout, or send keep-alives of the protocol"),
    /** The balancer shut down, and the time to drain was over. */
    SHUTDOWN(
            Party.BALANCER,
            Phase.RELAY,
            "the balancer shut down while the flow was open",
            "give shutdown(...) more time to drain"),
    /** The listener was removed. */
    LISTENER_REMOVED(
            Party.BALANCER,
            Phase.ACCEPT,
            "the listener was removed while the connection was being accepted",
            "see the update that removed the listener"),
    /** A strategy of the application's threw. */
    EXTENSION_FAILED(
            Party.BALANCER,
            Phase.ACCEPT,
            "a scheduler, sticker or access policy of the application threw",
            "see the stack trace in the log, once for each class"),
    /** Something in the balancer went wrong. */
    INTERNAL_ERROR(
            Party.BALANCER,
            Phase.RELAY,
            "an unforeseen error in the balancer",
            "please report it with the stack trace in the log");

    /** Who brought it about. */
    public enum Party {
        /** Nobody: things went their way. */
        NONE,
        /** The client. */
        CLIENT,
        /** The balancer itself. */
        BALANCER,
        /** The server. */
        SERVER
    }

    /** When it happened. */
    public enum Phase {
        /** While the client was let in. */
        ACCEPT,
        /** While a server was looked for and connected to. */
        CONNECT,
        /** While bytes flowed. */
        RELAY
    }

    private final Party party;
    private final Phase phase;
    private final String why;
    private final String hint;
    private final String code;

    Reason(Party party, Phase phase, String why, String hint) {
        this.party = party;
        this.phase = phase;
        this.why = why;
        this.hint = hint;
        this.code = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns who brought it about.
     *
     * @return the party
     */
    public Party party() {
        return party;
    }

    /**
     * Returns when it happened.
     *
     * @return the phase
     */
    public Phase phase() {
        return phase;
    }

    /**
     * Returns why, as a sentence without a full stop.
     *
     * @return the cause
     */
    public String why() {
        return why;
    }

    /**
     * Returns what to look at.
     *
     * @return the hint, empty where nothing is wrong
     */
    public String hint() {
        return hint;
    }

    /**
     * Returns the name for logs and metrics, such as {@code idle-timeout}.
     *
     * @return the code, stable over versions
     */
    public String code() {
        return code;
    }
}
