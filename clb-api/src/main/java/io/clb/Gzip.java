package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which responses of servers are compressed for clients that take gzip (RFC 1952): {@code l.gzip(Gzip.on().minSize(4_096))}. Immutable; each setter returns a copy.
 *
 * <p>Compressed are responses with a status of 200 to 299, 404 or 403 and one of {@link #types(String...)}, to requests of HTTP/1.1 that take gzip; never one that has a coding or a digest already, a part of a
 * whole (206, {@code Content-Range}), or one that is not to be changed ({@code Cache-Control: no-transform}). A strong {@code ETag} becomes a weak one, {@code Accept-Ranges} and trailers are dropped, and
 * responses of those types say {@code Vary: Accept-Encoding} to everybody.
 *
 * <p>What a server sends bit by bit reaches the client bit by bit. A page that shows a secret beside what somebody else chose should not be compressed (the attack called
 * BREACH).
 */
public final class Gzip {

    /** Those that are compressed unless others are set. */
    public static final List<String> DEFAULT_TYPES = List.of(
            "text/html",
            "text/xml",
            "text/plain",
            "text/css",
            "application/javascript",
            "application/x-javascript",
            "application/json",
            "application/rss+xml",
            "application/atom+xml",
            "application/xml");

    private static final Pattern TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]{1,63}/[a-z0-9!#$&^_.+-]{1,63}");

    private final List<String> types;
    private final Settings settings;

    private Gzip(List<String> types, Settings settings) {
        this.types = types;
        this.settings = settings;
    }

    /**
     * Turns it on.
     *
     * @return with the defaults for all
     */
    public static Gzip on() {
        return new Gzip(DEFAULT_TYPES, Settings.DEFAULTS);
    }

    /**
     * Sets from which size on a response is compressed. One that does not say its size is.
     *
     * @param bytes 0 to 1,048,576; 1,024 unless set
     * @return a copy
     */
    public Gzip minSize(int bytes) {
        return new Gzip(types, settings.with(Options.GZIP_MIN_SIZE, bytes));
    }

    /**
     * Sets how much work goes into making it small: 1 is the fastest and 9 the smallest. A text of 54 KB took 7 ns a byte and became 38 % at 1, and 28 ns for 32 % at 9, on the event loop.
     *
     * @param value 1 to 9; 1 unless set
     * @return a copy
     */
    public Gzip level(int value) {
        return new Gzip(types, settings.with(Options.GZIP_LEVEL, value));
    }

    /**
     * Sets which media types are compressed, in place of {@link #DEFAULT_TYPES}.
     *
     * @param mediaTypes types and subtypes in lower case and without parameters, such as {@code image/svg+xml}; one or more
     * @return a copy
     */
    public Gzip types(String... mediaTypes) {
        return new Gzip(List.of(requireNonNull(mediaTypes, "mediaTypes")), settings);
    }

    /**
     * Returns which media types are compressed.
     *
     * @return an unmodifiable list
     */
    public List<String> mediaTypes() {
        return types;
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#GZIP}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    void check(String listener, ListenerConfig.Protocol protocol, Mistakes mistakes) {
        String where = listener + ": gzip";
        settings.check(where, mistakes);
        if (types.isEmpty()) {
            mistakes.add(where, "types", "none", "one media type at least, such as text/html");
        }
        for (String type : types) {
            if (!TYPE.matcher(type).matches()) {
                mistakes.add(
                        where, "types", type, "a media type in lower case and without parameters, such as text/html");
            }
        }
        if (Set.copyOf(types).size() < types.size()) {
            mistakes.add(where, "types", types, "each type once");
        }
        if (protocol != ListenerConfig.Protocol.HTTP) {
            mistakes.add(listener, "gzip", this, "not set: it is for [HTTP] listeners, this one is " + protocol);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Gzip that && types.equals(that.types) && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(types, settings);
    }

    @Override
    public String toString() {
        return "gzip of " + types;
    }
}
