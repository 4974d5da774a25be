package io.clb;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a listener makes of the PROXY protocol's header, in which a proxy before this one says who the client is: {@code
 * l.proxyProtocolIn(ProxyProtocol.required("10.0.0.0/8"))}. Versions 1 and 2 are told apart by themselves. Immutable; each setter returns a copy.
 *
 * <p>A header is believed if the connection or datagram comes from a trusted address; from all others it is refused. What it says then counts for all
 * that goes by the client's address: access lists, limits and caps per client, schedulers, stickiness, what servers and observers are told, and whether the fields of an HTTP
 * proxy are believed ({@link ListenerConfig.Builder trustedProxies}). A header of a proxy that
 * speaks for itself ({@code LOCAL}, {@code UNKNOWN}), or of another kind of address, leaves the addresses as they are.
 *
 * <p>On UDP each datagram has a header of version 2, and a proxy needs a port for each of its clients, to tell the answers apart: they carry none.
 *
 * <p>Source: The PROXY protocol, versions 1 and 2 (HAProxy Technologies, 2020).
 */
public final class ProxyProtocol {

    /** The form that a header has. */
    public enum Version {
        /** A line of text, before connections only. */
        V1,
        /** Binary, with room for more than addresses. */
        V2
    }

    /** A text that is no block, and what is expected in its place. */
    private record Malformed(String block, String expected) {}

    private final boolean required;
    private final List<String> trusted;
    private final List<Malformed> malformed = new ArrayList<>();
    private final @Nullable CidrSet set;
    private final Settings settings;

    private ProxyProtocol(boolean required, List<String> trusted, Settings settings) {
        this.required = required;
        this.trusted = List.copyOf(trusted);
        this.set = CidrSet.parse(this.trusted, (block, expected) -> malformed.add(new Malformed(block, expected)));
        this.settings = settings;
    }

    /**
     * Takes connections with a header and without one. A connection is served when its first bytes show which it is, so a client must speak first: for protocols
     * in which the server does, use {@link #required} and a listener of their own for those who come directly.
     *
     * @param trusted addresses of the proxies, or blocks of them, see {@link CidrSet#of}; one at least
     * @return the setting
     */
    public static ProxyProtocol optional(String... trusted) {
        return new ProxyProtocol(false, List.of(requireNonNull(trusted, "trusted")), Settings.DEFAULTS);
    }

    /**
     * Takes connections with a header only, and from trusted addresses only.
     *
     * @param trusted addresses of the proxies, or blocks of them, see {@link CidrSet#of}; one at least, {@code "0.0.0.0/0", "::/0"} for everybody
     * @return the setting
     */
    public static ProxyProtocol required(String... trusted) {
        return new ProxyProtocol(true, List.of(requireNonNull(trusted, "trusted")), Settings.DEFAULTS);
    }

    /**
     * Sets how long a connection may take to send its header, or its first bytes if it has none.
     *
     * @param time 1 s to 60 s, 5 s unless set
     * @return a copy
     */
    public ProxyProtocol timeout(Duration time) {
        return new ProxyProtocol(required, trusted, settings.with(Options.PROXY_TIMEOUT, time));
    }

    /**
     * Tells whether there must be a header.
     *
     * @return false if there may be one
     */
    public boolean isRequired() {
        return required;
    }

    /**
     * Tells whether headers from an address are believed.
     *
     * @param high bits 127 to 64 of the address, as in {@link io.clb.spi.Flow#sourceHigh}
     * @param low bits 63 to 0
     * @return true if it is a proxy's
     */
    public boolean trusts(long high, long low) {
        return set != null && set.contains(high, low);
    }

    /**
     * Returns a setting.
     *
     * @param option an option of {@link Option.Scope#PROXY_PROTOCOL}
     * @param <T> its type
     * @return its value, the default unless set
     */
    public <T extends Comparable<T>> T get(Option<T> option) {
        return settings.get(option);
    }

    void check(String listener, Mistakes mistakes) {
        String where = listener + ": proxyProtocolIn";
        settings.check(where, mistakes);
        if (trusted.isEmpty()) {
            mistakes.add(where, "trusted", "none", "addresses of proxies whose headers are believed, one at least");
        }
        for (Malformed each : malformed) {
            mistakes.add(where, "trusted", each.block, each.expected);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProxyProtocol that
                && required == that.required
                && trusted.equals(that.trusted)
                && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(required, trusted, settings);
    }

    @Override
    public String toString() {
        return (required ? "required from " : "optional from ") + trusted;
    }
}
