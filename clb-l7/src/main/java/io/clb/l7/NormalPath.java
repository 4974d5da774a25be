package io.clb.l7;

/**
 * The form of a path in which rules are asked for it, after RFC 3986 6.2.2: what needs no escape has none, other escapes are in upper case, and segments {@code .} and
 * {@code ..} are resolved. So a rule for {@code /admin} also takes {@code /x/../%61dmin}, which the server takes for the same. What servers are known to read in
 * different ways has no such form: paths that climb above the root, escapes that are none, NUL, escaped slashes and backslashes unless they are let pass, and segments of dots with
 * parameters, such as {@code ..;x}, that some strip before they look at the dots.
 *
 * <p>Written behind the head that it is a part of, so that nothing is allocated but for heads that fill their array; never longer than the path.
 */
final class NormalPath {

    private static final int ESCAPE = 3;
    private static final int BAD = -1;
    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
    };

    private NormalPath() {}

    /** Writes that of a head's path, which begins with a slash. False if there is none. */
    static boolean write(Head head, Leniency leniency) {
        int start = head.lineStart;
        head.reserve(start + head.pathEnd - head.pathStart);
        int decoded = unescape(head.bytes, head.pathStart, head.pathEnd, start, leniency.escapedSlashes());
        int end = decoded == BAD ? BAD : resolve(head.bytes, start, decoded, leniency.mergedSlashes());
        head.normalStart = start;
        head.normalEnd = end;
        return end != BAD;
    }

    /** Returns where the result ends. */
    private static int unescape(byte[] bytes, int from, int end, int to, boolean escapedSlashes) {
        int out = to;
        for (int at = from; at < end; at++) {
            if (bytes[at] != '%') {
                bytes[out++] = bytes[at];
                continue;
            }
            if (at + ESCAPE > end) {
                return BAD;
            }
            int high = Bytes.hex(bytes[at + 1]);
            int low = Bytes.hex(bytes[at + 2]);
            int value = high << 4 | low;
            if (high < 0 || low < 0 || value == 0 || (!escapedSlashes && (value == '/' || value == '\\'))) {
                return BAD;
            }
            at += ESCAPE - 1;
            if (Bytes.isUnreserved(value)) {
                bytes[out++] = (byte) value;
            } else {
                bytes[out++] = '%';
                bytes[out++] = DIGITS[high];
                bytes[out++] = DIGITS[low];
            }
        }
        return out;
    }

    /** Takes out segments that are dots (RFC 3986 5.2.4) and, if wanted, empty ones, in place. Returns where the result ends. */
    private static int resolve(byte[] bytes, int start, int end, boolean merge) {
        int out = start;
        int next;
        for (int at = start; at < end; at = next) {
            next = segmentEnd(bytes, at + 1, end);
            boolean last = next == end;
            int dots = dots(bytes, at + 1, next);
            if (dots == BAD) {
                return BAD;
            }
            if (dots == 2) {
                if (out == start) {
                    return BAD;
                }
                out = segmentStart(bytes, out);
            }
            if (dots == 0 && !(merge && next == at + 1 && !last)) {
                System.arraycopy(bytes, at, bytes, out, next - at);
                out += next - at;
            } else if (dots > 0 && last) {
                bytes[out++] = '/';
            }
        }
        return out;
    }

    private static int segmentEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] != '/') {
            at++;
        }
        return at;
    }

    /** The slash of the last segment before an end. */
    private static int segmentStart(byte[] bytes, int end) {
        int at = end - 1;
        while (bytes[at] != '/') {
            at--;
        }
        return at;
    }

    /** How many dots a segment consists of, 1 or 2, else 0; {@link #BAD} if parameters follow. */
    private static int dots(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && bytes[at] == '.') {
            at++;
        }
        int dots = at - start;
        if (dots == 0 || dots > 2) {
            return 0;
        }
        return at == end ? dots : bytes[at] == ';' ? BAD : 0;
    }
}
