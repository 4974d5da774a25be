package io.clb.spi;

import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link SessionSticker} whenever the servers of a pool change.
 *
 * <p>Give an instance to a listener ({@code .sticky(myFactory)}), or offer it by name: list the class in
 * {@code META-INF/services/io.clb.spi.SessionStickerFactory} (and {@code provides} in a module), give it a {@link #name()}, and
 * {@code Extensions.sticker("...")} finds it. What was remembered goes on under an equal factory only: one that is found anew with each change of the
 * configuration needs {@code equals}.
 *
 * <p>To test one, extend {@code io.clb.contract.SessionStickerContract} of the clb-api test-jar.
 */
@FunctionalInterface
public interface SessionStickerFactory {

    /**
     * Returns the name that {@code Extensions.sticker} finds this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

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
