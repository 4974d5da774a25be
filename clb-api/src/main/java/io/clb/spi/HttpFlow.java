package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * An HTTP request, before anything of it was sent to a server. The character sequences are views into the request's own buffer: valid
 * during the call only, to be copied with {@code toString()} if they must live longer.
 *
 * <p>Where a trusted proxy says in {@code X-Forwarded-For} who the client is (the listener's {@code trustedProxies}), that client is the source; its port is
 * 0 unless it is given.
 */
public interface HttpFlow extends Flow {

    /**
     * Returns the method, case as sent.
     *
     * @return the method, such as {@code GET}
     */
    CharSequence method();

    /**
     * Returns the path of the target, undecoded, without the query.
     *
     * @return the path; {@code *} for the asterisk form
     */
    CharSequence path();

    /**
     * Returns the query of the target, undecoded.
     *
     * @return what follows the first {@code ?}, or null without one
     */
    @Nullable
    CharSequence query();

    /**
     * Returns the host that the request is for: the target's if it is in absolute form, the {@code Host} field's otherwise, without the
     * port (RFC 9112 3.3).
     *
     * @return the host, or null in an HTTP/1.0 request that names none
     */
    @Nullable
    CharSequence host();

    /**
     * Returns the first field of a name.
     *
     * @param lowerCaseName the field's name in lower case
     * @return its value without surrounding blanks, or null
     */
    @Nullable
    CharSequence header(String lowerCaseName);

    /**
     * Returns a cookie of the request (RFC 6265 5.4).
     *
     * @param name the cookie's name, case-sensitive
     * @return the first value under that name, or null
     */
    @Nullable
    CharSequence cookie(String name);
}
