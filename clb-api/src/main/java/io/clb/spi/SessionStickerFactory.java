package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link SessionSticker} whenever the servers of a pool change. Give it to a listener: {@code .sticky(myFactory)}.
 */
@FunctionalInterface
public interface SessionStickerFactory {

    /**
     * Builds a sticker. Called off the data path, one call at a time for each pool. A rebuild must keep what the previous one remembers.
     *
     * @param eligible the servers that may take new flows; may be empty
     * @param previous the sticker that this one replaces, built by an equal factory and still in use by other threads; null for the first
     * @return a new sticker, or {@code previous} itself if it fits
     */
    SessionSticker create(GroupView eligible, @Nullable SessionSticker previous);

    /**
     * Tells whether this works on HTTP only, as cookies do. A listener of another protocol refuses it then.
     *
     * @return false for what works on every protocol
     */
    default boolean needsHttp() {
        return false;
    }
}
