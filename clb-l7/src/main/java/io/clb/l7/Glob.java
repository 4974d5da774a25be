package io.clb.l7;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A pattern in which {@code *} stands for any text, the empty one too, and {@code ?} for one character; all else stands for itself. Immutable; any thread. Takes as many
 * steps as text and pattern are long, multiplied, at most, and allocates nothing.
 */
final class Glob {

    private final byte[] pattern;

    Glob(String pattern) {
        this.pattern = pattern.getBytes(UTF_8);
    }

    /** Whether a text in UTF-8 fits. */
    boolean fits(byte[] text, int start, int end) {
        int at = start;
        int p = 0;
        // where to go on when what follows the last star does not fit here
        int star = -1;
        int retry = start;
        while (at < end) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                retry = at;
            } else if (p < pattern.length && pattern[p] == '?') {
                p++;
                at = characterEnd(text, at, end);
            } else if (p < pattern.length && pattern[p] == text[at]) {
                p++;
                at++;
            } else if (star >= 0) {
                p = star + 1;
                retry = characterEnd(text, retry, end);
                at = retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** Where the character that begins at an index ends; what is no UTF-8 is taken byte by byte. */
    private static int characterEnd(byte[] text, int at, int end) {
        int next = at + 1;
        if (text[at] < -64) {
            return next;
        }
        while (text[at] < 0 && next < end && text[next] < -64) {
            next++;
        }
        return next;
    }
}
