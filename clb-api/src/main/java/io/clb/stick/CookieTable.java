package io.clb.stick;

import io.clb.spi.Server;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which server a cookie's value names: filled when a picker is built, then read by any loop.
 *
 * <p>A value is 128 bits of a MAC, written as 22 digits of base64url (RFC 4648 5). It is kept as two words, in a table with linear probing that
 * is at most half full. The bits of a MAC are as good as random to whoever lacks the key, so they are the hash as they stand, and nobody can choose
 * values that crowd one place. What is asked for may be anything: all but 22 digits are refused by their length, and the two words are compared
 * at once, so that the time taken does not tell how much of a guess was right.
 */
final class CookieTable {

    /** Digits of a value. */
    static final int LENGTH = 22;

    /** The last digit of a value carries two bits; the four below them are zero, so that a value is written in one way only. */
    private static final int PADDING_BITS = 4;

    private static final int PADDING = (1 << PADDING_BITS) - 1;
    private static final int DIGIT_BITS = 6;
    private static final byte[] DIGITS = digits();

    private final long[] highs;
    private final long[] lows;
    private final @Nullable Server[] servers;
    private final int mask;

    /** Makes room for so many values. */
    CookieTable(int values) {
        int size = Integer.highestOneBit(Math.max(1, values) * 4 - 1);
        highs = new long[size];
        lows = new long[size];
        servers = new Server[size];
        mask = size - 1;
    }

    /** Adds the value of a server. Before any loop reads. */
    void put(byte[] mac, Server server) {
        long high = word(mac, 0);
        long low = word(mac, Long.BYTES);
        int at = (int) low & mask;
        while (servers[at] != null) {
            at = (at + 1) & mask;
        }
        highs[at] = high;
        lows[at] = low;
        servers[at] = server;
    }

    /** Returns the server that a value names, or null if it is none that was put. */
    @Nullable
    Server find(CharSequence value) {
        return find(value, value.length());
    }

    /** Likewise, of the value that so many characters are. */
    @Nullable
    Server find(CharSequence value, int length) {
        if (length != LENGTH) {
            return null;
        }
        long high = 0;
        long low = 0;
        int seen = 0;
        for (int i = 0; i < LENGTH - 1; i++) {
            int digit = digit(value.charAt(i));
            seen |= digit;
            high = (high << DIGIT_BITS) | (low >>> (Long.SIZE - DIGIT_BITS));
            low = (low << DIGIT_BITS) | digit;
        }
        int last = digit(value.charAt(LENGTH - 1));
        if ((seen | last) < 0 || (last & PADDING) != 0) {
            return null;
        }
        int bits = DIGIT_BITS - PADDING_BITS;
        return find((high << bits) | (low >>> (Long.SIZE - bits)), (low << bits) | (last >>> PADDING_BITS));
    }

    private @Nullable Server find(long high, long low) {
        int at = (int) low & mask;
        while (true) {
            Server server = servers[at];
            if (server == null || ((highs[at] ^ high) | (lows[at] ^ low)) == 0) {
                return server;
            }
            at = (at + 1) & mask;
        }
    }

    /** The six bits that a digit stands for; negative for what is none. */
    static int digit(char c) {
        return c < DIGITS.length ? DIGITS[c] : -1;
    }

    private static byte[] digits() {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        byte[] digits = new byte[128];
        Arrays.fill(digits, (byte) -1);
        for (int i = 0; i < alphabet.length(); i++) {
            digits[alphabet.charAt(i)] = (byte) i;
        }
        return digits;
    }

    private static long word(byte[] bytes, int from) {
        long word = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            word = (word << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return word;
    }
}
