package io.clb.bench.peers.algorithms;

import io.clb.spi.Flow;

/** The hash that all the yardsticks share, so that what differs is the algorithm. */
final class Bits {

    private static final long ODD = 0x9fb2_1c65_1e98_df25L;

    private Bits() {}

    /** The finalizer of MurmurHash3 for 64 bits. */
    static long mix(long word) {
        long mixed = (word ^ (word >>> 33)) * 0xff51_afd7_ed55_8ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ce_b9fe_1a85_ec53L;
        return mixed ^ (mixed >>> 33);
    }

    /** Hashes the address of the client. */
    static long client(Flow flow) {
        return mix(flow.sourceHigh() * ODD + flow.sourceLow());
    }

    static long hash(String text, long seed) {
        long hash = mix(seed);
        for (int i = 0; i < text.length(); i++) {
            hash = mix(hash + text.charAt(i));
        }
        return hash;
    }

    /** Makes a number below a bound of the upper 32 bits. */
    static int below(int bound, long bits) {
        return (int) (((bits >>> Integer.SIZE) * bound) >>> Integer.SIZE);
    }
}
