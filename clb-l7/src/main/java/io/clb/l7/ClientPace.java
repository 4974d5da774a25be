package io.clb.l7;

import java.util.concurrent.TimeUnit;

/**
 * Whether a client sends or reads as fast as it must: it has some time, which each byte adds to, and which passes while it is the client that is waited for. Looked at from time to time. Confined to its
 * exchange.
 */
final class ClientPace {

    /** How often to look. Not measured: a tenth of what a client has at first. */
    static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What a client has at first. */
    static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long nanosPerByte;
    private final long mostNanos;
    private long leftNanos = FIRST_NANOS;
    private long lookedNanos;
    private long lookedBytes;
    private boolean waited;

    /**
     * Begins.
     *
     * @param bytesPerSecond the least rate, above 0
     * @param mostNanos how much time a client may have that was fast
     * @param waits whether it is waited for now
     */
    ClientPace(int bytesPerSecond, long mostNanos, boolean waits, long nowNanos) {
        this.nanosPerByte = TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
        this.mostNanos = Math.max(FIRST_NANOS, mostNanos);
        this.waited = waits;
        this.lookedNanos = nowNanos;
    }

    /**
     * Looks again.
     *
     * @param bytes how many have moved since the beginning
     * @param waits whether the client is waited for now
     * @return whether it has no time left
     */
    boolean isOver(long bytes, boolean waits, long nowNanos) {
        // More than that would not fit, and adds no more.
        long moved = Math.min(mostNanos / nanosPerByte + 1, Math.max(0, bytes - lookedBytes));
        leftNanos = Math.min(mostNanos, leftNanos + moved * nanosPerByte);
        if (waits && waited) {
            leftNanos -= nowNanos - lookedNanos;
        }
        waited = waits;
        lookedBytes = bytes;
        lookedNanos = nowNanos;
        return leftNanos < 0;
    }
}
