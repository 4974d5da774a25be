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

    /** Fields in which a proxy says for whom it speaks: a client's own are not passed on, whoever spells them with {@code _} included. */
    static final int FORWARDED = 7;

    /** Names that some servers take for those that say where a message ends: {@code _} in place of {@code -}, as CGI writes them. */
    static final int DISGUISED_FRAMING = 8;

    private static final String FORWARDED_PREFIX = "x-forwarded-";

    private Field() {}

    /** Which field a name stands for. */
    static int of(byte[] bytes, int start, int end) {
        int prefix = start + FORWARDED_PREFIX.length();
        if (end > prefix && Bytes.isAlias(bytes, start, prefix, FORWARDED_PREFIX)) {
            return FORWARDED;
        }
        return switch (end - start) {
            case 2 -> is(bytes, start, end, "te", HOP_BY_HOP);
            case 4 -> is(bytes, start, end, "host", HOST);
            case 6 ->
                Bytes.isAlias(bytes, start, end, "slb-id") || Bytes.isAlias(bytes, start, end, "slb-ip")
                        ? FORWARDED
                        : is(bytes, start, end, "cookie", COOKIE);
            case 7 -> is(bytes, start, end, "upgrade", HOP_BY_HOP);
            case 9 -> is(bytes, start, end, "forwarded", FORWARDED);
            case 10 ->
                Bytes.lower(bytes[start]) == 'c'
                        ? is(bytes, start, end, "connection", CONNECTION)
                        : is(bytes, start, end, "keep-alive", HOP_BY_HOP);
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

    private static int is(byte[] bytes, int start, int end, String name, int field) {
        return Bytes.equalsIgnoreCase(bytes, start, end, name) ? field : OTHER;
    }
}
