package io.clb.l7;

import io.clb.spi.Reason;
import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request or a response: its bytes in one flat array, and a table of where what is in it. Filled by a {@link HeadScanner}; all that
 * looks into a message looks into this. Reused for one message after another, confined to one loop.
 */
final class Head {

    /** Room for most heads. Not measured. */
    private static final int BYTES = 1_024;

    private static final int FIELDS = 16;

    /** A head that grew larger than this is not kept for the next message. Not measured. */
    private static final int MAX_KEPT = 4_096;

    private static final long NO_LENGTH = -1;

    byte[] bytes = new byte[BYTES];
    int length;

    // where the scanner stands
    int lineStart;
    boolean firstLineDone;

    @Nullable
    Reason refusal;

    // the first line
    int methodStart;
    int methodEnd;
    int targetStart;
    int targetEnd;
    int pathStart;
    int pathEnd;

    // the path in its normal form: the same bytes, or others behind the head
    int normalStart;
    int normalEnd;
    int firstLineEnd;
    int status;
    int minorVersion;

    // the host that the request is for, port included; equal if there is none
    int authorityStart;
    int authorityEnd;
    boolean authorityInTarget;

    // where the body ends
    long contentLength = NO_LENGTH;
    boolean chunked;

    // what the Connection field says
    boolean close;
    boolean nominates;
    boolean upgrade;
    int connectionBytes;

    int fieldCount;
    private long[] fields = new long[FIELDS];
    private byte[] kinds = new byte[FIELDS];

    /** Forgets everything. */
    void clear() {
        length = 0;
        lineStart = 0;
        firstLineDone = false;
        refusal = null;
        methodStart = 0;
        methodEnd = 0;
        targetStart = 0;
        targetEnd = 0;
        pathStart = 0;
        pathEnd = 0;
        normalStart = 0;
        normalEnd = 0;
        firstLineEnd = 0;
        status = 0;
        minorVersion = 0;
        authorityStart = 0;
        authorityEnd = 0;
        authorityInTarget = false;
        contentLength = NO_LENGTH;
        chunked = false;
        close = false;
        nominates = false;
        upgrade = false;
        connectionBytes = 0;
        fieldCount = 0;
    }

    boolean isLarge() {
        return bytes.length > MAX_KEPT;
    }

    /** Makes room for more bytes, up to a size. */
    void grow(int max) {
        bytes = Arrays.copyOf(bytes, Math.min(max, bytes.length * 2));
    }

    /** Makes room for bytes up to a position, if there is none. */
    void reserve(int end) {
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
        }
    }

    /** Adds a field; positions are below 65,536. */
    void addField(int kind, int nameStart, int nameEnd, int valueStart, int valueEnd) {
        if (fieldCount == fields.length) {
            fields = Arrays.copyOf(fields, fieldCount * 2);
            kinds = Arrays.copyOf(kinds, fieldCount * 2);
        }
        fields[fieldCount] = (long) nameStart << 48 | (long) nameEnd << 32 | (long) valueStart << 16 | valueEnd;
        kinds[fieldCount++] = (byte) kind;
    }

    int kind(int field) {
        return kinds[field];
    }

    int nameStart(int field) {
        return (int) (fields[field] >>> 48);
    }

    int nameEnd(int field) {
        return (int) (fields[field] >>> 32) & 0xffff;
    }

    int valueStart(int field) {
        return (int) (fields[field] >>> 16) & 0xffff;
    }

    int valueEnd(int field) {
        return (int) fields[field] & 0xffff;
    }

    /** Where the line after a field's begins. */
    int lineEnd(int field) {
        return field + 1 < fieldCount ? nameStart(field + 1) : length - 2;
    }

    boolean hasContentLength() {
        return contentLength != NO_LENGTH;
    }

    /** Where the host ends: the authority without its port. */
    int hostEnd() {
        int at = authorityEnd;
        while (at > authorityStart && Bytes.isDigit(bytes[at - 1])) {
            at--;
        }
        return at > authorityStart && bytes[at - 1] == ':' && bytes[authorityEnd - 1] != ']' ? at - 1 : authorityEnd;
    }

    boolean isMethod(String method) {
        if (methodEnd - methodStart != method.length()) {
            return false;
        }
        for (int i = 0; i < method.length(); i++) {
            if (bytes[methodStart + i] != method.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** A view, valid as long as this head is not filled anew. */
    AsciiString view(int start, int end) {
        return start >= end ? AsciiString.EMPTY_STRING : new AsciiString(bytes, start, end - start, false);
    }

    /** The first field of a name, or -1. */
    int first(String lowerCaseName) {
        for (int i = 0; i < fieldCount; i++) {
            if (Bytes.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), lowerCaseName)) {
                return i;
            }
        }
        return -1;
    }

    /** The field of a name if there is exactly one, else -1. */
    int only(String lowerCaseName) {
        int only = -1;
        for (int i = 0; i < fieldCount; i++) {
            if (Bytes.equalsIgnoreCase(bytes, nameStart(i), nameEnd(i), lowerCaseName)) {
                if (only >= 0) {
                    return -1;
                }
                only = i;
            }
        }
        return only;
    }

    /** The value of the first field of a name, or null. */
    @Nullable
    CharSequence value(String lowerCaseName) {
        int field = first(lowerCaseName);
        return field < 0 ? null : view(valueStart(field), valueEnd(field));
    }

    /** The first cookie of a name, or null. */
    @Nullable
    AsciiString cookie(String name) {
        for (int i = 0; i < fieldCount; i++) {
            if (kind(i) == Field.COOKIE) {
                AsciiString found = cookie(name, valueStart(i), valueEnd(i));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private @Nullable AsciiString cookie(String name, int start, int end) {
        int at = start;
        while (at < end) {
            int stop = at;
            while (stop < end && bytes[stop] != ';') {
                stop++;
            }
            while (at < stop && Bytes.isBlank(bytes[at])) {
                at++;
            }
            int valueStart = at + name.length() + 1;
            if (valueStart <= stop && bytes[valueStart - 1] == '=' && startsWith(name, at)) {
                int last = stop;
                while (last > valueStart && Bytes.isBlank(bytes[last - 1])) {
                    last--;
                }
                return view(valueStart, last);
            }
            at = stop + 1;
        }
        return null;
    }

    private boolean startsWith(String name, int at) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[at + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a {@code Connection} field names another field, which then is for this connection only. */
    boolean isNominated(int field) {
        if (!nominates) {
            return false;
        }
        for (int i = 0; i < fieldCount; i++) {
            if (kind(i) == Field.CONNECTION && lists(i, field)) {
                return true;
            }
        }
        return false;
    }

    private boolean lists(int connection, int field) {
        int end = valueEnd(connection);
        int at = valueStart(connection);
        while (at < end) {
            int stop = at;
            while (stop < end && Bytes.isToken(bytes[stop])) {
                stop++;
            }
            if (stop > at && sameName(at, stop, field)) {
                return true;
            }
            at = stop + 1;
        }
        return false;
    }

    private boolean sameName(int start, int end, int field) {
        int name = nameStart(field);
        if (end - start != nameEnd(field) - name) {
            return false;
        }
        for (int i = 0; i < end - start; i++) {
            if (Bytes.lower(bytes[start + i]) != Bytes.lower(bytes[name + i])) {
                return false;
            }
        }
        return true;
    }
}
