package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * Recalls which server a client was given before. Asked before the scheduler; told of the server that took the flow in the end.
 *
 * <p>Called on event loops, by many of them at once: no lock, no allocation, and whatever it remembers is bounded.
 */
public interface SessionSticker {

    /**
     * Recalls a server.
     *
     * @param flow the flow, to read during this call only
     * @param nowNanos the loop's clock
     * @return a server that may take new flows and that this flow has not tried, or null to let the scheduler pick
     */
    @Nullable
    Server recall(Flow flow, long nowNanos);

    /**
     * Remembers the server that took a flow. Called once the server accepted the connection, for recalled servers too.
     *
     * @param flow the flow, to read during this call only
     * @param server the server
     * @param nowNanos the loop's clock
     */
    void remember(Flow flow, Server server, long nowNanos);

    /**
     * Tells what to have the client remember. Asked for an HTTP request when its server has sent the head of its response; on other protocols never.
     *
     * @param flow the request, to read during this call only
     * @param server the server that answered
     * @param status what it answered, 200 to 599; 101 for a WebSocket
     * @return the value of a {@code Set-Cookie} field (RFC 6265 4.1), visible ASCII and blanks, or null to add none
     */
    default @Nullable String setCookie(HttpFlow flow, Server server, int status) {
        return null;
    }

    /**
     * Tells which cookie of the servers' is to carry what clients remember. Asked for HTTP requests only, on both ways.
     *
     * @return what to write before its values, always the same object; null, unless overridden, for none
     */
    default @Nullable CookiePrefix cookiePrefix() {
        return null;
    }

    /**
     * Tells that a flow whose server was remembered is over, so that idle time can count from here.
     *
     * @param flow the flow, to read during this call only
     * @param server the server
     * @param nowNanos the loop's clock
     */
    default void ended(Flow flow, Server server, long nowNanos) {}

    /**
     * Returns how often something that was remembered gave way to something newer, as there was room for no more: what the snapshot shows. Called on any
     * thread.
     *
     * @return the count, which a successor goes on with; 0 unless overridden
     */
    default long forgotten() {
        return 0;
    }
}
