package io.clb.schedule;

/** How bits are mixed, the same in every run, on every node and on every JVM. No secret is in it: who knows it can choose what collides. */
final class Mix {

    /** 2^64 divided by the golden ratio, odd. */
    static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    /** The prime of FNV-1a for 64 bits (draft-eastlake-fnv). */
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    private static final long FNV_BASIS = 0xcbf2_9ce4_8422_2325L;

    // Odd, and without structure: the first fractional bits of the square roots of 2, 3, 5, 7 and 11.
    private static final long ROOT_2 = 0x6a09_e667_f3bc_c909L;
    private static final long ROOT_3 = 0xbb67_ae85_84ca_a73bL;
    private static final long ROOT_5 = 0x3c6e_f372_fe94_f82bL;
    private static final long ROOT_7 = 0xa54f_f53a_5f1d_36f1L;
    private static final long ROOT_11 = 0x510e_527f_ade6_82d1L;

    private Mix() {}

    /** Mixes one word so that each bit depends on all: a bijection, the finalizer of MurmurHash3 with D. Stafford's constants (mix 13). */
    static long mix(long word) {
        long mixed = (word ^ (word >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ (mixed >>> 31);
    }

    /** Hashes an address. */
    static long hash(long high, long low) {
        return mix(high * ROOT_2 + low * ROOT_3);
    }

    /** Hashes two addresses with their ports. */
    static long hash(long high, long low, long otherHigh, long otherLow, int ports) {
        return mix(high * ROOT_2 + low * ROOT_3 + otherHigh * ROOT_5 + otherLow * ROOT_7 + ports * ROOT_11);
    }

    /** Hashes a text by its UTF-16 units: FNV-1a, mixed. */
    static long hash(String text) {
        return hash(text, 0, text.length());
    }

    /** Likewise a part of a text. */
    static long hash(CharSequence text, int start, int end) {
        long hash = FNV_BASIS;
        for (int i = start; i < end; i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }
}
