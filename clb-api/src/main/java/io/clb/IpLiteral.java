package io.clb;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.StringJoiner;

/** Addresses as text, without brackets and zones. */
final class IpLiteral {

    private static final int GROUPS = 8;

    private IpLiteral() {}

    /** IPv4 or IPv6. */
    static boolean isLiteral(String text) {
        return isIpv4(text) || isIpv6(text);
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
                    || !part.chars().allMatch(IpLiteral::isDigit)
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

    /** One spelling for one address: RFC 5952 for IPv6, and IPv4 for what is only mapped into IPv6. */
    static String canonical(String literal) {
        byte[] address;
        try {
            // Never looks a literal up.
            address = InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + literal, e);
        }
        return address.length == 4 ? ipv4(address) : ipv6(address);
    }

    private static String ipv4(byte[] address) {
        StringJoiner text = new StringJoiner(".");
        for (byte part : address) {
            text.add(Integer.toString(Byte.toUnsignedInt(part)));
        }
        return text.toString();
    }

    /** Lower case, no leading zeros, the first of the longest runs of two or more zero groups shortened. */
    private static String ipv6(byte[] address) {
        int[] groups = new int[GROUPS];
        int gap = -1;
        int gapLength = 1;
        int zeros = 0;
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = Byte.toUnsignedInt(address[2 * i]) << 8 | Byte.toUnsignedInt(address[2 * i + 1]);
            zeros = groups[i] == 0 ? zeros + 1 : 0;
            if (zeros > gapLength) {
                gapLength = zeros;
                gap = i + 1 - zeros;
            }
        }
        if (gap < 0) {
            return join(groups, 0, GROUPS);
        }
        return join(groups, 0, gap) + "::" + join(groups, gap + gapLength, GROUPS);
    }

    private static String join(int[] groups, int from, int to) {
        StringJoiner text = new StringJoiner(":");
        for (int i = from; i < to; i++) {
            text.add(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHex(int c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
