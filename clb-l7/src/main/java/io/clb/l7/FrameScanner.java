package io.clb.l7;

import io.netty.buffer.ByteBuf;

/**
 * Follows the frames of a WebSocket in the bytes of one direction, to know where one ends: RFC 6455 section 5.2. Judges nothing: what opcodes and reserved bits mean is between the
 * two ends. Takes pieces of any size, skips payload in one step, allocates nothing, returns and never throws. Confined to one loop.
 */
final class FrameScanner {

    private static final int OPCODE = 0x0f;
    private static final int CLOSE = 0x8;
    private static final int LENGTH = 0x7f;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;
    private static final int MASKING_KEY = 4;

    /** Bytes of the header under way that were seen; 0 between two frames. */
    private int seen;

    /** Where the payload's length ends in the header, and where the header does. */
    private int lengthEnd;

    private int headerEnd;
    private int opcode;
    private long remaining;
    private boolean closed;
    private boolean lost;

    /**
     * Looks at what came, up to the end of the frame that is under way.
     *
     * @param in what came
     * @param from the first byte to look at
     * @param to where what came ends
     * @return where the frame ends; {@code to} if it goes on after that
     */
    int next(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to && !lost) {
            if (seen < 2 || seen < headerEnd) {
                header(in.getByte(at++));
            } else {
                long payload = Math.min(remaining, to - at);
                at += (int) payload;
                remaining -= payload;
            }
            if (seen >= 2 && seen == headerEnd && remaining == 0) {
                seen = 0;
                closed |= opcode == CLOSE;
                return at;
            }
        }
        return to;
    }

    private void header(byte b) {
        switch (seen++) {
            case 0 -> opcode = b & OPCODE;
            case 1 -> {
                int length = b & LENGTH;
                lengthEnd = length == LENGTH_OF_16_BITS ? 4 : length == LENGTH_OF_64_BITS ? 10 : 2;
                headerEnd = lengthEnd + (b < 0 ? MASKING_KEY : 0);
                remaining = lengthEnd == 2 ? length : 0;
            }
            default -> {
                if (seen <= lengthEnd) {
                    remaining = remaining << Byte.SIZE | (b & 0xff);
                    // The first bit has to be 0: nobody can tell where such a frame ends.
                    lost = remaining < 0;
                }
            }
        }
    }

    /** Whether what came ended with a frame. */
    boolean isBetweenFrames() {
        return seen == 0 && !lost;
    }

    /** Whether a close frame has passed, after which none follows: section 5.5.1. */
    boolean isClosed() {
        return closed;
    }
}
