package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** Writes heads for the other side: fields are copied in runs as they came, those that are for one connection only are left out, and ours are added. */
final class HeadWriter {

    private static final byte[] HTTP_1_1 = "HTTP/1.1".getBytes(US_ASCII);
    private static final byte[] VERSION_1_1 = " HTTP/1.1\r\n".getBytes(US_ASCII);
    private static final byte[] VERSION_1_0 = " HTTP/1.0\r\n".getBytes(US_ASCII);
    private static final byte[] HOST = "Host: ".getBytes(US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(US_ASCII);
    private static final byte[] UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] SET_COOKIE = "Set-Cookie: ".getBytes(US_ASCII);
    private static final byte[] VARY = "Vary: Accept-Encoding\r\n".getBytes(US_ASCII);
    private static final byte[] GZIP = "Content-Encoding: gzip\r\n".getBytes(US_ASCII);
    private static final byte[] ETAG = "ETag: ".getBytes(US_ASCII);
    private static final byte[] WEAK_ETAG = "ETag: W/".getBytes(US_ASCII);
    private static final String EXPECT = "expect:";
    private static final byte[] CRLF = {'\r', '\n'};

    /** More than what is added to a head mostly, but for a cookie and the lines about the client. */
    private static final int ADDED = 160;

    private HeadWriter() {}

    /**
     * Writes a request's head for a server: in origin form, with the host of the target if it has one.
     *
     * @param lines the lines about the client
     * @param clientPort the client's port; 0 if it is not known
     * @param close whether the connection is for this request only
     * @param cookies what is taken off cookies; null for nothing
     */
    static ByteBuf request(
            ByteBufAllocator allocator,
            Head head,
            ForwardedLines lines,
            int clientPort,
            boolean close,
            @Nullable CookieRewrite cookies) {
        ByteBuf out = allocator.directBuffer(head.length + lines.length() + ADDED);
        method(out, head);
        path(out, head);
        out.writeBytes(head.bytes, head.pathEnd, head.targetEnd - head.pathEnd);
        version(out, head);
        hostOfTarget(out, head);
        fields(out, head, lines, null, cookies);
        return end(out, head, lines, clientPort, close);
    }

    /**
     * Likewise, with what a rule changes.
     *
     * @param edit the changes
     */
    static ByteBuf request(
            ByteBufAllocator allocator,
            HttpRequest request,
            RequestEdit edit,
            ForwardedLines lines,
            boolean close,
            @Nullable CookieRewrite cookies) {
        Head head = request.request;
        ByteBuf out = allocator.directBuffer(head.length + lines.length() + ADDED);
        method(out, head);
        edit.target(out, request);
        version(out, head);
        if (edit.replacesHost()) {
            edit.host(out.writeBytes(HOST), request);
            out.writeBytes(CRLF);
        } else {
            hostOfTarget(out, head);
        }
        fields(out, head, lines, edit, cookies);
        edit.fields(out, request);
        return end(out, head, lines, request.sourcePort(), close);
    }

    /**
     * Leaves the fields {@code Expect} out of a request's head, as written by one of these: who is sent the body whatever he says is not to be asked.
     *
     * @param head the head, which stays as it is
     * @return the same without them
     */
    static ByteBuf withoutExpect(ByteBufAllocator allocator, ByteBuf head) {
        ByteBuf out = allocator.directBuffer(head.readableBytes());
        int end = head.writerIndex();
        int next;
        for (int line = head.readerIndex(); line < end; line = next) {
            next = head.indexOf(line, end, (byte) '\n') + 1;
            if (!isExpect(head, line, next)) {
                out.writeBytes(head, line, next - line);
            }
        }
        return out;
    }

