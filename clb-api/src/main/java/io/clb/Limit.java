package io.clb;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit of a listener: a total for the whole cluster of balancers, of which each node enforces {@code total / (N - 1)}, see {@link Cluster}.
 * Immutable. Needs io.clb:clb-ratelimit.
 *
 * <p>At once, a node lets through what it may in 100 ms, at least one.
 */
public final class Limit {

    /** What is limited. */
    public enum Kind {
        /** Requests per second, on HTTP listeners. A request beyond it is answered with 503. */
        QPS(ListenerConfig.Protocol.HTTP),
        /** New connections per second. One beyond it is reset before anything is spent on it; on HTTP it is answered with 503. On UDP, new associations: the
         * datagram that would begin one beyond it is dropped. */
        CPS(null);

        private final ListenerConfig.@Nullable Protocol only;

        /** A kind for listeners of one protocol, or of all of them. */
        Kind(ListenerConfig.@Nullable Protocol only) {
            this.only = only;
        }

        /**
         * Returns the name for configurations and logs.
         *
         * @return {@code "qps"} or {@code "cps"}
         */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final long MAX_TOTAL = 1_000_000_000;

    private final Kind kind;
    private final long total;

    private Limit(Kind kind, long total) {
        this.kind = kind;
        this.total = total;
    }

    /**
     * Limits the requests that an HTTP listener takes.
     *
     * @param total requests per second for the whole cluster, 1 to 1,000,000,000
     * @return the limit
     */
    public static Limit qps(long total) {
        return new Limit(Kind.QPS, total);
    }

    /**
     * Limits the new connections that a listener takes, on UDP the new associations.
     *
     * @param total connections per second for the whole cluster, 1 to 1,000,000,000
     * @return the limit
     */
    public static Limit cps(long total) {
        return new Limit(Kind.CPS, total);
    }

    /**
     * Returns what is limited.
     *
     * @return the kind; a listener has at most one limit of each
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the total for the whole cluster.
     *
     * @return so many per second
     */
    public long total() {
        return total;
    }

    /** Adds a mistake if the total is out of range, and one if a listener of this protocol has no use for the limit. */
    void check(String where, ListenerConfig.Protocol protocol, Mistakes mistakes) {
        String field = "limit " + kind;
        if (total < 1 || total > MAX_TOTAL) {
            mistakes.add(where, field, total, String.format(Locale.ROOT, "1 to %,d", MAX_TOTAL));
        }
        if (kind.only != null && kind.only != protocol) {
            mistakes.add(
                    where,
                    field,
                    total,
                    "not set: it is a limit of " + kind.only + " listeners, this one is " + protocol);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Limit that && kind == that.kind && total == that.total;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, total);
    }

    @Override
    public String toString() {
        return kind + " " + total;
    }
}
