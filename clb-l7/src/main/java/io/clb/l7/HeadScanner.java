package io.clb.l7;

import io.clb.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Finds the head of a message in the bytes of a connection, and refuses whatever could be read in two ways. Written from the grammar of RFC 9112, which it takes
 * at its word where servers and other proxies are known to differ:
 *
 * <ul>
 *   <li>lines end with CRLF: a CR or an LF alone is refused, as is any other control character, NUL first of all;
 *   <li>a field has a token for a name, the colon follows at once, and is not continued on the next line (section 5.2);
 *   <li>a message has one {@code Content-Length} of digits at most, or one {@code Transfer-Encoding} that says {@code chunked}, never both, and on
 *       HTTP/1.0 only the former (section 6). Two equal lengths, signs, lists, leading zeros and other codings are refused, though the RFC would let
 *       a recipient repair some of them, and so are tabs around what frames or routes a message;
 *   <li>a request has one {@code Host}, which is one (section 3.2), and a target in origin, absolute or asterisk form. CONNECT is refused;
 *   <li>its path has a normal form that is one for all, see {@link NormalPath};
 *   <li>names that CGI cannot tell from others are refused, and so is TRACE: those two, and escaped slashes, unless a {@link Leniency} lets them pass.
 * </ul>
 *
 * <p>What is refused is never passed on, and nothing after it on that connection is read. Has no state of its own: where it stands is in the {@link Head}, so
 * that heads may come in pieces of any size. A line is read anew when more of it has come, which for 8 KiB that come byte by byte costs less than
 * the system calls. Returns, never throws. Any thread.
 */
final class HeadScanner {

    /** How a scan went. */
    enum Result {
        /** The head is not complete: all bytes were taken. */
        MORE,
        /** The head is complete: what follows it was left in the buffer. */
        COMPLETE,
        /** This is no message; {@link Head#refusal} says why. */
        REFUSED
    }

    /** How much is copied at a time: more would be copied in vain where a body follows. Not measured. */
    private static final int STEP = 1_024;

    private static final int MAX_LENGTH_DIGITS = 18;

    /** Of all {@code Connection} fields: what they name is looked up for every field. Not measured. */
    private static final int MAX_CONNECTION_BYTES = 256;

    private static final int MAX_PORT = 65_535;
    private static final int STATUS_DIGITS = 3;
    private static final int FIRST_STATUS = 100;

    /** From a line's parser: the line is not complete. Other results are the position after it. */
    private static final int INCOMPLETE = 0;

    private static final int BAD = -1;

    private final int maxFirstLine;
    private final int maxHead;
    private final int maxFields;
    private final Leniency leniency;

    /** Sets the limits, and lets nothing pass that need not. */
    HeadScanner(int maxFirstLine, int maxHead, int maxFields) {
        this(maxFirstLine, maxHead, maxFields, Leniency.NONE);
    }

    /**
     * Sets the limits.
     *
     * @param maxFirstLine bytes of a request line
     * @param maxHead bytes of a head, 65,535 at most
     * @param maxFields fields
     * @param leniency what passes in requests
     */
    HeadScanner(int maxFirstLine, int maxHead, int maxFields, Leniency leniency) {
        this.maxFirstLine = maxFirstLine;
        this.maxHead = maxHead;
        this.maxFields = maxFields;
        this.leniency = leniency;
    }

    Leniency leniency() {
        return leniency;
    }

    /** Reads on in the head of a request. */
    Result request(Head head, ByteBuf in) {
        return scan(head, in, true);
    }

    /** Reads on in the head of a response. */
    Result response(Head head, ByteBuf in) {
        return scan(head, in, false);
    }

    private Result scan(Head head, ByteBuf in, boolean request) {
        while (in.isReadable()) {
            if (head.length == head.bytes.length && head.length < maxHead) {
                head.grow(maxHead);
            }
            int room = Math.min(head.bytes.length, maxHead) - head.length;
            if (room == 0) {
                return refuse(head, tooLarge(head, request));
            }
            int step = Math.min(Math.min(in.readableBytes(), room), STEP);
            in.readBytes(head.bytes, head.length, step);
            head.length += step;
            Result result = lines(head, request);
            if (result != Result.MORE) {
                if (result == Result.COMPLETE) {
                    in.readerIndex(in.readerIndex() - (head.length - head.lineStart));
                    head.length = head.lineStart;
                }
                return result;
            }
        }
        return Result.MORE;
    }

    private static Result refuse(Head head, Reason reason) {
        head.refusal = reason;
        return Result.REFUSED;
    }

    private static Reason tooLarge(Head head, boolean request) {
        if (!request) {
            return Reason.RESPONSE_HEAD_TOO_LARGE;
        }
        return head.firstLineDone ? Reason.REQUEST_HEAD_TOO_LARGE : Reason.REQUEST_LINE_TOO_LONG;
    }

