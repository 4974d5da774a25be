package io.clb.ratelimit.cluster;

import io.clb.spi.ClusterSettings;

/** Hears what happens to a cluster. Called on the coordinator's thread; returns soon, and does not throw. */
public interface ClusterEvents {

    /** Other nodes can be reached. */
    void connected();

    /**
     * No other node can be reached; each has what the product gives, or what {@link ClusterSettings#whenAlone} says.
     *
     * @param why what to tell people
     */
    void disconnected(String why);

    /**
     * A report was sent.
     *
     * @param before the view of the one before it
     * @param now the view now
     */
    void changed(ClusterView before, ClusterView now);

    /**
     * Something failed that should not; the exchange goes on.
     *
     * @param failure what
     */
    void failed(Throwable failure);
}
