package io.clb.stick;

import java.time.Duration;
import java.util.List;

/** The catalogue of session stickers. None goes by a name alone in {@code Extensions.sticker}, as each takes a time. */
public final class Stickiness {

    private Stickiness() {}

    /**
     * Source-IP stickiness: the same client address gets the same server, until it had no flow for {@code idle}. The table has
     * {@linkplain SourceIp#capacity(int) a fixed size}; when a set of it is full, the entry used longest ago gives way.
     *
     * @param idle 1 s to 3,600 s in whole seconds
     * @return the sticker's factory
     */
    public static SourceIp sourceIp(Duration idle) {
        return new SourceIp(idle, SourceIp.DEFAULT_CAPACITY);
    }

    /**
     * Stickiness by a cookie that the balancer adds to the first response, {@code SERVERID} unless {@linkplain InsertCookie#cookieName(String) renamed}. HTTP
     * only. Several nodes, and a restarted one, need {@linkplain InsertCookie#stickyKeys(List) keys}.
     *
     * @param maxAge 1 s to 86,400 s in whole seconds: how long the client keeps the cookie, from the first response
     * @return the sticker's factory
     */
    public static InsertCookie insertCookie(Duration maxAge) {
        return new InsertCookie(maxAge, InsertCookie.DEFAULT_NAME, StickyKeys.random(), false);
    }

    /**
     * Stickiness by a cookie that servers set themselves, such as {@code JSESSIONID}: its value is prefixed on the way to the client with a mark that names the server, and stripped of it on the way back. HTTP
     * only. Several nodes, and a restarted one, need {@linkplain RewriteCookie#stickyKeys(List) keys}.
     *
     * @param cookieName a token (RFC 6265 4.1.1) of 1 to 200 characters that does not start with {@code $}
     * @return the sticker's factory
     */
    public static RewriteCookie rewriteCookie(String cookieName) {
        return new RewriteCookie(cookieName, StickyKeys.random());
    }
}
