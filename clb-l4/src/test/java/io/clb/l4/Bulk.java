package io.clb.l4;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** Many bytes, and the checksum that tells whether all of them arrived in order. */
final class Bulk {

    private static final int CHUNK = 64 * 1_024;

    private Bulk() {}

    /** Sends bytes that depend on a seed. */
    static long send(OutputStream out, long bytes, long seed) throws IOException {
        byte[] chunk = new byte[CHUNK];
        SplittableRandom random = new SplittableRandom(seed);
        CRC32C sum = new CRC32C();
        for (long left = bytes; left > 0; left -= chunk.length) {
            random.nextBytes(chunk);
            int now = (int) Math.min(left, chunk.length);
            sum.update(chunk, 0, now);
            out.write(chunk, 0, now);
        }
        return sum.getValue();
    }

    /** The checksum of what {@link #send} sends. */
    static long sum(long bytes, long seed) throws IOException {
        return send(OutputStream.nullOutputStream(), bytes, seed);
    }

    /** Reads to the end, and returns the checksum. */
    static long receive(InputStream in) throws IOException {
        byte[] chunk = new byte[CHUNK];
        CRC32C sum = new CRC32C();
        for (int now = in.read(chunk); now >= 0; now = in.read(chunk)) {
            sum.update(chunk, 0, now);
        }
        return sum.getValue();
    }
}
