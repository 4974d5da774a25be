package io.clb;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A host and a port, as in {@code 10.0.0.1:8080}, {@code db.internal:5432} or {@code [2001:db8::1]:80}; without a port it is the one that a client reached.
 *
 * @param host a name or an address literal, without brackets
 * @param port 1 to 65535; 0 for the port that the client reached
 */
public record HostPort(String host, int port) {

    static final String EXPECTATION =
            "host:port with a port of 1 to 65535, or host for the port that the client reached; an IPv6 literal in brackets";

    private static final int MAX_PORT = 65_535;
    private static final int MAX_HOST_LENGTH = 255;

    /**
     * Makes the pair; one address has one spelling (RFC 5952), and names are in lower case.
     *
     * @param host a name or an address literal, without brackets
     * @param port 1 to 65535; 0 for the port that the client reached
     */
    public HostPort {
        requireNonNull(host, "host");
        host = IpLiteral.isLiteral(host) ? IpLiteral.canonical(host) : host.toLowerCase(Locale.ROOT);
    }

    /** Returns what the text says, or null if it is not such a pair. */
    static @Nullable HostPort parse(String text) {
        boolean portless = text.indexOf(':') < 0 || text.endsWith("]");
        int colon = portless ? text.length() : text.lastIndexOf(':');
        int port = portless ? 0 : port(text.substring(colon + 1));
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        boolean sound = bracketed ? IpLiteral.isIpv6(host) : IpLiteral.isIpv4(host) || isName(host);
        return sound && (port > 0 || portless) ? new HostPort(host, port) : null;
    }

    private static int port(String digits) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(HostPort::isDigit)) {
            return -1;
        }
        int port = Integer.parseInt(digits);
        return port <= MAX_PORT ? port : -1;
    }

    /** A host name: labels of letters, digits, hyphens and underscores, the last one not all digits. */
    static boolean isName(String host) {
        if (host.isEmpty() || host.length() > MAX_HOST_LENGTH) {
            return false;
        }
        String[] labels = host.split("\\.", -1);
        for (String label : labels) {
            if (label.isEmpty() || label.length() > 63 || !label.chars().allMatch(HostPort::isNameCharacter)) {
                return false;
            }
        }
        return !labels[labels.length - 1].chars().allMatch(HostPort::isDigit);
    }

    private static boolean isNameCharacter(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /**
     * Tells whether the host is an address rather than a name.
     *
     * @return true for an IPv4 or IPv6 literal
     */
    public boolean isLiteral() {
        return IpLiteral.isLiteral(host);
    }

    /**
     * Tells whether there is a port.
     *
     * @return false for the one that the client reached
     */
    public boolean hasPort() {
        return port > 0;
    }

    @Override
    public String toString() {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return hasPort() ? shown + ":" + port : shown;
    }
}
