package io.clb.ratelimit;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.clb.spi.KeyedRateLimiter;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Lets a share through for each key: the algorithm of {@link GcraLimiter}, on a table of bounded size.
 *
 * <p><b>Entries.</b> One long each, changed by one CAS: 19 bits of the key's hash, and the word of the algorithm in 44. Units are coarser for that: 7 to
 * 15 ns, by which who comes after a pause may be late; the share is as exact. Words wrap after 36 hours; those that are paid for long are
 * cleared when a new key comes by. 8 entries are a group, on two neighbouring cache lines at most; other bits of the hash tell which.
 *
 * <p><b>Room.</b> Only keys in debt, which have taken what is not earned again yet, need an entry: those that have paid are as good as absent, and theirs
 * are used again. So it matters only how many are in debt at one time. Where all of a group are, a new key takes over the entry that owes least, with its
 * debt, as in the Space-Saving algorithm [1]. Debts shrink all alike and entries only ever grow, so a key that lost its entry owes no more than
 * any entry of its group: taking over another it takes over its own debt, at least. So no key ever gets more than its share, and one that finds
 * its group full may get less: {@link #shared} counts.
 *
 * <p><b>Mistaken identity.</b> A key finds one of the 7 others of its group under its own 19 bits with a probability of 1 in 75,000, and shares its
 * limit then.
 *
 * <p><b>Two loops with one new key</b> must not make two entries of it. A loop enters it with a mark that nobody else takes it by; then looks through the
 * group, and strikes out others that are entering the same key; then takes its mark off, unless it was struck out itself or somebody has entered. Of two
 * loops, the one that looks later sees the other's entry.
 *
 * <p><b>Memory</b>: 8 bytes for each of the keys to tell apart, rounded up to a power of two, in chunks of 32 KiB on first use; 216 bytes, and 4
 * for each chunk, without traffic.
 *
 * <p>[1] Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data Streams, 2005.
 */
final class KeyedGcra implements KeyedRateLimiter {

    private static final int MOST_KEYS = 1 << 24;

    private static final int GROUP = 8;

    /** What the clocks of two loops may differ by, as in {@link GcraLimiter}. */
    private static final long SKEW_NANOS = SECONDS.toNanos(1);

    /** 7 to 15 ns are far less than the microsecond that the fastest of such limits has between permits, and make words wrap late. */
    private static final int SECOND_BITS = 27;

    /** 1/64 of the range: who returns after a long time finds his old entry in debt again with that probability at most. */
    private static final int BURST_BITS = 38;

    private static final int WORD_BITS = 44;

    private static final long WORD = (1L << WORD_BITS) - 1;

    /** Of an entry that is nobody's yet. */
    private static final long ENTERING = 1L << 63;

    private static final int PRINT_BITS = 19;

    /** Behind by a quarter of the range, by when no loop takes it to be in debt; and before it comes round. */
    private static final long LONG_PAID = -(1L << (WORD_BITS - 2));

    /** Not a wait: the entry was changed by another loop. */
    private static final long AGAIN = -1;

    private final PermitClock clock;
    private final long price;
    private final long burst;
    private final long horizon;

    /** What all keys have taken, at least. So the burst of a new limit that is larger than the one before is not there at once. */
    private final long least;

    // entries: read and stepped by any loop
    private final LazyWords words;

    private final LongAdder shared = new LongAdder();

    /**
     * Makes a limiter that goes on where another stands, for each key as {@link GcraLimiter} does.
     *
     * @param share what to let through for each key
     * @param leastBurst how many permits must fit at once, though they be more than 100 ms of the share
     * @param keys how many keys in debt to tell apart
     * @param previous null to start with a full burst for each
     */
    KeyedGcra(Share share, long leastBurst, int keys, long nowNanos, @Nullable KeyedGcra previous) {
        if (keys < 1 || keys > MOST_KEYS) {
            throw new IllegalArgumentException("keys: " + keys + " (expected: 1 to 16,777,216)");
        }
        clock = clock(share, leastBurst, nowNanos);
        price = clock.units(1);
        burst = clock.burst();
        horizon = burst + clock.earned(SKEW_NANOS) + 1;
        words = new LazyWords(Math.max(GROUP, Integer.highestOneBit(2 * keys - 1)));
        least = previous == null ? 0 : carried(previous.leastDebt(previous.clock.read(nowNanos)), previous);
        if (previous != null) {
            carryOver(previous, nowNanos);
        }
    }

    /** What it counts on. */
    static PermitClock clock(Share share, long leastBurst, long nowNanos) {
        return new PermitClock(share, leastBurst, SECOND_BITS, BURST_BITS, nowNanos);
    }

    @Override
    public long tryAcquire(long key, long nowNanos) {
        long now = clock.read(nowNanos);
        long print = print(key);
        int index = group(key);
        AtomicLongArray chunk = words.need(index);
        int first = words.place(index);
        while (true) {
            int place = find(print, chunk, first);
            long wait =
                    place < 0 ? enter(print, chunk, first, nowNanos, now) : take(print, chunk, place, nowNanos, now);
            if (wait != AGAIN) {
                return wait;
            }
        }
    }

    @Override
    public long peek(long key, long nowNanos) {
        long now = clock.read(nowNanos);
        int index = group(key);
        AtomicLongArray chunk = words.find(index);
        long debt = chunk == null ? leastDebt(now) : debtOf(print(key), chunk, words.place(index), now);
        return wait(debt, nowNanos, now);
    }

    @Override
    public long shared() {
        return shared.sum();
    }

    /** How many entries take memory. */
    int allocated() {
        return words.allocated();
    }

    private int group(long key) {
        return ((int) key * GROUP) & (words.length() - 1);
    }

    /** What tells the keys of a group apart: never 0, as an entry that is 0 is nobody's. */
    private static long print(long key) {
        return Math.max(1, key >>> (Long.SIZE - PRINT_BITS)) << WORD_BITS;
    }

    private static boolean isOf(long print, long entry) {
        return (entry & ~WORD) == print;
    }

    /** Takes a key's name from an entry, and leaves its debt. */
    private static long struckOut(long entry) {
        return Math.max(1, entry & WORD);
    }

    /** The place of a key's entry; -1 if it has none. */
    private static int find(long print, AtomicLongArray chunk, int first) {
        for (int place = first; place < first + GROUP; place++) {
            if (isOf(print, chunk.get(place))) {
                return place;
            }
        }
        return -1;
    }

    /** What a key owes: by its own entry, or by that which it would take over. */
    private long debtOf(long print, AtomicLongArray chunk, int first, long now) {
        long smallest = Long.MAX_VALUE;
        for (int place = first; place < first + GROUP; place++) {
            long entry = chunk.get(place);
            long debt = debt(entry, now);
            if (isOf(print, entry)) {
                return debt;
            }
            smallest = Math.min(smallest, debt);
        }
        return smallest;
    }

    /** How far an entry is ahead of the clock. */
    private long debt(long entry, long now) {
        long ahead = ahead(entry, now);
        boolean owes = entry != 0 && ahead > 0 && ahead <= horizon;
        return owes ? Math.max(ahead, leastDebt(now)) : leastDebt(now);
    }

    private long leastDebt(long now) {
        long ahead = least - now;
        return ahead > 0 && ahead <= horizon ? ahead : 0;
    }

    /** The difference of words, which are 44 bits. */
    private static long ahead(long entry, long now) {
        return ((entry - now) << (Long.SIZE - WORD_BITS)) >> (Long.SIZE - WORD_BITS);
    }

    private boolean isLongPaid(long entry, long now) {
        long ahead = ahead(entry, now);
        return entry != 0 && (ahead < LONG_PAID || ahead > horizon);
    }

    private long wait(long debt, long nowNanos, long now) {
        long missing = debt - (burst - price);
        return missing > 0 ? clock.nanosUntil(missing, nowNanos, now) : 0;
    }

    /** What becomes of an entry's word if a permit is taken. */
    private long stepped(long debt, long nowNanos, long now) {
        long from = debt > 0 ? now + debt : clock.readUp(nowNanos, now);
        return (from + price) & WORD;
    }

    private long take(long print, AtomicLongArray chunk, int place, long nowNanos, long now) {
        long entry = chunk.get(place);
        if (!isOf(print, entry)) {
            return AGAIN;
        }
        long debt = debt(entry, now);
        long wait = wait(debt, nowNanos, now);
        if (wait > 0) {
            return wait;
        }
        return chunk.compareAndSet(place, entry, print | stepped(debt, nowNanos, now)) ? 0 : AGAIN;
    }

    /** Takes a permit for a key without an entry: by an empty one, or that which was paid first, or owes least. */
    private long enter(long print, AtomicLongArray chunk, int first, long nowNanos, long now) {
        int place = first;
        long replaced = 0;
        long smallest = Long.MAX_VALUE;
        for (int other = first; other < first + GROUP; other++) {
            long entry = chunk.get(other);
            if (isLongPaid(entry, now)) {
                entry = chunk.compareAndSet(other, entry, 0) ? 0 : chunk.get(other);
            }
            long ahead = entry == 0 ? Long.MIN_VALUE : ahead(entry, now);
            if (ahead < smallest) {
                place = other;
                replaced = entry;
                smallest = ahead;
            }
        }
        long debt = debt(replaced, now);
        if (debt > leastDebt(now)) {
            shared.increment();
        }
        long wait = wait(debt, nowNanos, now);
        if (wait > 0) {
            return wait;
        }
        long entered = print | stepped(debt, nowNanos, now);
        while (chunk.compareAndSet(place, replaced, entered | ENTERING)) {
            if (!isAlone(print, chunk, first, place)) {
                chunk.compareAndSet(place, entered | ENTERING, struckOut(entered));
                return AGAIN;
            }
            if (chunk.compareAndSet(place, entered | ENTERING, entered)) {
                return 0;
            }
            replaced = struckOut(entered);
        }
        return AGAIN;
    }

    /** Strikes out who else is entering a key, and tells whether nobody has entered it. */
    private static boolean isAlone(long print, AtomicLongArray chunk, int first, int place) {
        for (int other = first; other < first + GROUP; other++) {
            long entry = chunk.get(other);
            while (other != place && isOf(print | ENTERING, entry)) {
                chunk.compareAndSet(other, entry, struckOut(entry));
                entry = chunk.get(other);
            }
            if (other != place && isOf(print, entry)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Copies the debts of another limiter. If its table has more groups, several become one, of which the largest debts are kept. If it has less, one
     * becomes several, and each gets a copy of its entries: those of keys of the others do no harm there, but take room until they are paid.
     */
    private void carryOver(KeyedGcra previous, long nowNanos) {
        long now = previous.clock.read(nowNanos);
        for (int from = 0; from < previous.words.length(); from++) {
            AtomicLongArray chunk = previous.words.find(from);
            if (chunk == null) {
                continue;
            }
            long entry = chunk.get(previous.words.place(from));
            long debt = carried(previous.debt(entry, now), previous);
            if (debt > least) {
                int ofGroup = from & (words.length() - 1) & -GROUP;
                for (int group = ofGroup; group < words.length(); group += previous.words.length()) {
                    put((entry < 0 ? 0 : entry & ~WORD) | debt, group);
                }
            }
        }
    }

    /** Leaves free what was free, as far as it fits into the burst. */
    private long carried(long debt, KeyedGcra previous) {
        return burst - clock.converted(Math.max(0, previous.burst - debt), previous.clock, burst);
    }

    /**
     * Puts an entry where the smallest is, if that is smaller. For a limiter that is not in use yet, and whose words are close to its clock.
     *
     * <p>A key that is there already keeps the larger of its two debts, as one may be a copy. The other is nobody's, and stays: it may be what a key
     * without an entry relies on to owe no less than it does.
     */
    private void put(long entry, int index) {
        AtomicLongArray chunk = words.need(index);
        int first = words.place(index);
        long print = entry & ~WORD;
        long word = entry & WORD;
        int own = print == 0 ? -1 : find(print, chunk, first);
        if (own >= 0) {
            long other = chunk.get(own) & WORD;
            chunk.setPlain(own, print | Math.max(word, other));
            print = 0;
            word = Math.min(word, other);
        }
        int smallest = first;
        for (int place = first + 1; place < first + GROUP; place++) {
            if ((chunk.get(place) & WORD) < (chunk.get(smallest) & WORD)) {
                smallest = place;
            }
        }
        if ((chunk.get(smallest) & WORD) < word) {
            chunk.setPlain(smallest, print | word);
        }
    }
}