    /** Reads all lines that are there. */
    private Result lines(Head head, boolean request) {
        byte[] bytes = head.bytes;
        while (true) {
            int at = head.lineStart;
            int end = head.length;
            if (!head.firstLineDone) {
                // What is past the limit is not looked at, so that the result does not depend on how much came at once.
                int next = request ? requestLine(head, Math.min(end, maxFirstLine)) : statusLine(head);
                if (next == BAD) {
                    return refuse(head, request ? Reason.BAD_REQUEST_LINE : Reason.BAD_RESPONSE);
                }
                if (next == INCOMPLETE) {
                    return request && end >= maxFirstLine ? refuse(head, Reason.REQUEST_LINE_TOO_LONG) : Result.MORE;
                }
                head.lineStart = next;
                head.firstLineDone = true;
                head.firstLineEnd = next;
                continue;
            }
            if (at == end) {
                return Result.MORE;
            }
            if (bytes[at] == '\r') {
                if (at + 1 == end) {
                    return Result.MORE;
                }
                if (bytes[at + 1] != '\n') {
                    return refuse(head, request ? Reason.BAD_FIELD : Reason.BAD_RESPONSE);
                }
                head.lineStart = at + 2;
                Reason refusal = request ? requestComplete(head) : responseComplete(head);
                return refusal == null ? Result.COMPLETE : refuse(head, refusal);
            }
            int next = fieldLine(head, !request || leniency.underscores());
            if (next == INCOMPLETE) {
                return Result.MORE;
            }
            if (next == BAD) {
                return refuse(head, request ? Reason.BAD_FIELD : Reason.BAD_RESPONSE);
            }
            if (head.fieldCount > maxFields) {
                return refuse(head, tooLarge(head, request));
            }
            Reason refusal = known(head, head.fieldCount - 1, request);
            if (refusal != null) {
                return refuse(head, refusal);
            }
            head.lineStart = next;
        }
    }

