package io.clb.ratelimit.cluster;

/** How the nodes of a cluster divide a total. */
public enum Division {
    /** Each has total / (N - 1), N being those that belong to the cluster. */
    EVEN,
    /** By demand: who needs less lends the rest. */
    ADAPTIVE
}
