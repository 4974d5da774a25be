package io.clb.l7;

import io.netty.buffer.ByteBuf;

/** The classes of bytes of RFC 9110 and RFC 9112, as tables, and comparing without regard to case. */
final class Bytes {

    private static final int TOKEN = 1;
    private static final int VALUE = 2;
    private static final int TARGET = 4;
    private static final int HOST = 8;
    private static final int NAME = 16;
    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};
    private static final byte[] CLASSES = new byte[256];

    static {
        for (int b = 0x21; b <= 0x7e; b++) {
            boolean alphanumeric = Character.isLetterOrDigit(b);
            if (alphanumeric || "!#$%&'*+-.^_`|~".indexOf(b) >= 0) {
                CLASSES[b] |= TOKEN;
                if (b != '_') {
                    CLASSES[b] |= NAME;
                }
            }
            if (alphanumeric || "-._~".indexOf(b) >= 0) {
                CLASSES[b] |= HOST;
            }
            if (b != '#') {
                CLASSES[b] |= TARGET;
            }
            CLASSES[b] |= VALUE;
        }
        for (int b = 0x80; b <= 0xff; b++) {
            CLASSES[b] |= VALUE;
        }
        CLASSES[' '] |= VALUE;
        CLASSES['\t'] |= VALUE;
    }

    private Bytes() {}

    /** Whether a byte may be part of a token: RFC 9110 5.6.2. */
    static boolean isToken(byte b) {
        return (CLASSES[b & 0xff] & TOKEN) != 0;
    }

    /** Whether a byte may be part of a field's name: of a token, which may have underscores or not. */
    static boolean isName(byte b, boolean underscores) {
        return (CLASSES[b & 0xff] & (underscores ? TOKEN : NAME)) != 0;
    }

    /** Whether a byte of a path needs no escape: RFC 3986 2.3. They are those of hosts. */
    static boolean isUnreserved(int b) {
        return (CLASSES[b] & HOST) != 0;
    }

    /** Whether a byte may be part of a field's value: VCHAR, obs-text, SP and HTAB, RFC 9110 5.5. */
    static boolean isValue(byte b) {
        return (CLASSES[b & 0xff] & VALUE) != 0;
    }

    /** Whether a byte may be part of a request's target: visible ASCII, and no fragment. */
    static boolean isTarget(byte b) {
        return (CLASSES[b & 0xff] & TARGET) != 0;
    }

    /** Whether a byte may be part of a registered name: of RFC 3986 3.2.2 all but sub-delimiters and escapes, which no host has. */
    static boolean isHost(byte b) {
        return (CLASSES[b & 0xff] & HOST) != 0;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** The value of a hexadecimal digit; -1 if it is none. */
    static int hex(byte b) {
        if (isDigit(b)) {
            return b - '0';
        }
        int lower = b | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }

    /** How long the head of a message is, which begins at the reader index and is whole. */
    static int headLength(ByteBuf message) {
        int start = message.readerIndex();
        int last = message.writerIndex() - END_OF_HEAD.length;
        int at = start;
        while (at < last && !isEndOfHead(message, at)) {
            at++;
        }
        return at + END_OF_HEAD.length - start;
    }

    private static boolean isEndOfHead(ByteBuf message, int at) {
        for (int i = 0; i < END_OF_HEAD.length; i++) {
            if (message.getByte(at + i) != END_OF_HEAD[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether bytes are a word, whatever their case, and with {@code _} for {@code -} too: CGI cannot tell one from the other. */
    static boolean isAlias(byte[] bytes, int start, int end, String lowerCase) {
        if (end - start != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            byte b = lower(bytes[start + i]);
            if ((b == '_' ? '-' : b) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether bytes are a word, whatever their case. */
    static boolean containsIgnoreCase(byte[] bytes, int start, int end, String lowerCase) {
        for (int i = start; i + lowerCase.length() <= end; i++) {
            if (equalsIgnoreCase(bytes, i, i + lowerCase.length(), lowerCase)) {
                return true;
            }
        }
        return false;
    }

    static boolean equalsIgnoreCase(byte[] bytes, int start, int end, String lowerCase) {
        if (end - start != lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            if (lower(bytes[start + i]) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
