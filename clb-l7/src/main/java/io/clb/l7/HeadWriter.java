package io.clb.l7;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Writes heads for the other side: fields are copied in runs as they came, those that are for one connection only are left out, and ours are added. */
final class HeadWriter {

    private static final byte[] HTTP_1_1 = "HTTP/1.1".getBytes(US_ASCII);
    private static final byte[] VERSION_1_1 = " HTTP/1.1\r\n".getBytes(US_ASCII);
    private static final byte[] VERSION_1_0 = " HTTP/1.0\r\n".getBytes(US_ASCII);
    private static final byte[] HOST = "Host: ".getBytes(US_ASCII);
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(US_ASCII);
    private static final byte[] CHUNKED = "Transfer-Encoding: chunked\r\n".getBytes(US_ASCII);
    private static final byte[] SET_COOKIE = "Set-Cookie: ".getBytes(US_ASCII);
    private static final byte[] CRLF = {'\r', '\n'};

    /** More than all that is added to a head, but for a cookie. */
    private static final int ADDED = 160;

    private HeadWriter() {}

    /**
     * Writes a request's head for a server: in origin form, with the host of the target if it has one.
     *
     * @param forwarded the lines about the client, see {@link #forwarded}
     * @param close whether the connection is for this request only
     */
    static ByteBuf request(ByteBufAllocator allocator, Head head, byte[] forwarded, boolean close) {
        byte[] bytes = head.bytes;
        ByteBuf out = allocator.directBuffer(head.length + forwarded.length + ADDED);
        out.writeBytes(bytes, head.methodStart, head.methodEnd + 1 - head.methodStart);
        if (head.pathStart == head.pathEnd) {
            // RFC 9112 3.2.1 and 3.2.4
            out.writeByte(head.isMethod("OPTIONS") && head.targetEnd == head.pathEnd ? '*' : '/');
        }
        out.writeBytes(bytes, head.pathStart, head.targetEnd - head.pathStart);
        out.writeBytes(head.minorVersion > 0 ? VERSION_1_1 : VERSION_1_0);
        if (head.authorityInTarget) {
            out.writeBytes(HOST);
            out.writeBytes(bytes, head.authorityStart, head.authorityEnd - head.authorityStart);
            out.writeBytes(CRLF);
        }
        int from = head.firstLineEnd;
        for (int i = 0; i < head.fieldCount; i++) {
            if (!isForServer(head, i)) {
                out.writeBytes(bytes, from, head.nameStart(i) - from);
                from = head.lineEnd(i);
            }
        }
        out.writeBytes(bytes, from, head.length - 2 - from);
        out.writeBytes(forwarded);
        if (close) {
            out.writeBytes(CLOSE);
        }
        return out.writeBytes(CRLF);
    }

    private static boolean isForServer(Head head, int field) {
        return switch (head.kind(field)) {
            case Field.OTHER, Field.COOKIE -> !head.isNominated(field);
            case Field.HOST -> !head.authorityInTarget;
            case Field.CONTENT_LENGTH, Field.TRANSFER_ENCODING -> true;
            default -> false;
        };
    }

    /**
     * The lines that tell a server about the client: who it is, how it came, and through whom.
     *
     * @param client the client's address, in text
     */
    static byte[] forwarded(String client) {
        return ("X-Forwarded-For: " + client + "\r\nX-Forwarded-Proto: http\r\nVia: 1.1 clb\r\n").getBytes(US_ASCII);
    }

    /** As {@link #forwarded}, for a request of HTTP/1.0. */
    static byte[] forwardedByOldClient(byte[] forwarded) {
        byte[] older = forwarded.clone();
        older[older.length - "0 clb\r\n".length()] = '0';
        return older;
    }

    /**
     * Writes a response's head for the client.
     *
     * @param room for what the caller writes after it
     * @param cookie the value of a {@code Set-Cookie} field to add, or null
     * @param chunk whether we put the body into chunks
     * @param close whether the connection is closed after this response
     */
    static ByteBuf response(
            ByteBufAllocator allocator, Head head, int room, @Nullable String cookie, boolean chunk, boolean close) {
        byte[] bytes = head.bytes;
        int added = ADDED + (cookie == null ? 0 : cookie.length());
        ByteBuf out = allocator.directBuffer(head.length + added + room);
        out.writeBytes(HTTP_1_1);
        int from = HTTP_1_1.length;
        for (int i = 0; i < head.fieldCount; i++) {
            if (!isForClient(head, i)) {
                out.writeBytes(bytes, from, head.nameStart(i) - from);
                from = head.lineEnd(i);
            }
        }
        out.writeBytes(bytes, from, head.length - 2 - from);
        if (cookie != null) {
            out.writeBytes(SET_COOKIE);
            out.writeCharSequence(cookie, US_ASCII);
            out.writeBytes(CRLF);
        }
        if (chunk) {
            out.writeBytes(CHUNKED);
        }
        if (close) {
            out.writeBytes(CLOSE);
        }
        return out.writeBytes(CRLF);
    }

    private static boolean isForClient(Head head, int field) {
        return switch (head.kind(field)) {
            case Field.CONNECTION, Field.HOP_BY_HOP -> false;
            case Field.OTHER -> !head.isNominated(field);
            default -> true;
        };
    }
}
