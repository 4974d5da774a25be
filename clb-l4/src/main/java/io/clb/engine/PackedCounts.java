package io.clb.engine;

import java.util.Arrays;

/** Counts in as few bytes as they need: those that are 0 take none, the others the distance from the one before and the count, seven bits to a byte. */
final class PackedCounts {

    private static final byte[] NONE = new byte[0];
    private static final int BITS = 7;
    private static final int MORE = 1 << BITS;

    /** Is told of each count above 0, in order. */
    interface Reader {

        void count(int cell, long count);
    }

    /** Packs counts, one after the other, into memory that it keeps. For one thread. */
    static final class Writer {

        private byte[] bytes = new byte[256];
        private int length;
        private int last;

        /** Adds a count above 0; cells in ascending order. */
        void add(int cell, long count) {
            if (bytes.length - length < 2 * Long.BYTES + Long.BYTES) {
                bytes = Arrays.copyOf(bytes, 2 * bytes.length);
            }
            number(cell - last);
            number(count);
            last = cell;
        }

        private void number(long value) {
            long left = value;
            while (left >= MORE) {
                bytes[length++] = (byte) (left | MORE);
                left >>>= BITS;
            }
            bytes[length++] = (byte) left;
        }

        /** Packs counts that are in order. */
        byte[] pack(long[] counts) {
            for (int cell = 0; cell < counts.length; cell++) {
                if (counts[cell] > 0) {
                    add(cell, counts[cell]);
                }
            }
            return end();
        }

        /** Returns what was added, and begins anew. */
        byte[] end() {
            byte[] packed = length == 0 ? NONE : Arrays.copyOf(bytes, length);
            length = 0;
            last = 0;
            return packed;
        }
    }

    private PackedCounts() {}

    static void read(byte[] packed, Reader reader) {
        int cell = 0;
        int at = 0;
        while (at < packed.length) {
            cell += (int) number(packed, at);
            at += length(packed, at);
            reader.count(cell, number(packed, at));
            at += length(packed, at);
        }
    }

    /** A single count. */
    static long get(byte[] packed, int wanted) {
        int cell = 0;
        int at = 0;
        while (at < packed.length) {
            cell += (int) number(packed, at);
            at += length(packed, at);
            if (cell >= wanted) {
                return cell == wanted ? number(packed, at) : 0;
            }
            at += length(packed, at);
        }
        return 0;
    }

    private static long number(byte[] packed, int start) {
        long value = 0;
        int at = start;
        for (int shift = 0; ; shift += BITS) {
            byte part = packed[at++];
            value |= (long) (part & (MORE - 1)) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }

    private static int length(byte[] packed, int start) {
        int at = start;
        while (packed[at] < 0) {
            at++;
        }
        return at + 1 - start;
    }
}
