package io.clb.table;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which server slot a key of 128 bits, an address or a connection id, was last given: a fixed number of words, in sets of eight, changed by one atomic step
 * each. All loops read and write it.
 *
 * <p>A word is {@code tag (24 bits) | slot (16) | second of last use (24)}; 0 is empty. The tag is a part of a keyed hash, so
 * that a stranger cannot choose keys that meet in one set. Two keys with one tag in one set (odds of 8 in 16 million for each
 * look-up) share an entry and so a server, which does no harm. When a set is full, the entry used longest ago gives way. A lost race
 * forgets one entry. Seconds wrap after 194 days: an entry that nobody used for so long looks new for one idle time, which does no harm
 * either.
 */
public final class SlotTable {

    /** An idle time that is never over. */
    public static final long NO_IDLE_TIME = 1L << 24;

    private static final int WAYS = 8;
    private static final int SLOT_BITS = 16;
    private static final int SECOND_BITS = 24;
    private static final long SECOND_MASK = (1L << SECOND_BITS) - 1;
    private static final long SLOT_MASK = (1L << SLOT_BITS) - 1;
    private static final int TAG_SHIFT = SLOT_BITS + SECOND_BITS;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final AtomicLongArray words;
    private final int setMask;
    private final long idleSeconds;
    private final long key;

    // stepped by any loop, where a set is full; read by any
    private final AtomicLong forgotten = new AtomicLong();

    /**
     * Makes an empty table.
     *
     * @param capacity entries, 8 bytes each; rounded up to a power of two
     * @param idleSeconds after how long without use an entry is none any more
     * @param key keys the hash: any number that strangers do not know
     */
    public SlotTable(int capacity, long idleSeconds, long key) {
        int sets = Math.max(1, Integer.highestOneBit(capacity * 2 - 1) / WAYS);
        this.words = new AtomicLongArray(sets * WAYS);
        this.setMask = sets - 1;
        this.idleSeconds = idleSeconds;
        this.key = key;
    }

    /**
     * Looks up a key.
     *
     * @param high bits 127 to 64 of the key
     * @param low bits 63 to 0
     * @param nowNanos the loop's clock
     * @return the slot kept for it, or -1
     */
    public int find(long high, long low, long nowNanos) {
        long hash = hash(high, low);
        int at = indexOf(hash);
        if (at < 0) {
            return -1;
        }
        long word = words.get(at);
        return tagOf(word) == tag(hash) && age(word, nowNanos) <= idleSeconds ? slotOf(word) : -1;
    }

    /**
     * Marks what is kept for a key as used now, if it is this slot or has expired. In one step: another loop may be giving the key another
     * slot, and that is the newer word.
     *
     * @param high bits 127 to 64 of the key
     * @param low bits 63 to 0
     * @param slot 0 to 65535
     * @param nowNanos the loop's clock
     */
    public void refresh(long high, long low, int slot, long nowNanos) {
        long hash = hash(high, low);
        int at = indexOf(hash);
        if (at < 0) {
            put(high, low, slot, nowNanos);
            return;
        }
        long seen = words.get(at);
        boolean expired = age(seen, nowNanos) > idleSeconds;
        if (tagOf(seen) == tag(hash) && (expired || slotOf(seen) == slot)) {
            words.compareAndSet(at, seen, word(hash, slot, nowNanos));
        }
    }

    /**
     * Keeps a slot for a key, as used now. The last one to do so is right.
     *
     * @param high bits 127 to 64 of the key
     * @param low bits 63 to 0
     * @param slot 0 to 65535
     * @param nowNanos the loop's clock
     */
    public void put(long high, long low, int slot, long nowNanos) {
        long hash = hash(high, low);
        int at = indexOf(hash);
        if (at < 0) {
            at = oldest(hash, nowNanos);
            long oldest = words.get(at);
            if (oldest != 0 && age(oldest, nowNanos) <= idleSeconds) {
                forgotten.incrementAndGet();
            }
        }
        long word = word(hash, slot, nowNanos);
        if (words.get(at) != word) {
            words.set(at, word);
        }
    }

    /**
     * Returns how often an entry gave way to another before its idle time was over. On any thread.
     *
     * @return the count
     */
    public long forgotten() {
        return forgotten.get();
    }

    private static long word(long hash, int slot, long nowNanos) {
        return tag(hash) << TAG_SHIFT | (long) slot << SECOND_BITS | second(nowNanos);
    }

    private static int slotOf(long word) {
        return (int) (word >>> SECOND_BITS & SLOT_MASK);
    }

    private int indexOf(long hash) {
        int first = ((int) hash & setMask) * WAYS;
        for (int at = first; at < first + WAYS; at++) {
            if (tagOf(words.get(at)) == tag(hash)) {
                return at;
            }
        }
        return -1;
    }

    private int oldest(long hash, long nowNanos) {
        int first = ((int) hash & setMask) * WAYS;
        int oldest = first;
        long oldestAge = -1;
        for (int at = first; at < first + WAYS; at++) {
            long word = words.get(at);
            long age = word == 0 ? Long.MAX_VALUE : age(word, nowNanos);
            if (age > oldestAge) {
                oldest = at;
                oldestAge = age;
            }
        }
        return oldest;
    }

    private static long age(long word, long nowNanos) {
        // The other loop's clock may be a little ahead: then the difference is just below the modulus, and means "now".
        long age = second(nowNanos) - (word & SECOND_MASK) & SECOND_MASK;
        return age > SECOND_MASK - 2 ? 0 : age;
    }

    private static long second(long nowNanos) {
        return Math.floorDiv(nowNanos, NANOS_PER_SECOND) & SECOND_MASK;
    }

    private static long tagOf(long word) {
        return word >>> TAG_SHIFT;
    }

    /** Never 0, so that no entry looks empty. */
    private static long tag(long hash) {
        return Math.max(1, hash >>> TAG_SHIFT);
    }

    /** Two rounds of a 64-bit finalizer (Stafford's variant 13), keyed in between. */
    private long hash(long high, long low) {
        return mix(mix(high ^ key) + low ^ Long.rotateLeft(key, 32));
    }

    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
        return b ^ b >>> 31;
    }
}