    private static boolean isExpect(ByteBuf head, int line, int next) {
        if (next - line <= EXPECT.length()) {
            return false;
        }
        for (int i = 0; i < EXPECT.length(); i++) {
            if (Character.toLowerCase(head.getByte(line + i)) != EXPECT.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static void method(ByteBuf out, Head head) {
        out.writeBytes(head.bytes, head.methodStart, head.methodEnd + 1 - head.methodStart);
    }

    /** Writes the path as the client sent it, or what stands for none. */
    static void path(ByteBuf out, Head head) {
        if (head.pathStart == head.pathEnd) {
            // RFC 9112 3.2.1 and 3.2.4
            out.writeByte(head.isMethod("OPTIONS") && head.targetEnd == head.pathEnd ? '*' : '/');
        }
        out.writeBytes(head.bytes, head.pathStart, head.pathEnd - head.pathStart);
    }

    private static void version(ByteBuf out, Head head) {
        out.writeBytes(head.minorVersion > 0 ? VERSION_1_1 : VERSION_1_0);
    }

    private static void hostOfTarget(ByteBuf out, Head head) {
        if (head.authorityInTarget) {
            out.writeBytes(HOST);
            out.writeBytes(head.bytes, head.authorityStart, head.authorityEnd - head.authorityStart);
            out.writeBytes(CRLF);
        }
    }

    private static void fields(
            ByteBuf out, Head head, ForwardedLines lines, @Nullable RequestEdit edit, @Nullable CookieRewrite cookies) {
        int from = head.firstLineEnd;
        for (int i = 0; i < head.fieldCount; i++) {
            if (!isForServer(head, i, lines) || (edit != null && isEdited(head, i, edit))) {
                out.writeBytes(head.bytes, from, head.nameStart(i) - from);
                from = head.lineEnd(i);
            } else if (cookies != null && head.kind(i) == Field.COOKIE) {
                from = cookies.strip(out, head, i, from);
            }
        }
        out.writeBytes(head.bytes, from, head.length - 2 - from);
    }

    private static boolean isEdited(Head head, int field, RequestEdit edit) {
        return head.kind(field) == Field.HOST ? edit.replacesHost() : edit.drops(head, field);
    }

    private static ByteBuf end(ByteBuf out, Head head, ForwardedLines lines, int clientPort, boolean close) {
        lines.write(out, head, clientPort);
        if (close) {
            out.writeBytes(CLOSE);
        }
        return out.writeBytes(CRLF);
    }

    private static boolean isForServer(Head head, int field, ForwardedLines lines) {
        return switch (head.kind(field)) {
            case Field.OTHER -> !head.isNominated(field);
            case Field.HOST -> !head.authorityInTarget;
            // The last two whatever Connection names: a server that got none would take the client for another.
            case Field.CONTENT_LENGTH, Field.TRANSFER_ENCODING, Field.COOKIE, Field.AUTHORIZATION -> true;
            case Field.FORWARDED,
                    Field.FORWARDED_FOR,
                    Field.FORWARDED_PROTO,
                    Field.FORWARDED_PORT,
                    Field.FORWARDED_HOST,
                    Field.FORWARDED_CLIENT_PORT,
                    Field.SLB_ID,
                    Field.SLB_IP,
                    Field.CLIENT_CERTIFICATE -> lines.keeps(head.kind(field));
            default -> false;
        };
    }

    /**
     * Writes a response's head for the client.
     *
     * @param status what the client is told, which may be another than the server said
     * @param room for what the caller writes after it
     * @param cookie the value of a {@code Set-Cookie} field to add, or null
     * @param chunk whether we put the body into chunks
     * @param close whether the connection is closed after this response
     */
    static ByteBuf response(
            ByteBufAllocator allocator,
            Head head,
            int status,
            int room,
            @Nullable String cookie,
            boolean chunk,
            boolean close) {
        return response(allocator, head, status, room, cookie, chunk, close, ContentCoding.AS_IT_IS, null);
    }

    /**
     * Likewise.
     *
     * @param coding what we make of the body
     * @param cookies what is put before cookies; null for nothing
     */
    static ByteBuf response(
            ByteBufAllocator allocator,
            Head head,
            int status,
            int room,
            @Nullable String cookie,
            boolean chunk,
            boolean close,
            ContentCoding coding,
            @Nullable CookieRewrite cookies) {
        byte[] bytes = head.bytes;
        int added = ADDED + (cookie == null ? 0 : cookie.length());
        ByteBuf out = allocator.directBuffer(head.length + added + room);
        out.writeBytes(HTTP_1_1);
        int from = HTTP_1_1.length;
        if (status != head.status) {
            out.writeByte(' ');
            out.writeCharSequence(HttpResponseStatus.valueOf(status).toString(), US_ASCII);
            out.writeBytes(CRLF);
            from = head.firstLineEnd;
        }
        for (int i = 0; i < head.fieldCount; i++) {
            if (!isForClient(head, i) || (coding == ContentCoding.GZIP && isOfThePlainBody(head, i))) {
                out.writeBytes(bytes, from, head.nameStart(i) - from);
                from = head.lineEnd(i);
            } else if (cookies != null && isNamed(head, i, "set-cookie")) {
                from = cookies.add(out, head, i, from);
            }
        }
        out.writeBytes(bytes, from, head.length - 2 - from);
        if (cookie != null) {
            out.writeBytes(SET_COOKIE);
            out.writeCharSequence(cookie, US_ASCII);
            out.writeBytes(CRLF);
        }
        if (coding != ContentCoding.AS_IT_IS && !saysThatItVaries(head)) {
            out.writeBytes(VARY);
        }
        if (coding == ContentCoding.GZIP) {
            out.writeBytes(GZIP);
            entityTag(out, head);
        }
        if (chunk) {
            out.writeBytes(CHUNKED);
        }
        if (close) {
            out.writeBytes(CLOSE);
        }
        return out.writeBytes(CRLF);
    }

    /** Adds to a head, as written by one of these, that the connection becomes a WebSocket: what was said of that was for one connection. */
    static ByteBuf upgrading(ByteBuf head) {
        return head.writerIndex(head.writerIndex() - CRLF.length).writeBytes(UPGRADE);
    }

    private static boolean saysThatItVaries(Head head) {
        for (int i = 0; i < head.fieldCount; i++) {
            if (isNamed(head, i, "vary")
                    && Bytes.containsIgnoreCase(head.bytes, head.valueStart(i), head.valueEnd(i), "accept-encoding")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a field tells about the body as the server sent it. */
    private static boolean isOfThePlainBody(Head head, int field) {
        return switch (head.kind(field)) {
            case Field.CONTENT_LENGTH, Field.TRANSFER_ENCODING -> true;
            case Field.OTHER -> isNamed(head, field, "etag") || isNamed(head, field, "accept-ranges");
            default -> false;
        };
    }

    private static boolean isNamed(Head head, int field, String lowerCaseName) {
        return Bytes.equalsIgnoreCase(head.bytes, head.nameStart(field), head.nameEnd(field), lowerCaseName);
    }

    /** Compressed it is the same thing, but not byte for byte: RFC 9110 8.8.3.3. */
    private static void entityTag(ByteBuf out, Head head) {
        int field = head.first("etag");
        if (field < 0) {
            return;
        }
        int start = head.valueStart(field);
        boolean strong = start < head.valueEnd(field) && head.bytes[start] == '"';
        out.writeBytes(strong ? WEAK_ETAG : ETAG);
        out.writeBytes(head.bytes, start, head.valueEnd(field) - start);
        out.writeBytes(CRLF);
    }

    private static boolean isForClient(Head head, int field) {
        return switch (head.kind(field)) {
            case Field.CONNECTION, Field.HOP_BY_HOP -> false;
            case Field.OTHER -> !head.isNominated(field);
            default -> true;
        };
    }
}
