package io.clb.spi;

import java.util.Locale;

/** How the nodes of a cluster divide a total. */
public enum Division {
    /** Each has total / (N - 1), N being those that belong to the cluster, whatever comes to it. */
    EVEN,
    /** By what comes to each: who needs less lends the rest, and no node decides for the others. */
    ADAPTIVE,
    /** By what comes to each: batches of permits from one {@linkplain PermitBuckets bucket} for each limit, over a transport that has them. */
    LEASED;

    /**
     * Returns the name for configurations and logs.
     *
     * @return such as {@code "even"}
     */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
