package io.clb.l7;

/** The header fields that a proxy has to know. What is not among them is passed on as it is. */
final class Field {

    static final int OTHER = 0;
    static final int HOST = 1;
    static final int CONTENT_LENGTH = 2;
    static final int TRANSFER_ENCODING = 3;
    static final int CONNECTION = 4;
    static final int COOKIE = 5;

    /** Fields of one connection only, which are never passed on: RFC 9110 7.6.1. */
    static final int HOP_BY_HOP = 6;

    /** Fields in which a proxy says for whom it speaks, those below apart: passed on from trusted proxies only. */
    static final int FORWARDED = 7;

    /** Names that some servers take for those that say where a message ends: {@code _} in place of {@code -}, as CGI writes them. */
    static final int DISGUISED_FRAMING = 8;

    static final int FORWARDED_FOR = 9;
    static final int FORWARDED_PROTO = 10;
    static final int FORWARDED_PORT = 11;
    static final int FORWARDED_HOST = 12;
    static final int FORWARDED_CLIENT_PORT = 13;
    static final int SLB_ID = 14;
    static final int SLB_IP = 15;

    /** Likewise, names that some servers take for one of those: a proxy that is trusted knows of none, so they are a client's, and never passed on. */
    static final int DISGUISED_FORWARDED = 16;

    /** Who the client is, for the server: RFC 9110 11.6.2. */
    static final int AUTHORIZATION = 17;

    /** Those that say whose certificate a client has shown. */
    static final int CLIENT_CERTIFICATE = 18;

    private static final String CERTIFICATE_PREFIX = "clientcert-";
    private static final String FORWARDED_PREFIX = "x-forwarded-";

    private Field() {}

    /** Which field a name stands for. */
    static int of(byte[] bytes, int start, int end) {
        int prefix = start + FORWARDED_PREFIX.length();
        if (end > prefix && Bytes.isAlias(bytes, start, prefix, FORWARDED_PREFIX)) {
            return forwarded(bytes, start, prefix, end);
        }
        return switch (end - start) {
            case 2 -> is(bytes, start, end, "te", HOP_BY_HOP);
            case 4 -> is(bytes, start, end, "host", HOST);
            case 6 ->
                Bytes.lower(bytes[start]) == 's' ? slb(bytes, start, end) : is(bytes, start, end, "cookie", COOKIE);
            case 7 -> is(bytes, start, end, "upgrade", HOP_BY_HOP);
            case 9 -> is(bytes, start, end, "forwarded", FORWARDED);
            case 10 ->
                Bytes.lower(bytes[start]) == 'c'
                        ? is(bytes, start, end, "connection", CONNECTION)
                        : is(bytes, start, end, "keep-alive", HOP_BY_HOP);
            case 13 -> is(bytes, start, end, "authorization", AUTHORIZATION);
            case 14 ->
                bytes[start + 7] == '_'
                        ? is(bytes, start, end, "content_length", DISGUISED_FRAMING)
                        : is(bytes, start, end, "content-length", CONTENT_LENGTH);
            case 16 -> is(bytes, start, end, "proxy-connection", HOP_BY_HOP);
            case 17 ->
                bytes[start + 8] == '_'
                        ? is(bytes, start, end, "transfer_encoding", DISGUISED_FRAMING)
                        : is(bytes, start, end, "transfer-encoding", TRANSFER_ENCODING);
            default -> OTHER;
        };
    }

    /** Which one of those that begin with {@link #FORWARDED_PREFIX}. */
    private static int forwarded(byte[] bytes, int start, int prefix, int end) {
        for (int at = start; at < end; at++) {
            if (bytes[at] == '_') {
                return DISGUISED_FORWARDED;
            }
        }
        int known = switch (end - prefix) {
            case 3 -> is(bytes, prefix, end, "for", FORWARDED_FOR);
            case 4 ->
                Bytes.lower(bytes[prefix]) == 'p'
                        ? is(bytes, prefix, end, "port", FORWARDED_PORT)
                        : is(bytes, prefix, end, "host", FORWARDED_HOST);
            case 5 -> is(bytes, prefix, end, "proto", FORWARDED_PROTO);
            case 14 -> is(bytes, prefix, end, "client-srcport", FORWARDED_CLIENT_PORT);
            default -> OTHER;
        };
        if (known != OTHER) {
            return known;
        }
        int certificate = prefix + CERTIFICATE_PREFIX.length();
        return end > certificate && Bytes.equalsIgnoreCase(bytes, prefix, certificate, CERTIFICATE_PREFIX)
                ? CLIENT_CERTIFICATE
                : FORWARDED;
    }

    private static int slb(byte[] bytes, int start, int end) {
        int known = Bytes.isAlias(bytes, start, end, "slb-id")
                ? SLB_ID
                : Bytes.isAlias(bytes, start, end, "slb-ip") ? SLB_IP : OTHER;
        return known != OTHER && bytes[start + 3] == '_' ? DISGUISED_FORWARDED : known;
    }

    private static int is(byte[] bytes, int start, int end, String name, int field) {
        return Bytes.equalsIgnoreCase(bytes, start, end, name) ? field : OTHER;
    }
}
