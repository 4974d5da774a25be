package io.clb;

/** What becomes of {@code X-Forwarded-For}, the field in which proxies tell a server who the client is. What a peer sent that is not trusted is dropped in any case. */
public enum XForwardedFor {
    /** The peer's address is appended to what a trusted peer sent, and stands alone otherwise. */
    APPEND,
    /** Servers get no such field. */
    REMOVE,
    /** Nothing is added; what a trusted peer sent is passed on as it is. */
    OFF
}
