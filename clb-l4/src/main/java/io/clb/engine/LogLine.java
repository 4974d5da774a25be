package io.clb.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A line of an access log in the making: writes values so that whoever reads the line gets back exactly those, whatever a client sent. Reused for one line after another,
 * confined to one loop.
 */
public final class LogLine {

    private static final int ROOM = 1_024;

    /** A line that grew larger than this does not keep its memory. Not measured. */
    private static final int MAX_KEPT = 1 << 16;

    /** What a byte may become: six characters in JSON. */
    private static final int WIDEST = 6;

    /** What a number, a time or an address may take. */
    private static final int SHORT = 64;

    private static final int MILLIS = 1_000;
    private static final long NANOS_IN_MILLI = 1_000_000;
    private static final int SECOND_LENGTH = "2026-01-01T00:00:00".length();
    private static final int GROUPS = 8;
    private static final byte[] NULL = "null".getBytes(US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    private final LogTries tries = new LogTries();
    private byte[] bytes = new byte[ROOM];
    private int length;
    private boolean json;
    private boolean quoted;
    private int stop;
    private int entries;
    private long second = Long.MIN_VALUE;
    private byte[] secondText = new byte[0];

    LogLine() {}

    /** Begins a line. */
    void begin(boolean inJson) {
        json = inJson;
        length = 0;
        if (bytes.length > MAX_KEPT) {
            bytes = new byte[ROOM];
        }
    }

    /**
     * Says where the next value stands.
     *
     * @param inQuotes whether a quote stands on either side
     * @param behind the byte that follows it, which so cannot be part of it
     */
    void place(boolean inQuotes, int behind) {
        quoted = inQuotes;
        stop = behind;
    }

    LogTries tries() {
        return tries;
    }

    int length() {
        return length;
    }

    void writeTo(ByteBuf out) {
        out.writeBytes(bytes, 0, length);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** Adds bytes as they are. */
    void literal(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /** Says that nothing is known. */
    public void none() {
        if (json) {
            literal(NULL);
        } else {
            room(1);
            bytes[length++] = '-';
        }
    }

    /**
     * Adds what a client sent.
     *
     * @param from where it is
     * @param start its first byte
     * @param end behind its last byte
     */
    public void text(byte[] from, int start, int end) {
        room(WIDEST * (end - start) + 2);
        boolean marked = isMarked(start == end);
        mark(marked);
        if (!json && end - start == 1 && from[start] == '-') {
            escape(from[start]);
        } else {
            for (int i = start; i < end; i++) {
                add(from[i]);
            }
        }
        mark(marked);
    }

    /** Whether a text has quotes of its own. */
    private boolean isMarked(boolean empty) {
        return json || (empty && !quoted);
    }

    private void mark(boolean on) {
        if (on) {
            bytes[length++] = '"';
        }
    }

    private void add(byte b) {
        if (isPlain(b)) {
            bytes[length++] = b;
        } else {
            escape(b);
        }
    }

    private boolean isPlain(byte b) {
        if (b <= ' ' || b == 0x7f || b == '"' || b == '\\') {
            return b == ' ' && (json || quoted);
        }
        return json || b != stop;
    }

    private void escape(byte b) {
        bytes[length++] = '\\';
        if (json) {
            bytes[length++] = 'u';
            bytes[length++] = '0';
            bytes[length++] = '0';
        } else {
            bytes[length++] = 'x';
        }
        bytes[length++] = HEX[b >> 4 & 15];
        bytes[length++] = HEX[b & 15];
    }

    /**
     * Adds a text of the configuration's.
     *
     * @param text any
     */
    public void text(String text) {
        if (!json && (text.equals("-") || !isAscii(text))) {
            byte[] encoded = text.getBytes(UTF_8);
            text(encoded, 0, encoded.length);
            return;
        }
        room(WIDEST * text.length() + 2);
        boolean marked = isMarked(text.isEmpty());
        mark(marked);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                add((byte) c);
            } else {
                bytes[length++] = '\\';
                bytes[length++] = 'u';
                hex(c >> 12);
                hex(c >> 8);
                hex(c >> 4);
                hex(c);
            }
        }
        mark(marked);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private void hex(int digit) {
        bytes[length++] = HEX[digit & 15];
    }

    /**
     * Adds a word: letters, digits and marks that need no care.
     *
     * @param word ASCII
     */
    public void word(String word) {
        room(word.length() + 2);
        mark(json);
        for (int i = 0; i < word.length(); i++) {
            bytes[length++] = (byte) word.charAt(i);
        }
        mark(json);
    }

    /**
     * Adds a number.
     *
     * @param value 0 or more
     */
    public void number(long value) {
        room(SHORT);
        digits(Math.max(0, value));
    }

    private void digits(long value) {
        int count = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            count++;
        }
        long rest = value;
        for (int at = length + count - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    private void threeDigits(int value) {
        bytes[length++] = (byte) ('0' + value / 100);
        bytes[length++] = (byte) ('0' + value / 10 % 10);
        bytes[length++] = (byte) ('0' + value % 10);
    }

    /**
     * Adds a time in seconds with three decimals.
     *
     * @param nanos nanoseconds
     */
    public void seconds(long nanos) {
        room(SHORT);
        long millis = Math.max(0, nanos) / NANOS_IN_MILLI;
        digits(millis / MILLIS);
        bytes[length++] = '.';
        threeDigits((int) (millis % MILLIS));
    }

    /**
     * Adds a time in milliseconds.
     *
     * @param nanos nanoseconds
     */
    public void millis(long nanos) {
        number(nanos / NANOS_IN_MILLI);
    }

    /** Adds a moment, of which all but the milliseconds is written down once in a second. */
    void moment(long epochMillis) {
        long seconds = Math.floorDiv(epochMillis, MILLIS);
        if (seconds != second) {
            second = seconds;
            secondText = Instant.ofEpochSecond(seconds)
                    .toString()
                    .substring(0, SECOND_LENGTH)
                    .getBytes(US_ASCII);
        }
        room(SHORT);
        mark(json);
        literal(secondText);
        bytes[length++] = '.';
        threeDigits(Math.floorMod(epochMillis, MILLIS));
        bytes[length++] = 'Z';
        mark(json);
    }

    /** Adds an address of 128 bits as {@link io.clb.spi.Flow} has them: RFC 5952. */
    void address(long high, long low) {
        if (high == 0 && low == 0) {
            none();
            return;
        }
        room(SHORT);
        mark(json);
        plainAddress(high, low);
        mark(json);
    }

    private void plainAddress(long high, long low) {
        if (Addresses.isIpv4(high, low)) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                digits(low >>> shift & 0xff);
                if (shift > 0) {
                    bytes[length++] = '.';
                }
            }
            return;
        }
        int zerosAt = -1;
        int zeros = 1;
        int run = 0;
        for (int i = 0; i < GROUPS; i++) {
            run = group(high, low, i) == 0 ? run + 1 : 0;
            if (run > zeros) {
                zeros = run;
                zerosAt = i + 1 - run;
            }
        }
        for (int i = 0; i < GROUPS; i++) {
            if (i == zerosAt) {
                bytes[length++] = ':';
                bytes[length++] = ':';
                i += zeros - 1;
                continue;
            }
            if (i > 0 && i != zerosAt + zeros) {
                bytes[length++] = ':';
            }
            int group = group(high, low, i);
            for (int shift = 12; shift >= 0; shift -= 4) {
                if (shift == 0 || group >>> shift > 0) {
                    hex(group >>> shift);
                }
            }
        }
    }

    private static int group(long high, long low, int index) {
        long half = index < GROUPS / 2 ? high : low;
        return (int) (half >>> (48 - 16 * (index % (GROUPS / 2)))) & 0xffff;
    }

    /**
     * Adds where a server is: address and port, or what it is called if it has no address yet, or no port that is known.
     *
     * @param server the server
     * @param reachedPort the port that the client reached, which is that of a server without one; 0 if it is not known
     */
    void server(RunServer server, int reachedPort) {
        RunServer.Place place = server.place();
        int port = server.port() > 0 ? server.port() : reachedPort;
        if (place == null || port == 0) {
            text(server.id());
            return;
        }
        room(SHORT);
        mark(json);
        boolean ipv4 = Addresses.isIpv4(place.high(), place.low());
        if (!ipv4) {
            bytes[length++] = '[';
        }
        plainAddress(place.high(), place.low());
        if (!ipv4) {
            bytes[length++] = ']';
        }
        bytes[length++] = ':';
        digits(port);
        mark(json);
    }

    /**
     * Adds the address of a server, without port.
     *
     * @param server the server; null for none
     */
    public void host(@Nullable RunServer server) {
        RunServer.Place place = server == null ? null : server.place();
        if (place == null) {
            none();
        } else {
            address(place.high(), place.low());
        }
    }

    /** Begins a list. */
    void list() {
        entries = 0;
        room(1);
        if (json) {
            bytes[length++] = '[';
        }
    }

    /** Begins an entry of the list. */
    void entry() {
        room(1);
        if (entries++ > 0) {
            bytes[length++] = ',';
        }
    }

    /** Ends the list. */
    void listEnd() {
        room(1);
        if (json) {
            bytes[length++] = ']';
        } else if (entries == 0) {
            bytes[length++] = '-';
        }
    }
}
