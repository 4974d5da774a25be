package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * What a flow was, when it is over: the one source of log lines, counters and observers. Reused by its event loop for the next flow: read it
 * during the call that hands it over, and copy what must live longer.
 */
public interface FlowRecord {

    /**
     * Returns the flow with its addresses and its listener.
     *
     * @return the flow
     */
    Flow flow();

    /**
     * Returns the server group that the flow was for: that of the rule that took it, else the listener's.
     *
     * @return the group's name; empty if the flow came to none
     */
    String group();

    /**
     * Returns the server that took the flow.
     *
     * @return the server, or null if none did
     */
    @Nullable
    Server server();

    /**
     * Returns when the flow came in.
     *
     * @return milliseconds since the epoch
     */
    long startMillis();

    /**
     * Returns how long it lasted: from accept to the close of its last side, for an association from its first datagram until it was forgotten, for a request from its first byte to the end of its response.
     *
     * @return nanoseconds
     */
    long durationNanos();

    /**
     * Returns the payload from the client.
     *
     * @return bytes
     */
    long bytesFromClient();

    /**
     * Returns the payload from the server.
     *
     * @return bytes
     */
    long bytesFromServer();

    /**
     * Returns why it ended.
     *
     * @return the reason; {@link Reason#COMPLETED} if both sides closed in order, or the datagrams of an association ceased
     */
    Reason reason();

    /**
     * Returns the status that the client was answered with.
     *
     * @return 100 to 999; 499 if the client went away before; 0 for flows that are not HTTP, and where nothing was answered
     */
    default int status() {
        return 0;
    }

    /**
     * Returns how many servers were tried.
     *
     * @return 0 if no server was asked
     */
    int tries();

    /**
     * Returns a server that was tried.
     *
     * @param index 0 to {@code tries() - 1}, in the order of trying
     * @return the server
     */
    Server triedServer(int index);

    /**
     * Returns how a try ended.
     *
     * @param index 0 to {@code tries() - 1}
     * @return {@link Reason#COMPLETED} for the server that accepted, else why it did not
     */
    Reason triedResult(int index);

    /**
     * Returns how long a try took to connect or to fail.
     *
     * @param index 0 to {@code tries() - 1}
     * @return nanoseconds
     */
    long triedNanos(int index);

    /**
     * Returns the status that a tried server sent.
     *
     * @param index 0 to {@code tries() - 1}
     * @return 100 to 999; 0 if it sent none
     */
    default int triedStatus(int index) {
        java.util.Objects.checkIndex(index, tries());
        return 0;
    }
}
