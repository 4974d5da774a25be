package io.clb.l7;

/**
 * Reads an address out of text, with a port or without one: {@code 192.0.2.1}, {@code 192.0.2.1:80}, {@code 2001:db8::1}, {@code [2001:db8::1]} and {@code
 * [2001:db8::1]:80} (RFC 4291 2.2, without zones). Numbers of IPv4 have no leading zeros, which some read as octal (RFC 6943 3.1.1). Allocates nothing. Confined to one
 * loop.
 */
final class AddressText {

    private static final int GROUPS = 8;
    private static final int GROUP_DIGITS = 4;
    private static final int MAX_PORT = 65_535;
    private static final int PORT_DIGITS = 5;

    /** Bits 63 to 32 of an IPv4-mapped address (RFC 4291 2.5.5.2). */
    private static final long MAPPED = 0xffff_0000_0000L;

    private static final long MALFORMED = -1;

    private final int[] groups = new int[GROUPS];
    private long high;
    private long low;
    private int port;

    /** Bits 127 to 64 of the address that was read last, as {@link io.clb.spi.Flow} has them. */
    long high() {
        return high;
    }

    /** Bits 63 to 0. */
    long low() {
        return low;
    }

    /** Its port; 0 if it had none. */
    int port() {
        return port;
    }

    /**
     * Reads an address. What was read before stays if this is none.
     *
     * @return false if it is none, or the one that stands for no address
     */
    boolean read(byte[] bytes, int start, int end) {
        if (start < end && bytes[start] == '[') {
            int close = indexOf(bytes, ']', start, end);
            boolean withPort = close + 1 < end;
            int read = withPort ? port(bytes, close + 1, end) : 0;
            return close < end && read >= 0 && ipv6(bytes, start + 1, close, read);
        }
        int colon = indexOf(bytes, ':', start, end);
        if (indexOf(bytes, ':', colon + 1, end) < end) {
            return ipv6(bytes, start, end, 0);
        }
        long address = ipv4(bytes, start, colon);
        int read = colon < end ? port(bytes, colon, end) : 0;
        if (address == MALFORMED || read < 0) {
            return false;
        }
        take(0, MAPPED | address, read);
        return true;
    }

    private void take(long upper, long lower, int read) {
        high = upper;
        low = lower;
        port = read;
    }

    private static int indexOf(byte[] bytes, char wanted, int start, int end) {
        int at = start;
        while (at < end && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    /** A colon and a number; -1 if it is none. */
    private static int port(byte[] bytes, int start, int end) {
        if (bytes[start] != ':' || end == start + 1 || end > start + 1 + PORT_DIGITS) {
            return -1;
        }
        int value = 0;
        for (int at = start + 1; at < end; at++) {
            if (!Bytes.isDigit(bytes[at])) {
                return -1;
            }
            value = value * 10 + bytes[at] - '0';
        }
        return value <= MAX_PORT ? value : -1;
    }

    /** Four numbers, as 32 bits. */
    private static long ipv4(byte[] bytes, int start, int end) {
        long address = 0;
        int at = start;
        for (int part = 0; part < 4; part++) {
            if (part > 0 && (at == end || bytes[at++] != '.')) {
                return MALFORMED;
            }
            int first = at;
            int value = 0;
            while (at < end && at < first + 3 && Bytes.isDigit(bytes[at])) {
                value = value * 10 + bytes[at++] - '0';
            }
            if (at == first || value > 0xff || (at > first + 1 && bytes[first] == '0')) {
                return MALFORMED;
            }
            address = address << Byte.SIZE | value;
        }
        return at == end ? address : MALFORMED;
    }

    private boolean ipv6(byte[] bytes, int start, int end, int read) {
        int count = 0;
        int gap = -1;
        int at = start;
        if (at + 1 < end && bytes[at] == ':' && bytes[at + 1] == ':') {
            gap = 0;
            at += 2;
        }
        while (at < end) {
            int stop = at;
            int group = 0;
            while (stop < end && stop < at + GROUP_DIGITS && Bytes.hex(bytes[stop]) >= 0) {
                group = group << 4 | Bytes.hex(bytes[stop++]);
            }
            if (stop < end && bytes[stop] == '.') {
                long last = count <= GROUPS - 2 ? ipv4(bytes, at, end) : MALFORMED;
                if (last == MALFORMED) {
                    return false;
                }
                groups[count++] = (int) (last >>> Short.SIZE);
                groups[count++] = (int) last & 0xffff;
                break;
            }
            if (stop == at || count == GROUPS) {
                return false;
            }
            groups[count++] = group;
            at = stop;
            if (at < end) {
                if (bytes[at++] != ':' || at == end) {
                    return false;
                }
                if (bytes[at] == ':') {
                    if (gap >= 0) {
                        return false;
                    }
                    gap = count;
                    at++;
                }
            }
        }
        if (gap < 0 ? count < GROUPS : count == GROUPS) {
            return false;
        }
        return ipv6(count, gap < 0 ? count : gap, read);
    }

    /** Takes groups that are complete but for zeros in a gap. */
    private boolean ipv6(int count, int gap, int read) {
        long upper = 0;
        long lower = 0;
        for (int i = 0; i < GROUPS; i++) {
            int behind = i - (GROUPS - count);
            int group = i < gap ? groups[i] : behind >= gap ? groups[behind] : 0;
            upper = upper << Short.SIZE | lower >>> (Long.SIZE - Short.SIZE);
            lower = lower << Short.SIZE | group;
        }
        if (upper == 0 && lower == 0) {
            return false;
        }
        take(upper, lower, read);
        return true;
    }
}
