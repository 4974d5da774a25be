package io.clb.engine;

import io.clb.spi.Flow;

/** Hashes what limits are kept for, with a seed that clients do not know. */
final class Keys {

    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    /** Bits 63 to 32 of an IPv4-mapped address (RFC 4291 2.5.5.2). */
    private static final long IPV4_MAPPED = 0xffff;

    private Keys() {}

    /**
     * The client of a flow.
     *
     * @param ipv6Bits how much of an IPv6 address it is; an IPv4 address is one as a whole
     */
    static long ofClient(Flow flow, int ipv6Bits, long seed) {
        long high = flow.sourceHigh();
        long low = flow.sourceLow();
        if (high == 0 && (low >>> Integer.SIZE) == IPV4_MAPPED) {
            return of(high, low, seed);
        }
        int free = Long.SIZE * 2 - ipv6Bits;
        return free < Long.SIZE
                ? of(high, (low >>> free) << free, seed)
                : of((high >>> (free - Long.SIZE)) << (free - Long.SIZE), 0, seed);
    }

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
