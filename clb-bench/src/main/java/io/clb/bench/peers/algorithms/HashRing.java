package io.clb.bench.peers.algorithms;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clb.spi.Flow;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A ring of hashed points as in libketama: 160 for each server of mean weight, four from each MD5 of its id and a number. A key belongs to the next point,
 * found by bisection. Sources: D. Karger et al., Consistent hashing and random trees, STOC 1997; R. Jones, libketama, 2007.
 */
final class HashRing implements Scheduler {

    private static final int POINTS_OF_MEAN = 160;
    private static final int POINTS_OF_DIGEST = 4;

    private final Members members;

    /** In rising order, as unsigned numbers. */
    private final long[] points;

    private final char[] owners;

    HashRing(Members members) {
        this.members = members;
        long[] owned = new long[members.size() * POINTS_OF_MEAN + members.size() * POINTS_OF_DIGEST];
        int count = 0;
        for (int i = 0; i < members.size(); i++) {
            double share = (double) members.weight(i) * members.size() / members.sum();
            int digests = Math.max(1, (int) (share * POINTS_OF_MEAN / POINTS_OF_DIGEST));
            for (int k = 0; k < digests; k++) {
                ByteBuffer digest = digest(members.id(i) + "-" + k);
                for (int p = 0; p < POINTS_OF_DIGEST; p++) {
                    owned[count++] = ((long) (digest.getInt() ^ Integer.MIN_VALUE) << Integer.SIZE) | i;
                }
            }
        }
        Arrays.sort(owned, 0, count);
        points = new long[count];
        owners = new char[count];
        for (int at = 0; at < count; at++) {
            points[at] = (owned[at] >> Integer.SIZE) - Integer.MIN_VALUE;
            owners[at] = (char) owned[at];
        }
    }

    private static ByteBuffer digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(text.getBytes(US_ASCII));
            return ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("MD5: missing (expected: in every JDK)", e);
        }
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        long key = Bits.client(flow) >>> Integer.SIZE;
        int low = 0;
        int high = points.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (points[middle] < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return members.untried(owners[low < points.length ? low : 0], flow);
    }
}
