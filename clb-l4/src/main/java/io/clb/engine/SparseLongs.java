package io.clb.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Numbers of which most are 0, in blocks that are made with the first that is not. For one thread at a time. */
final class SparseLongs {

    private static final int IN_BLOCK = 32;

    private final long[] @Nullable [] blocks;

    SparseLongs(int size) {
        blocks = new long[(size + IN_BLOCK - 1) / IN_BLOCK][];
    }

    long get(int index) {
        long[] block = blocks[index / IN_BLOCK];
        return block == null ? 0 : block[index % IN_BLOCK];
    }

    void set(int index, long value) {
        long[] block = blocks[index / IN_BLOCK];
        if (block == null) {
            block = new long[IN_BLOCK];
            blocks[index / IN_BLOCK] = block;
        }
        block[index % IN_BLOCK] = value;
    }

    /** Sets all to 0. */
    void clear() {
        for (long[] block : blocks) {
            if (block != null) {
                Arrays.fill(block, 0);
            }
        }
    }
}
