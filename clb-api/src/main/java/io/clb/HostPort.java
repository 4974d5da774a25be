package io.clb;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A host and a port, as in {@code 10.0.0.1:8080}, {@code db.internal:5432} or {@code [2001:db8::1]:80}.
 *
 * @param host a name or an address literal, without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

    static final String EXPECTATION = "host:port with a port of 1 to 65535, an IPv6 literal in brackets";

    private static final int MAX_PORT = 65_535;
    private static final int MAX_HOST_LENGTH = 255;

    /**
     * Checks the host for null.
     *
     * @param host a name or an address literal, without brackets
     * @param port 1 to 65535
     */
    public HostPort {
        requireNonNull(host, "host");
    }

    /** Returns what the text says, or null if it is not such a pair. */
    static @Nullable HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            return null;
        }
        int port = port(text.substring(colon + 1));
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        boolean sound = bracketed ? isIpv6(host) : isIpv4(host) || isName(host);
        return port > 0 && sound ? new HostPort(host.toLowerCase(java.util.Locale.ROOT), port) : null;
    }

    private static int port(String digits) {
        if (digits.isEmpty() || digits.length() > 5 || !digits.chars().allMatch(HostPort::isDigit)) {
            return -1;
        }
        int port = Integer.parseInt(digits);
        return port <= MAX_PORT ? port : -1;
    }

    /** Four numbers of 0 to 255, without leading zeros, which some systems read as octal (RFC 6943 3.1.1). */
    static boolean isIpv4(String host) {
        String[] parts = host.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (part.isEmpty()
                    || part.length() > 3
                    || (part.length() > 1 && part.charAt(0) == '0')
                    || !part.chars().allMatch(HostPort::isDigit)
                    || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    /** An IPv6 literal (RFC 4291 2.2), without a zone. */
    static boolean isIpv6(String host) {
        if (host.length() < 2
                || !host.chars().allMatch(c -> isHex(c) || c == ':' || c == '.')
                || host.indexOf(':') < 0) {
            return false;
        }
        int gap = host.indexOf("::");
        boolean twoGaps = gap >= 0 && host.indexOf("::", gap + 1) >= 0;
        boolean dotsBeforeGap = gap >= 0 && host.lastIndexOf('.', gap) >= 0;
        if (twoGaps || dotsBeforeGap) {
            return false;
        }
        int groups = gap < 0 ? groups(host) : groups(host.substring(0, gap)) + groups(host.substring(gap + 2));
        return gap < 0 ? groups == 8 : groups >= 0 && groups <= 7;
    }

    /** Counts 16-bit groups; a large negative number if one of them is malformed. */
    private static int groups(String part) {
        if (part.isEmpty()) {
            return 0;
        }
        String[] fields = part.split(":", -1);
        int count = 0;
        for (int i = 0; i < fields.length; i++) {
            if (i == fields.length - 1 && isIpv4(fields[i])) {
                count += 2;
            } else if (fields[i].isEmpty() || fields[i].length() > 4 || fields[i].indexOf('.') >= 0) {
                return -100;
            } else {
                count++;
            }
        }
        return count;
    }

    /** A host name: labels of letters, digits, hyphens and underscores, the last one not all digits. */
    private static boolean isName(String host) {
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

    private static boolean isHex(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    /**
     * Tells whether the host is an address rather than a name.
     *
     * @return true for an IPv4 or IPv6 literal
     */
    public boolean isLiteral() {
        return isIpv4(host) || isIpv6(host);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
