package io.clb.l7;

import java.util.Arrays;

/**
 * What the parameters of a query stand for, as forms write them (application/x-www-form-urlencoded): {@code +} is a blank, {@code %41} an {@code A}; a {@code %} with
 * anything else behind it stands for itself.
 */
final class EscapedText {

    /** Of {@link #next}: how many bytes it took, above the byte that they stand for. */
    private static final int WIDTH_SHIFT = 8;

    private static final int ESCAPE = 3;

    private EscapedText() {}

    static boolean isEscaped(byte[] bytes, int start, int end) {
        for (int at = start; at < end; at++) {
            if (bytes[at] == '%' || bytes[at] == '+') {
                return true;
            }
        }
        return false;
    }

    /** Whether bytes stand for a text. */
    static boolean equals(byte[] bytes, int start, int end, byte[] text) {
        int at = start;
        for (byte wanted : text) {
            if (at >= end) {
                return false;
            }
            int next = next(bytes, at, end);
            if ((byte) next != wanted) {
                return false;
            }
            at += next >> WIDTH_SHIFT;
        }
        return at == end;
    }

    static byte[] decode(byte[] bytes, int start, int end) {
        byte[] decoded = new byte[end - start];
        int length = 0;
        for (int at = start; at < end; ) {
            int next = next(bytes, at, end);
            decoded[length++] = (byte) next;
            at += next >> WIDTH_SHIFT;
        }
        return Arrays.copyOf(decoded, length);
    }

    /** The byte that stands at an index, and how many bytes it takes. */
    private static int next(byte[] bytes, int at, int end) {
        if (bytes[at] == '+') {
            return 1 << WIDTH_SHIFT | ' ';
        }
        if (bytes[at] == '%' && at + ESCAPE <= end) {
            int high = Bytes.hex(bytes[at + 1]);
            int low = Bytes.hex(bytes[at + 2]);
            if (high >= 0 && low >= 0) {
                return ESCAPE << WIDTH_SHIFT | high << 4 | low;
            }
        }
        return 1 << WIDTH_SHIFT | (bytes[at] & 0xff);
    }
}
