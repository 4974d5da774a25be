package io.clb.engine;

/** Hashes what limits are kept for, with a seed that clients do not know. */
final class Keys {

    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private Keys() {}

    static long of(long high, long low, long seed) {
        return mix(mix(high ^ seed) + low);
    }

    static long of(CharSequence text, long seed) {
        long hash = seed;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            hash = (hash ^ text.charAt(i)) * GOLDEN;
            hash ^= hash >>> 29;
        }
        return mix(hash + length);
    }

    /** The finalizer of SplitMix64 (G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). */
    private static long mix(long value) {
        long mixed = (value + GOLDEN) * 0xbf58_476d_1ce4_e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return mixed ^ (mixed >>> 31);
    }
}
