package io.clb.ratelimit;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A long row of words, all 0 at first, in chunks of 32 KiB that take no memory before they are needed. For any thread. */
final class LazyWords {

    private static final int CHUNK_BITS = 12;

    private final int length;
    private final int chunkLength;

    // added by any loop, once each; read by any loop
    private final AtomicReferenceArray<@Nullable AtomicLongArray> chunks;

    /**
     * Makes a row.
     *
     * @param length a power of two
     */
    LazyWords(int length) {
        this.length = length;
        chunkLength = Math.min(length, 1 << CHUNK_BITS);
        chunks = new AtomicReferenceArray<>(length / chunkLength);
    }

    int length() {
        return length;
    }

    /** The place of a word in its chunk. */
    int place(int index) {
        return index & (chunkLength - 1);
    }

    /** The chunk that a word is in; null if none of it was needed yet. */
    @Nullable
    AtomicLongArray find(int index) {
        return chunks.get(index >>> CHUNK_BITS);
    }

    /** The chunk that a word is in. Who comes second when it is added drops his. */
    AtomicLongArray need(int index) {
        AtomicLongArray chunk = find(index);
        return chunk != null ? chunk : add(index >>> CHUNK_BITS);
    }

    private AtomicLongArray add(int number) {
        AtomicLongArray added = new AtomicLongArray(chunkLength);
        AtomicLongArray first = chunks.compareAndExchange(number, null, added);
        return first == null ? added : first;
    }

    /** How many words take memory. */
    int allocated() {
        int words = 0;
        for (int number = 0; number < chunks.length(); number++) {
            words += chunks.get(number) == null ? 0 : chunkLength;
        }
        return words;
    }
}
