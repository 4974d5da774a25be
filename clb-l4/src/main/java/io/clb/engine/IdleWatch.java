package io.clb.engine;

/** Tells when nothing has moved on a relay for too long. Confined to its flow's loop. */
public final class IdleWatch {

    private static final int LOOKS = 8;

    private final long idleNanos;
    private long movedNanos;
    private long unwrittenAtLook;

    /**
     * Begins to watch when first told of something that {@linkplain #moved moved}.
     *
     * @param idleNanos how long nothing may
     */
    public IdleWatch(long idleNanos) {
        this.idleNanos = idleNanos;
    }

    /**
     * Takes down that something moved.
     *
     * @param nowNanos the loop's clock
     */
    public void moved(long nowNanos) {
        movedNanos = nowNanos;
    }

    /**
     * Tells whether a relay is idle. A slow reader empties our buffers without a byte being read here: that is movement too. Who waits for bandwidth is not idle.
     *
     * @param nowNanos the loop's clock
     * @param a one side
     * @param b the other
     * @return true if nothing has moved for so long
     */
    public boolean isOver(long nowNanos, RelaySide a, RelaySide b) {
        long unwritten = a.unwritten() + b.unwritten();
        boolean waits = a.reading().isWaiting() || b.reading().isWaiting();
        if (unwritten != unwrittenAtLook || waits) {
            unwrittenAtLook = unwritten;
            movedNanos = nowNanos;
        }
        return nowNanos - movedNanos >= idleNanos;
    }

    /**
     * Returns when to look again: eight times in a period, as movement of unwritten bytes is seen only by comparing. So much later at most, and never early, is a relay found idle.
     *
     * @param nowNanos the loop's clock
     * @return a time of that clock
     */
    public long nextLook(long nowNanos) {
        return Math.min(movedNanos + idleNanos - nowNanos, idleNanos / LOOKS) + nowNanos;
    }
}