    /** {@code method SP request-target SP HTTP-version CRLF}, after one empty line at most (section 2.2). */
    private static int requestLine(Head head, int end) {
        byte[] bytes = head.bytes;
        int at = head.lineStart;
        if (at == 0 && bytes[0] == '\r') {
            if (end == 1) {
                return INCOMPLETE;
            }
            if (bytes[1] != '\n') {
                return BAD;
            }
            at = 2;
        }
        head.methodStart = at;
        while (at < end && Bytes.isToken(bytes[at])) {
            at++;
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (bytes[at] != ' ' || at == head.methodStart) {
            return BAD;
        }
        head.methodEnd = at++;
        head.targetStart = at;
        while (at < end && Bytes.isTarget(bytes[at])) {
            at++;
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (bytes[at] != ' ' || at == head.targetStart) {
            return BAD;
        }
        head.targetEnd = at++;
        // Until it is taken apart, for whoever looks at a request that is refused.
        head.pathStart = head.targetStart;
        head.pathEnd = head.targetEnd;
        int version = version(head, at, end);
        return version <= 0 ? version : lineEnd(bytes, version, end);
    }

    /** {@code HTTP-version SP status-code SP [ reason-phrase ] CRLF}; the last blank may be missing. */
    private static int statusLine(Head head) {
        byte[] bytes = head.bytes;
        int end = head.length;
        int version = version(head, 0, end);
        if (version <= 0) {
            return version;
        }
        int at = version;
        int status = 0;
        for (int digits = 0; digits <= STATUS_DIGITS; digits++, at++) {
            if (at == end) {
                return INCOMPLETE;
            }
            if (digits == 0 ? bytes[at] != ' ' : !Bytes.isDigit(bytes[at])) {
                return BAD;
            }
            status = digits == 0 ? 0 : status * 10 + bytes[at] - '0';
        }
        if (status < FIRST_STATUS) {
            return BAD;
        }
        head.status = status;
        if (at < end && bytes[at] == ' ') {
            while (at < end && Bytes.isValue(bytes[at])) {
                at++;
            }
        }
        return lineEnd(bytes, at, end);
    }

    /** HTTP/1.0 or HTTP/1.1. */
    private static int version(Head head, int at, int end) {
        byte[] bytes = head.bytes;
        String name = "HTTP/1.";
        for (int i = 0; i < name.length(); i++) {
            if (at + i == end) {
                return INCOMPLETE;
            }
            if (bytes[at + i] != name.charAt(i)) {
                return BAD;
            }
        }
        int digit = at + name.length();
        if (digit == end) {
            return INCOMPLETE;
        }
        if (bytes[digit] != '0' && bytes[digit] != '1') {
            return BAD;
        }
        head.minorVersion = bytes[digit] - '0';
        return digit + 1;
    }

    private static int lineEnd(byte[] bytes, int at, int end) {
        if (at == end) {
            return INCOMPLETE;
        }
        if (bytes[at] != '\r') {
            return BAD;
        }
        if (at + 1 == end) {
            return INCOMPLETE;
        }
        return bytes[at + 1] == '\n' ? at + 2 : BAD;
    }

    /** {@code field-name ":" OWS field-value OWS CRLF}. */
    private static int fieldLine(Head head, boolean underscores) {
        byte[] bytes = head.bytes;
        int end = head.length;
        int nameStart = head.lineStart;
        int at = nameStart;
        while (at < end && Bytes.isName(bytes[at], underscores)) {
            at++;
        }
        if (at == end) {
            return INCOMPLETE;
        }
        if (bytes[at] != ':' || at == nameStart) {
            return BAD;
        }
        int nameEnd = at++;
        while (at < end && Bytes.isBlank(bytes[at])) {
            at++;
        }
        int valueStart = at;
        while (at < end && Bytes.isValue(bytes[at])) {
            at++;
        }
        int valueEnd = at;
        int next = lineEnd(bytes, at, end);
        if (next > 0) {
            while (valueEnd > valueStart && Bytes.isBlank(bytes[valueEnd - 1])) {
                valueEnd--;
            }
            head.addField(Field.of(bytes, nameStart, nameEnd), nameStart, nameEnd, valueStart, valueEnd);
        }
        return next;
    }

    /** Reads a field that matters to us. Returns why it is refused, or null. */
    private static @Nullable Reason known(Head head, int field, boolean request) {
        int start = head.valueStart(field);
        int end = head.valueEnd(field);
        Reason badFraming = request ? Reason.BAD_FRAMING : Reason.BAD_RESPONSE;
        switch (head.kind(field)) {
            case Field.HOST -> {
                if (!request) {
                    return null;
                }
                if (head.authorityEnd > 0 || hasTabs(head, field) || !isAuthority(head.bytes, start, end)) {
                    return Reason.BAD_HOST;
                }
                head.authorityStart = start;
                head.authorityEnd = end;
            }
            case Field.CONTENT_LENGTH -> {
                long length = length(head.bytes, start, end);
                if (length < 0 || head.hasContentLength() || hasTabs(head, field)) {
                    return badFraming;
                }
                head.contentLength = length;
            }
            case Field.TRANSFER_ENCODING -> {
                if (head.chunked
                        || hasTabs(head, field)
                        || !Bytes.equalsIgnoreCase(head.bytes, start, end, "chunked")) {
                    return badFraming;
                }
                head.chunked = true;
            }
            case Field.CONNECTION -> {
                return connection(head, start, end) ? null : request ? Reason.BAD_FIELD : Reason.BAD_RESPONSE;
            }
            case Field.DISGUISED_FRAMING -> {
                return badFraming;
            }
            default -> {}
        }
        return null;
    }

    /** Whether there is a tab before or after a value: allowed (section 5), but some servers do not take it for a blank. */
    private static boolean hasTabs(Head head, int field) {
        byte[] bytes = head.bytes;
        for (int at = head.nameEnd(field); at < head.valueStart(field); at++) {
            if (bytes[at] == '\t') {
                return true;
            }
        }
        for (int at = head.valueEnd(field); bytes[at] != '\r'; at++) {
            if (bytes[at] == '\t') {
                return true;
            }
        }
        return false;
    }

    /** Digits without a leading zero; -1 for anything else. */
    private static long length(byte[] bytes, int start, int end) {
        int digits = end - start;
        if (digits == 0 || digits > MAX_LENGTH_DIGITS || (digits > 1 && bytes[start] == '0')) {
            return -1;
        }
        long length = 0;
        for (int i = start; i < end; i++) {
            if (!Bytes.isDigit(bytes[i])) {
                return -1;
            }
            length = length * 10 + bytes[i] - '0';
        }
        return length;
    }

    /** A list of tokens, none of which may name a field that says where the message ends or whom it is for. */
    private static boolean connection(Head head, int start, int end) {
        byte[] bytes = head.bytes;
        head.connectionBytes += end - start;
        if (head.connectionBytes > MAX_CONNECTION_BYTES) {
            return false;
        }
        int at = start;
        while (at < end) {
            int token = at;
            while (at < end && Bytes.isToken(bytes[at])) {
                at++;
            }
            if (at > token && !option(head, token, at)) {
                return false;
            }
            while (at < end && Bytes.isBlank(bytes[at])) {
                at++;
            }
            if (at < end && bytes[at++] != ',') {
                return false;
            }
            while (at < end && Bytes.isBlank(bytes[at])) {
                at++;
            }
        }
        return true;
    }

    private static boolean option(Head head, int start, int end) {
        byte[] bytes = head.bytes;
        if (Bytes.equalsIgnoreCase(bytes, start, end, "close")) {
            head.close = true;
            return true;
        }
        if (Bytes.equalsIgnoreCase(bytes, start, end, "keep-alive")) {
            return true;
        }
        switch (Field.of(bytes, start, end)) {
            case Field.HOST, Field.CONTENT_LENGTH, Field.TRANSFER_ENCODING, Field.DISGUISED_FRAMING -> {
                return false;
            }
            case Field.HOP_BY_HOP -> {
                head.upgrade |= Bytes.equalsIgnoreCase(bytes, start, end, "upgrade");
                return true;
            }
            default -> {
                head.nominates = true;
                return true;
            }
        }
    }

    private @Nullable Reason requestComplete(Head head) {
        if (head.chunked && (head.hasContentLength() || head.minorVersion == 0)) {
            return Reason.BAD_FRAMING;
        }
        if (head.authorityEnd == 0 && head.minorVersion > 0) {
            return Reason.BAD_HOST;
        }
        if (!leniency.trace() && head.isMethod("TRACE")) {
            return Reason.TRACE_REFUSED;
        }
        return target(head);
    }

    /** Takes the target apart: origin, absolute or asterisk form (section 3.2). */
    private @Nullable Reason target(Head head) {
        byte[] bytes = head.bytes;
        int start = head.targetStart;
        int end = head.targetEnd;
        if (bytes[start] == '*') {
            head.pathStart = start;
            head.pathEnd = end;
            return end - start == 1 && head.isMethod("OPTIONS") ? null : Reason.BAD_REQUEST_LINE;
        }
        if (bytes[start] != '/') {
            int scheme = start + "http://".length();
            if (end < scheme || !Bytes.equalsIgnoreCase(bytes, start, scheme, "http://") || head.isMethod("CONNECT")) {
                return Reason.BAD_REQUEST_LINE;
            }
            int authorityEnd = scheme;
            while (authorityEnd < end && bytes[authorityEnd] != '/' && bytes[authorityEnd] != '?') {
                authorityEnd++;
            }
            if (!isAuthority(bytes, scheme, authorityEnd)) {
                return Reason.BAD_HOST;
            }
            head.authorityStart = scheme;
            head.authorityEnd = authorityEnd;
            head.authorityInTarget = true;
            start = authorityEnd;
        } else if (head.isMethod("CONNECT")) {
            return Reason.BAD_REQUEST_LINE;
        }
        int at = start;
        boolean normal = true;
        while (at < end && bytes[at] != '?') {
            byte b = bytes[at++];
            // No browser sends it here, and some servers take it for a slash.
            if (b == '\\') {
                return Reason.BAD_REQUEST_LINE;
            }
            normal &= b != '%' && (b != '/' || at == end || (bytes[at] != '.' && bytes[at] != '/'));
        }
        head.pathStart = start;
        head.pathEnd = at;
        head.normalStart = start;
        head.normalEnd = at;
        return normal || NormalPath.write(head, leniency) ? null : Reason.BAD_PATH;
    }

    private static @Nullable Reason responseComplete(Head head) {
        if (head.chunked && (head.hasContentLength() || head.minorVersion == 0)) {
            return Reason.BAD_RESPONSE;
        }
        boolean bodiless = head.status < 200 || head.status == 204;
        // RFC 9110 7.8: who switches says so.
        if ((head.status == 101 && !head.upgrade) || (bodiless && (head.chunked || head.contentLength > 0))) {
            return Reason.BAD_RESPONSE;
        }
        return null;
    }

    /** {@code uri-host [ ":" port ]} of RFC 3986, not empty, with an IPv6 address in brackets. */
    private static boolean isAuthority(byte[] bytes, int start, int end) {
        int at = start;
        if (at < end && bytes[at] == '[') {
            at++;
            while (at < end && (Bytes.hex(bytes[at]) >= 0 || bytes[at] == ':' || bytes[at] == '.')) {
                at++;
            }
            if (at == end || bytes[at] != ']' || !isIpv6(bytes, start + 1, at)) {
                return false;
            }
            at++;
        } else {
            while (at < end && Bytes.isHost(bytes[at])) {
                at++;
            }
            if (at == start) {
                return false;
            }
        }
        if (at == end) {
            return true;
        }
        if (bytes[at++] != ':' || end - at > 5) {
            return false;
        }
        int port = 0;
        while (at < end && Bytes.isDigit(bytes[at])) {
            port = port * 10 + bytes[at++] - '0';
        }
        return at == end && port <= MAX_PORT;
    }

    private static boolean isIpv6(byte[] bytes, int start, int end) {
        return NetUtil.isValidIpV6Address((CharSequence) new AsciiString(bytes, start, end - start, false));
    }
}
