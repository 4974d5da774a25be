package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * What a sticker writes before the values of a cookie that servers set, and takes off again where clients send it back: see {@link SessionSticker#cookiePrefix}. Called on event loops, by many of them at
 * once: no lock, no blocking.
 */
public interface CookiePrefix {

    /**
     * Returns the cookie's name.
     *
     * @return the name, case-sensitive; always the same one
     */
    String cookieName();

    /**
     * Returns what stands before a value that a server sets.
     *
     * @param server the server that answered
     * @return visible ASCII without comma, semicolon and blank; null to leave the value as it is
     */
    @Nullable
    String of(Server server);

    /**
     * Tells what of a value that a client sends was put there.
     *
     * @param value the value, to read during this call only
     * @return how many characters of it; 0 for none
     */
    int length(CharSequence value);
}
