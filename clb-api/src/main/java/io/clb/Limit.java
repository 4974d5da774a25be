package io.clb;

import static java.util.Objects.requireNonNull;

import io.clb.spi.Division;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A limit of a balancer, a listener or a rule: a total for the whole cluster of balancers, of which each node enforces {@code total / (N - 1)}, see
 * {@link Cluster}, or what it has of it by {@linkplain #adaptive demand}. Immutable. Needs io.clb:clb-ratelimit.
 *
 * <p>At once, a node lets through what it may in 100 ms, at least one; of bandwidth at least 1,500 bytes.
 */
public final class Limit {

    /** What has limits, the widest first. */
    enum Scope {
        BALANCER,
        LISTENER,
        RULE
    }

    /** What is limited. */
    public enum Kind {
        /** Requests per second, of HTTP. A request beyond it is answered with 503. */
        QPS(Scope.BALANCER, Scope.RULE, true, Limit.MAX_TOTAL),
        /** Requests per second of each client address, of HTTP. A request beyond it is answered with 503. */
        QPS_PER_CLIENT(Scope.LISTENER, Scope.RULE, true, Limit.MAX_TOTAL_PER_KEY),
        /** Requests per second of each value of a header field, of HTTP. A request beyond it is answered with 503. */
        QPS_PER_HEADER(Scope.LISTENER, Scope.RULE, true, Limit.MAX_TOTAL_PER_KEY),
        /**
         * New connections per second. One beyond it is reset before anything is spent on it; on HTTP it is answered with 503. On UDP,
         * new associations: the datagram that would begin one beyond it is dropped.
         */
        CPS(Scope.BALANCER, Scope.LISTENER, false, Limit.MAX_TOTAL),
        /** New connections per second of each client address. One beyond it ends as one beyond {@link #CPS}. */
        CPS_PER_CLIENT(Scope.LISTENER, Scope.LISTENER, false, Limit.MAX_TOTAL_PER_KEY),
        /**
         * Bits per second of payload, as much from clients as to them. What is beyond it waits: less is read from the client, or from the server, until
         * its turn has come. On UDP it is dropped.
         */
        BANDWIDTH(Scope.BALANCER, Scope.RULE, false, Limit.MAX_BITS);

        private final Scope widest;
        private final Scope narrowest;
        private final boolean ofRequests;
        private final long max;

        Kind(Scope widest, Scope narrowest, boolean ofRequests, long max) {
            this.widest = widest;
            this.narrowest = narrowest;
            this.ofRequests = ofRequests;
            this.max = max;
        }

        /**
         * Tells whether requests are limited, which only HTTP has.
         *
         * @return false for connections and bits
         */
        public boolean isOfRequests() {
            return ofRequests;
        }

        /**
         * Tells whether each key has the limit for itself: each client address, or each value of a header field.
         *
         * @return false for what all share
         */
        public boolean isPerKey() {
            return this == QPS_PER_CLIENT || this == QPS_PER_HEADER || this == CPS_PER_CLIENT;
        }

        private String places() {
            return widest == Scope.LISTENER && narrowest == Scope.LISTENER
                    ? "listeners"
                    : widest == Scope.LISTENER ? "listeners and rules" : "listeners and the balancer";
        }

        /**
         * Returns the name for configurations and logs.
         *
         * @return such as {@code "qps"} or {@code "qps per client"}
         */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final long MAX_TOTAL = 1_000_000_000;
    private static final long MAX_TOTAL_PER_KEY = 1_000_000;
    private static final long MAX_BITS = 100_000_000_000L;

    /** Less takes years for a full packet where many nodes share it. */
    private static final long MIN_BITS = 1_000;

    private static final long MEGA = 1_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** RFC 9110 5.1. */
    private static final Pattern FIELD_NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]{1,256}");

    private final Kind kind;
    private final long total;
    private final Duration period;
    private final @Nullable String header;
    private final int keys;
    private final boolean retryAfter;
    private final boolean refusing;
    private final Division division;

    private Limit(
            Kind kind,
            long total,
            Duration period,
            @Nullable String header,
            int keys,
            boolean retryAfter,
            boolean refusing,
            Division division) {
        this.kind = kind;
        this.total = total;
        this.period = period;
        this.header = header;
        this.keys = keys;
        this.retryAfter = retryAfter;
        this.refusing = refusing;
        this.division = division;
    }

    private static Limit of(Kind kind, long total, @Nullable String header) {
        return new Limit(kind, total, SECOND, header, Options.LIMIT_KEYS.defaultValue(), false, false, Division.EVEN);
    }

    /**
     * Limits requests.
     *
     * @param total requests per second for the whole cluster, 1 to 1,000,000,000; on a rule 1 to 1,000,000
     * @return the limit, for the balancer, an HTTP listener or a rule
     */
    public static Limit qps(long total) {
        return of(Kind.QPS, total, null);
    }

    /**
     * Limits the requests of each client address.
     *
     * @param total requests per second of one address for the whole cluster, 1 to 1,000,000, and not above the {@link #qps} beside it
     * @return the limit, for an HTTP listener or a rule
     */
    public static Limit qpsPerClient(long total) {
        return of(Kind.QPS_PER_CLIENT, total, null);
    }

    /**
     * Limits the requests with each value of a header field, such as an API key. Requests without the field are not limited by it.
     *
     * @param header the field's name
     * @param total requests per second with one value for the whole cluster, 1 to 1,000,000, and not above the {@link #qps} beside it
     * @return the limit, for an HTTP listener or a rule
     */
    public static Limit qpsPerHeader(String header, long total) {
        return of(Kind.QPS_PER_HEADER, total, requireNonNull(header, "header").toLowerCase(Locale.ROOT));
    }

    /**
     * Limits new connections, on UDP new associations.
     *
     * @param total connections per second for the whole cluster, 1 to 1,000,000,000
     * @return the limit, for the balancer or a listener
     */
    public static Limit cps(long total) {
        return of(Kind.CPS, total, null);
    }

    /**
     * Limits the new connections of each client address.
     *
     * @param total connections per second from one address for the whole cluster, 1 to 1,000,000, and not above the {@link #cps} beside it
     * @return the limit, for a listener
     */
    public static Limit cpsPerClient(long total) {
        return of(Kind.CPS_PER_CLIENT, total, null);
    }

    /**
     * Limits the payload, each direction for itself.
     *
     * @param bitsPerSecond bits per second for the whole cluster, 1,000 to 100,000,000,000
     * @return the limit, for the balancer, a listener or a rule
     */
    public static Limit bandwidth(long bitsPerSecond) {
        return of(Kind.BANDWIDTH, bitsPerSecond, null);
    }

    /**
     * Limits the payload, each direction for itself.
     *
     * @param megabits millions of bits per second for the whole cluster, 1 to 100,000
     * @return the limit, for the balancer, a listener or a rule
     */
    public static Limit bandwidthMbps(long megabits) {
        // What is out of range stays so.
        return bandwidth(Math.max(-MAX_BITS, Math.min(megabits, 2 * MAX_BITS / MEGA)) * MEGA);
    }

    /**
     * Counts the total over a longer time than a second, for what is rarer than one a second; the burst remains that of 100 ms.
     *
     * @param time 1 s to 3,600 s in whole seconds
     * @return a limit of {@link #total()} in that time
     */
    public Limit per(Duration time) {
        return new Limit(kind, total, requireNonNull(time, "time"), header, keys, retryAfter, refusing, division);
    }

    /**
     * Sets the size of the table of keys; 65,536 unless set. Only those that have used some of their burst need a place. A new key for which there is none
     * shares that of another: none gets more than its limit, and some get less. That is rare up to a quarter of this number at a time.
     *
     * @param number 1,024 to 16,777,216; each takes 8 bytes once it is used
     * @return a limit of that many keys
     */
    public Limit keys(int number) {
        return new Limit(kind, total, period, header, number, retryAfter, refusing, division);
    }

    /**
     * Has the 503 say when to come again, in a {@code Retry-After} field of whole seconds (RFC 9110 10.2.3). For requests, for connections on HTTP, and
     * for bandwidth that is {@link #refuse refused}.
     *
     * @return a limit that does so
     */
    public Limit retryAfter() {
        return new Limit(kind, total, period, header, keys, true, refusing, division);
    }

    /**
     * Has bandwidth refused in place of put off, as the product does: a TCP connection that would have to wait is reset, and an HTTP request whose head was
     * read is answered with 503 if none is left in either direction. The bodies of requests that were let in wait. On UDP the excess is dropped in any
     * case.
     *
     * @return a limit that does so
     */
    public Limit refuse() {
        return new Limit(kind, total, period, header, keys, retryAfter, true, division);
    }

    /**
     * Has the nodes of the cluster divide the total by what comes to each, ten times a second: one node to which all comes has all of it, and all together let through the
     * total, not more. In place of {@code total / (N - 1)} for each. Needs a {@link Cluster#of cluster} whose nodes talk to each other; not for limits of each client or
     * value. It can be changed while the balancer runs, and should be changed on all nodes.
     *
     * @return a limit that is divided so
     */
    public Limit adaptive() {
        return divided(Division.ADAPTIVE);
    }

    /**
     * Has nodes take what comes to them in batches from one bucket that they share in a Redis, while no request waits for it. As {@link #adaptive}, but for the cost, which is
     * Redis's and grows with the nodes and not with their square, and for what all together let through: the total, and in any time what it earns in one more report
     * interval. The Redis must be near: within a quarter of the interval there and back. Needs a {@link Cluster#of cluster} over one; not for limits of each client or value.
     *
     * @return a limit that is divided so
     */
    public Limit leased() {
        return divided(Division.LEASED);
    }

    /**
     * Has each node enforce {@code total / (N - 1)}, whatever comes to it: what holds unless said otherwise.
     *
     * @return a limit that is divided so
     */
    public Limit even() {
        return divided(Division.EVEN);
    }

    private Limit divided(Division how) {
        return new Limit(kind, total, period, header, keys, retryAfter, refusing, how);
    }

    /**
     * Returns what is limited.
     *
     * @return the kind; there is at most one limit of each
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the total for the whole cluster.
     *
     * @return so many in a {@link #period()}
     */
    public long total() {
        return total;
    }

    /**
     * Returns the time that the total is for.
     *
     * @return one second unless set
     */
    public Duration period() {
        return period;
    }

    /**
     * Returns the field whose values have the limit each.
     *
     * @return its name in lower case; null for other kinds
     */
    public @Nullable String header() {
        return header;
    }

    /**
     * Returns how many keys can be told apart.
     *
     * @return the number, for kinds that are per key
     */
    public int keys() {
        return keys;
    }

    /**
     * Tells whether a 503 says when to come again.
     *
     * @return false unless set
     */
    public boolean saysRetryAfter() {
        return retryAfter;
    }

    /**
     * Tells whether bandwidth is refused in place of put off.
     *
     * @return false unless set
     */
    public boolean isRefusing() {
        return refusing;
    }

    /**
     * Returns how the nodes of the cluster divide the total.
     *
     * @return {@link Division#EVEN} unless set
     */
    public Division division() {
        return division;
    }

    /** Adds a mistake for everything that is out of range, or that has no use where it is. */
    void check(String where, Scope scope, ListenerConfig.@Nullable Protocol protocol, Mistakes mistakes) {
        String field = "limit " + kind;
        long max = scope == Scope.RULE && kind == Kind.QPS ? MAX_TOTAL_PER_KEY : kind.max;
        long min = kind == Kind.BANDWIDTH ? MIN_BITS : 1;
        if (total < min || total > max) {
            mistakes.add(where, field, total, String.format(Locale.ROOT, "%,d to %,d", min, max));
        }
        if (period.compareTo(SECOND) < 0
                || period.compareTo(HOUR) > 0
                || !period.equals(period.truncatedTo(ChronoUnit.SECONDS))) {
            mistakes.add(where, field + " per", period, "1 s to 3,600 s in whole seconds");
        }
        if (header != null && !FIELD_NAME.matcher(header).matches()) {
            mistakes.add(where, field, header, "the name of a header field");
        }
        if (kind.isPerKey()) {
            Options.LIMIT_KEYS.check(where + ": " + field, keys, mistakes);
        }
        if (scope.compareTo(kind.widest) < 0 || scope.compareTo(kind.narrowest) > 0) {
            mistakes.add(where, field, total, "not set: it is a limit of " + kind.places());
        } else if (kind.ofRequests && protocol != null && protocol != ListenerConfig.Protocol.HTTP) {
            mistakes.add(where, field, total, "not set: it is a limit of HTTP listeners, this one is " + protocol);
        }
        if (refusing && kind != Kind.BANDWIDTH) {
            mistakes.add(where, field + " refuse", true, "not set: only bandwidth is put off otherwise");
        }
        if (division != Division.EVEN && kind.isPerKey()) {
            mistakes.add(where, field, division, "even: a limit of each key is divided so only");
        }
        if (retryAfter && kind == Kind.BANDWIDTH && !refusing) {
            mistakes.add(where, field + " retryAfter", true, "refuse() too: nothing is refused otherwise");
        }
    }

    /** Whether this can be used up before the other is, so that the other would never matter. */
    boolean exceeds(Limit other) {
        return total * other.period.toSeconds() > other.total * period.toSeconds();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Limit that
                && kind == that.kind
                && total == that.total
                && period.equals(that.period)
                && Objects.equals(header, that.header)
                && keys == that.keys
                && retryAfter == that.retryAfter
                && refusing == that.refusing
                && division == that.division;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, total, period, header, keys, retryAfter, refusing, division);
    }

    @Override
    public String toString() {
        String of = header == null ? "" : " " + header;
        String in = period.equals(SECOND) ? "" : " in " + period.toSeconds() + " s";
        return kind + of + " " + total + in + (division == Division.EVEN ? "" : " " + division);
    }
}
