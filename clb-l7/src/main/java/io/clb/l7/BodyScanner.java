package io.clb.l7;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of a body in the bytes of a connection. Bodies are passed on as they came, so what frames them is checked against the grammar of RFC 9112 section
 * 7.1 byte for byte: sizes are hexadecimal digits and nothing else, lines end with CRLF, extensions are short tokens (a quoted string may
 * end at another place for others than for us), trailers are short and hold no control characters, and none is a field that frames or routes a message. Takes pieces of any size, allocates nothing for bodies without trailers, returns and never
 * throws. Reused for one body after another, confined to one loop.
 */
final class BodyScanner {

    /** Of {@link #scan}: these chunks are malformed. */
    static final int MALFORMED = -1;

    /** Of {@link #scan}: this body is larger than it may be. */
    static final int TOO_LARGE = -2;

    /** 60 bits: more than anybody sends, and no overflow. */
    private static final int MAX_SIZE_DIGITS = 15;

    /** Nobody is known to use extensions; generous to those who do. Not measured. */
    private static final int MAX_EXTENSION = 256;

    /** As long as half of the usual limit of a head. Not measured. */
    private static final int MAX_TRAILERS = 8_192;

    /** Longer than all names that {@link Field} knows, and than the beginnings that it knows of longer ones. */
    private static final int KEPT_NAME = 32;

    private static final byte[] NO_NAME = {};

    private enum State {
        /** A known number of bytes to go. */
        LENGTH,
        /** All there is until the connection ends. */
        UNTIL_CLOSE,
        SIZE_FIRST_DIGIT,
        SIZE,
        EXTENSION_START,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_LF,
        LAST_LF,
        COMPLETE
    }

    private State state = State.COMPLETE;
    private long remaining;
    private long allowed;
    private boolean underscores;
    private int digits;
    private int extension;
    private int trailers;
    private byte[] name = NO_NAME;
    private int nameLength;

    /** A message without a body. */
    void none() {
        state = State.COMPLETE;
    }

    /** A body of known length. */
    void length(long bytes) {
        remaining = bytes;
        state = bytes == 0 ? State.COMPLETE : State.LENGTH;
    }

    /** A body in chunks, of any size. */
    void chunked() {
        chunked(Long.MAX_VALUE, true);
    }

    /**
     * A body in chunks.
     *
     * @param max the bytes that it may have without what frames them
     * @param trailersUnderscored whether the names of trailers may have underscores
     */
    void chunked(long max, boolean trailersUnderscored) {
        allowed = max;
        underscores = trailersUnderscored;
        trailers = 0;
        state = State.SIZE_FIRST_DIGIT;
    }

    /** A body that ends with its connection. */
    void untilClose() {
        state = State.UNTIL_CLOSE;
    }

    boolean isComplete() {
        return state == State.COMPLETE;
    }

    boolean isUntilClose() {
        return state == State.UNTIL_CLOSE;
    }

    /**
     * Looks at what came, and leaves it in the buffer.
     *
     * @param in what came
     * @return how many of its bytes belong to this body, or {@link #MALFORMED} or {@link #TOO_LARGE}
     */
    int scan(ByteBuf in) {
        return scan(in, null);
    }

    /**
     * Likewise, and copies the content of the body.
     *
     * @param content where to; null for nowhere
     */
    int scan(ByteBuf in, @Nullable ByteBuf content) {
        int readable = in.readableBytes();
        switch (state) {
            case COMPLETE -> {
                return 0;
            }
            case UNTIL_CLOSE -> {
                copy(in, in.readerIndex(), readable, content);
                return readable;
            }
            case LENGTH -> {
                int data = (int) Math.min(readable, remaining);
                remaining -= data;
                if (remaining == 0) {
                    state = State.COMPLETE;
                }
                copy(in, in.readerIndex(), data, content);
                return data;
            }
            default -> {
                return chunks(in, in.readerIndex(), in.writerIndex(), content);
            }
        }
    }

    private static void copy(ByteBuf in, int start, int length, @Nullable ByteBuf content) {
        if (content != null) {
            content.writeBytes(in, start, length);
        }
    }

    private int chunks(ByteBuf in, int start, int end, @Nullable ByteBuf content) {
        int at = start;
        while (at < end && state != State.COMPLETE) {
            if (state == State.DATA) {
                int data = (int) Math.min(remaining, end - at);
                copy(in, at, data, content);
                at += data;
                remaining -= data;
                if (remaining == 0) {
                    state = State.DATA_CR;
                }
            } else if (!step(in.getByte(at++))) {
                return MALFORMED;
            } else if (state == State.DATA) {
                allowed -= remaining;
                if (allowed < 0) {
                    return TOO_LARGE;
                }
            }
        }
        return at - start;
    }

    /** Takes one byte of what frames the data. False if it must not stand there. */
    private boolean step(byte b) {
        switch (state) {
            case SIZE_FIRST_DIGIT -> {
                digits = 0;
                remaining = 0;
                state = State.SIZE;
                return digit(b);
            }
            case SIZE -> {
                if (b == '\r') {
                    state = State.SIZE_LF;
                    return true;
                }
                if (b == ';') {
                    extension = 0;
                    state = State.EXTENSION_START;
                    return true;
                }
                return digit(b);
            }
            case EXTENSION_START -> {
                state = State.EXTENSION;
                return Bytes.isToken(b) && ++extension <= MAX_EXTENSION;
            }
            case EXTENSION -> {
                if (b == '\r') {
                    state = State.SIZE_LF;
                    return true;
                }
                if (b == ';' || b == '=') {
                    state = State.EXTENSION_START;
                }
                return (state == State.EXTENSION_START || Bytes.isToken(b)) && ++extension <= MAX_EXTENSION;
            }
            case SIZE_LF -> {
                state = remaining == 0 ? State.TRAILER_START : State.DATA;
                return b == '\n';
            }
            case DATA_CR -> {
                state = State.DATA_LF;
                return b == '\r';
            }
            case DATA_LF -> {
                state = State.SIZE_FIRST_DIGIT;
                return b == '\n';
            }
            default -> {
                return ++trailers <= MAX_TRAILERS && trailer(b);
            }
        }
    }

    private boolean digit(byte b) {
        int value = Bytes.hex(b);
        remaining = remaining << 4 | value;
        return value >= 0 && ++digits <= MAX_SIZE_DIGITS;
    }

    private boolean trailer(byte b) {
        switch (state) {
            case TRAILER_START -> {
                if (b == '\r') {
                    state = State.LAST_LF;
                    return true;
                }
                nameLength = 0;
                state = State.TRAILER_NAME;
                return name(b);
            }
            case TRAILER_NAME -> {
                if (b == ':') {
                    state = State.TRAILER_VALUE;
                    return isHarmless();
                }
                return name(b);
            }
            case TRAILER_VALUE -> {
                if (b == '\r') {
                    state = State.TRAILER_LF;
                    return true;
                }
                return Bytes.isValue(b);
            }
            case TRAILER_LF -> {
                state = State.TRAILER_START;
                return b == '\n';
            }
            default -> {
                state = State.COMPLETE;
                return b == '\n';
            }
        }
    }

    private boolean name(byte b) {
        if (name == NO_NAME) {
            name = new byte[KEPT_NAME];
        }
        if (nameLength < KEPT_NAME) {
            name[nameLength] = b;
        }
        nameLength++;
        return Bytes.isName(b, underscores);
    }

    /** Whether it is a field that may come after the body: RFC 9110 6.5.1. */
    private boolean isHarmless() {
        return Field.of(name, 0, Math.min(nameLength, KEPT_NAME)) == Field.OTHER;
    }
}
