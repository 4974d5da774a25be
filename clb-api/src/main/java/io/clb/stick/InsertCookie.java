package io.clb.stick;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.SessionSticker;
import io.clb.spi.SessionStickerFactory;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stickiness by a cookie that the balancer adds, with its settings. Immutable; the ranges are checked when the configuration is built.
 *
 * <p>The first response carries {@code Set-Cookie: SERVERID=<value>; Path=/; HttpOnly; Max-Age=<seconds>} (RFC 6265); a later one does only if
 * the request did not carry that value, so {@code Max-Age} counts from the first. A client whose server is gone, down, draining or of weight 0
 * is scheduled anew and gets a new cookie.
 *
 * <p>The value is the first 16 bytes of HMAC-SHA-256 (RFC 2104) of {@code group + '\n' + host:port}, in base64url without padding (RFC 4648 5):
 * 22 characters. That MAC is name and signature at once. It names a server, as each has another one: the balancer knows its servers, computes
 * all their values beforehand, and finds the server by looking the value up. It is a signature, as nobody makes a valid value without the key. And
 * it tells nothing of the server: neither its address nor its place in the group, so it stays right when other servers come and go.
 *
 * <p>The key is random unless {@linkplain #stickyKeys(List) keys are set}: made once for this object, kept through updates and changes of health,
 * and lost when the process ends. Several nodes agree on a client's server if they have the same keys and the same name of the group.
 */
public final class InsertCookie implements SessionStickerFactory {

    /** The cookie's name unless {@link #cookieName(String)} says otherwise. */
    public static final String DEFAULT_NAME = "SERVERID";

    private final Duration maxAge;
    private final String name;
    private final StickyKeys keys;
    private final boolean productStatuses;

    InsertCookie(Duration maxAge, String name, StickyKeys keys, boolean productStatuses) {
        this.maxAge = requireNonNull(maxAge, "maxAge");
        this.name = name;
        this.keys = keys;
        this.productStatuses = productStatuses;
    }

    /**
     * Returns how long a client keeps the cookie.
     *
     * @return the time from the first response
     */
    public Duration maxAge() {
        return maxAge;
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
     * Returns the same stickiness with another name for the cookie. Browsers keep what is named {@code __Secure-} or {@code __Host-} over HTTPS only.
     *
     * @param cookieName a token (RFC 6265 4.1.1) of 1 to 200 characters that does not start with {@code $}
     * @return the new setting
     */
    public InsertCookie cookieName(String cookieName) {
        return new InsertCookie(maxAge, requireNonNull(cookieName, "cookieName"), keys, productStatuses);
    }

    /**
     * Returns the same stickiness with keys that outlive the process and that other nodes have too. The first signs, all verify: to change the key,
     * put the new one behind the old one on all nodes, then before it, and take the old one away when {@link #maxAge()} has passed. A client
     * with a cookie by a key that is not the first gets a new one with its next response.
     *
     * @param keys 1 to 16 keys of 16 to 64 bytes each, from a good source of randomness
     * @return the new setting
     */
    public InsertCookie stickyKeys(List<byte[]> keys) {
        return new InsertCookie(maxAge, name, StickyKeys.of(requireNonNull(keys, "keys")), productStatuses);
    }

    /**
     * Returns the same stickiness with the product's ways about two kinds of responses, by which its clients lose their server: one of 400 to 499 sets no cookie, and a 302 sets one that names
     * no server, so that the next request is scheduled anew.
     *
     * @param on false, which it is unless set, for the same cookie with every status
     * @return the new setting
     */
    public InsertCookie productStatuses(boolean on) {
        return new InsertCookie(maxAge, name, keys, on);
    }

    /**
     * Tells about {@link #productStatuses(boolean)}.
     *
     * @return false unless set
     */
    public boolean hasProductStatuses() {
        return productStatuses;
    }

    @Override
    public SessionSticker create(GroupView eligible, @Nullable SessionSticker previous) {
        requireNonNull(eligible, "eligible");
        // Random keys count as equal, and clients have values by the one that was used first.
        StickyKeys inForce =
                previous instanceof InsertCookieSticker before && before.keys().equals(keys) ? before.keys() : keys;
        return new InsertCookieSticker(name, maxAge.toSeconds(), inForce, productStatuses, eligible);
    }

    @Override
    public boolean needsHttp() {
        return true;
    }

    /** Equal by age, name and keys. Where keys were not set they count as equal, so that a configuration written anew keeps its clients. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof InsertCookie that
                && maxAge.equals(that.maxAge)
                && name.equals(that.name)
                && keys.equals(that.keys)
                && productStatuses == that.productStatuses;
    }

    @Override
    public int hashCode() {
        return Objects.hash(maxAge, name, keys, productStatuses);
    }

    @Override
    public String toString() {
        return "insertCookie(" + maxAge + ", name " + name + ", " + keys + ")";
    }
}
