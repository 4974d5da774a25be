package io.clb.stick;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.SessionSticker;
import io.clb.spi.SessionStickerFactory;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stickiness by a cookie of the servers' own, such as {@code JSESSIONID}. Immutable; the ranges are checked when the configuration is built.
 *
 * <p>Where a server sets that cookie, the client gets it with a mark before its value: {@code JSESSIONID=<mark>~abc}. Where the client sends it back, the mark leads to the server, which sees {@code
 * JSESSIONID=abc}. How long the client keeps it, and for which paths, is the server's word. A client without the cookie is scheduled; so is one whose server is gone, down, draining or of weight
 * 0, until a server sets the cookie anew.
 *
 * <p>The mark is the value of {@link InsertCookie}: it names the server, is signed, and tells nothing of it.
 */
public final class RewriteCookie implements SessionStickerFactory {

    private final String name;
    private final StickyKeys keys;

    RewriteCookie(String name, StickyKeys keys) {
        this.name = requireNonNull(name, "name");
        this.keys = keys;
    }

    /**
     * Returns the cookie's name.
     *
     * @return the name
     */
    public String cookieName() {
        return name;
    }

    /**
     * Returns how long the keys are, the one that signs first. The keys themselves are not given out.
     *
     * @return bytes of each; 32 for the random one
     */
    public List<Integer> stickyKeyLengths() {
        return keys.lengths();
    }

    /**
     * Tells whether {@link #stickyKeys(List)} was called: without, no other balancer knows the key.
     *
     * @return false with a random key
     */
    public boolean hasStickyKeys() {
        return !keys.areRandom();
    }

    /**
     * Returns the same stickiness with keys that outlive the process and that other nodes have too, see {@link InsertCookie#stickyKeys(List)}.
     *
     * @param keys 1 to 16 keys of 16 to 64 bytes each, from a good source of randomness
     * @return the new setting
     */
    public RewriteCookie stickyKeys(List<byte[]> keys) {
        return new RewriteCookie(name, StickyKeys.of(requireNonNull(keys, "keys")));
    }

    @Override
    public SessionSticker create(GroupView eligible, @Nullable SessionSticker previous) {
        requireNonNull(eligible, "eligible");
        // Random keys count as equal, and clients have marks by the one that was used first.
        StickyKeys inForce =
                previous instanceof RewriteCookieSticker before && before.keys().equals(keys) ? before.keys() : keys;
        return new RewriteCookieSticker(name, inForce, eligible);
    }

    @Override
    public boolean needsHttp() {
        return true;
    }

    /** Equal by name and keys. Where keys were not set they count as equal, so that a configuration written anew keeps its clients. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RewriteCookie that && name.equals(that.name) && keys.equals(that.keys);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, keys);
    }

    @Override
    public String toString() {
        return "rewriteCookie(" + name + ", " + keys + ")";
    }
}
