package io.clb.ratelimit.cluster;

/** A limit on this node, as the exchange of shares sees it: what comes to it, and what enforces the node's share. Called on the thread of the exchange alone. */
public interface SharedLimit {

    /**
     * Returns what the whole cluster may let through in a second.
     *
     * @return permits, above 0
     */
    double totalPerSecond();

    /**
     * Returns how many permits were taken here.
     *
     * @return the count since the beginning
     */
    long admitted();

    /**
     * Returns how much was refused or put off here.
     *
     * @return permits, since the beginning; or just a number that grows, for a limit that {@link #isElastic is elastic}
     */
    long refused();

    /**
     * Tells whether what is put off says nothing of how much was wanted, as with bandwidth: then it is taken to want all there is.
     *
     * @return false if {@link #refused} counts permits
     */
    boolean isElastic();

    /**
     * Changes this node's share.
     *
     * @param parts what it may let through from now on, of {@link io.clb.ratelimit.Parts#WHOLE}
     * @param untilNanos until then, by the clock of the loops
     * @param partsAfter what it may let through after that, unless this is called again; not above the parts
     * @param nowNanos the time
     */
    void move(long parts, long untilNanos, long partsAfter, long nowNanos);

    /** Lifts the limit, until the share is moved again. */
    void open();
}
