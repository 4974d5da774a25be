package io.clb.schedule;

import java.util.Arrays;

/**
 * Divides slots among weighted servers so that few change hands when a server comes or goes.
 *
 * <p>Each server draws slots, one after the other, at times that its id alone decides, and the faster the more it weighs: its draw number
 * {@code k} falls at {@code (k + r) / weight}, {@code r} random in 0 to 1. A slot belongs to whoever drew it first, as in weighted rendezvous
 * hashing [1], where it belongs to the server of the highest score; but only draws that can still win are looked at, about
 * {@code slots * ln(slots)} in all however many servers there are, instead of a score for each pair of slot and server. When a server goes,
 * only its own slots change hands; when one comes, it takes its slots and no others move.
 *
 * <p>Chance alone would leave some servers far above their share. So nobody keeps more than {@link #cap} slots, his first draws, and a slot
 * that its first cannot keep belongs to the next who can (as in consistent hashing with bounded loads [2]). Which slots a server keeps and who
 * keeps a slot are then the one stable matching of draws by time, found by deferred acceptance [3] in any order of proposals. Only slots of
 * servers at their cap can change hands when another server comes or goes: measured, at most one in five hundred. Every server
 * keeps one slot at least.
 *
 * <p>Whole numbers only, so that every node and every JVM comes to the same result.
 *
 * <p>[1] D. Thaler, C. Ravishankar, Using name-based mappings to increase hit rates, IEEE/ACM ToN 6 (1998). [2] V. Mirrokni, M. Thorup, M.
 * Zadimoghaddam, Consistent hashing with bounded loads, SODA 2018. [3] D. Gale, L. Shapley, College admissions and the stability of
 * marriage, American Mathematical Monthly 69 (1962).
 */
final class HashSlots {

    private static final int INDEX_BITS = 16;
    private static final long INDEX_MASK = (1L << INDEX_BITS) - 1;

    /** A draw's place within its turn. */
    private static final int FRACTION_BITS = 16;

    private static final long FRACTION_MASK = (1L << FRACTION_BITS) - 1;

    /** Keeps the division by weights up to 100 from making times equal. */
    private static final int SCALE_BITS = 5;

    private static final long UNDRAWN = Long.MAX_VALUE;

    /** A server may have a 32nd more than its share. */
    private static final int CAP_DIVISOR = 32;

    /** After so many draws that found no server with two slots, the slots are gone through in order. */
    private static final int FLOOR_DRAWS = 64;

    private final long[] seeds;
    private final int[] weights;
    private final int[] caps;

    /** The number of each server's next draw, and how many slots it has now. */
    private final int[] draws;

    private final int[] kept;

    /** For each slot the time of the draw that has it and, in the lowest bits, who drew: one comparison decides both. */
    private final long[] best;

    /** Servers that lost a slot and may draw on; each is in it once at most. */
    private final int[] displaced;

    private final boolean[] isDisplaced;
    private int displacedCount;
    private int undrawn;

    private HashSlots(String[] ids, int[] weights, int slots) {
        this.weights = weights;
        this.seeds = Arrays.stream(ids).mapToLong(Mix::hash).toArray();
        long sum = Arrays.stream(weights).asLongStream().sum();
        this.caps =
                Arrays.stream(weights).map(weight -> cap(weight, sum, slots)).toArray();
        this.draws = new int[ids.length];
        this.kept = new int[ids.length];
        this.best = new long[slots];
        Arrays.fill(best, UNDRAWN);
        this.displaced = new int[ids.length];
        this.isDisplaced = new boolean[ids.length];
        this.undrawn = slots;
    }

    /**
     * Divides slots among servers.
     *
     * @param ids what the servers are known by on every node, each different
     * @param weights 1 to 100 each
     * @param slots more than there are servers
     * @return the owner of each slot by index, as unsigned 16 bits; empty if there is no server
     */
    static char[] of(String[] ids, int[] weights, int slots) {
        if (ids.length == 0) {
            return new char[0];
        }
        return new HashSlots(ids, weights, slots).divide();
    }

    /** The share of the slots, a 32nd more, rounded up. */
    static int cap(int weight, long sum, int slots) {
        long parts = CAP_DIVISOR * sum;
        return (int) (((long) slots * weight * (CAP_DIVISOR + 1) + parts - 1) / parts);
    }

    private char[] divide() {
        // In steps of time in which each slot can expect one draw: nobody then looks far beyond the draws that count.
        long sum = Arrays.stream(weights).asLongStream().sum();
        long step = ((long) best.length << (FRACTION_BITS + SCALE_BITS)) / sum;
        for (long end = step; undrawn > 0; end += step) {
            for (int i = 0; i < weights.length; i++) {
                draw(i, end);
                while (displacedCount > 0) {
                    int loser = displaced[--displacedCount];
                    isDisplaced[loser] = false;
                    draw(loser, end);
                }
            }
        }
        keepOneEach();
        char[] owners = new char[best.length];
        for (int slot = 0; slot < owners.length; slot++) {
            owners[slot] = (char) owner(slot);
        }
        return owners;
    }

    /** Lets a server draw until it has all that it may keep, or its next draw would be too late for this step. */
    private void draw(int i, long end) {
        while (kept[i] < caps[i]) {
            long bits = bits(i, draws[i]);
            long time = time(draws[i], bits) / weights[i];
            if (time >= end) {
                return;
            }
            draws[i]++;
            int slot = slot(bits);
            long word = (time << INDEX_BITS) | i;
            if (word < best[slot]) {
                take(i, slot, word);
            }
        }
    }

    private void take(int i, int slot, long word) {
        if (best[slot] == UNDRAWN) {
            undrawn--;
        } else {
            int loser = owner(slot);
            kept[loser]--;
            if (!isDisplaced[loser]) {
                isDisplaced[loser] = true;
                displaced[displacedCount++] = loser;
            }
        }
        best[slot] = word;
        kept[i]++;
    }

    /** Gives a slot to whoever has none: the next that it draws of a server with more than one. Weights far below the mean may come to that. */
    private void keepOneEach() {
        for (int i = 0; i < kept.length; i++) {
            if (kept[i] == 0) {
                int slot = slot(bits(i, draws[i]++));
                for (int tries = 1; kept[owner(slot)] < 2; tries++) {
                    slot = tries < FLOOR_DRAWS ? slot(bits(i, draws[i]++)) : (slot + 1) % best.length;
                }
                kept[owner(slot)]--;
                kept[i]++;
                best[slot] = i;
            }
        }
    }

    private static long time(int draw, long bits) {
        return (((long) draw << FRACTION_BITS) | (bits & FRACTION_MASK)) << SCALE_BITS;
    }

    private int owner(int slot) {
        return (int) (best[slot] & INDEX_MASK);
    }

    private long bits(int i, int draw) {
        return Mix.mix(seeds[i] + draw * Mix.GOLDEN);
    }

    private int slot(long bits) {
        return LoopRandom.below(best.length, bits);
    }
}
