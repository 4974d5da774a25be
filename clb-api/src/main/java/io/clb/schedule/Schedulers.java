package io.clb.schedule;

import static java.util.Objects.requireNonNull;

import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.SchedulerFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of schedulers. Which one to choose, with pictures of what each does under a slow, a cold and a flapping server, is in
 * docs/guides/which-scheduler.md; what a pick costs is measured in docs/benchmarks.md.
 *
 * <p>Of all of them holds: a server of weight 0 is never picked, no other is left out for ever, a flow that could not reach a server is not sent
 * there again, a pick takes no lock and leaves no garbage, and a change of servers or weights goes on from what there was. The test is
 * {@code io.clb.contract.SchedulerContract}, which is published for schedulers of your own.
 */
public final class Schedulers {

    private static final RoundRobin WEIGHTED_ROUND_ROBIN = new RoundRobin(true, false);

    private static final RoundRobin ROUND_ROBIN = new RoundRobin(false, false);

    private static final SchedulerFactory WEIGHTED_LEAST_CONNECTIONS = new Entry("wlc") {
        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return LeastConnections.create(eligible, previous);
        }
    };

    private static final ConsistentHash SOURCE_HASH = new ConsistentHash(ConsistentHash.Key.SOURCE, "");

    private static final ConsistentHash FOUR_TUPLE_HASH = new ConsistentHash(ConsistentHash.Key.FOUR_TUPLE, "");

    private static final ConsistentHash PATH_HASH = new ConsistentHash(ConsistentHash.Key.PATH, "");

    private static final SchedulerFactory POWER_OF_TWO_CHOICES = new Entry("p2c") {
        @Override
        public Scheduler create(GroupView eligible, @Nullable Scheduler previous) {
            return PowerOfTwo.create(eligible, previous);
        }
    };

    private static final PeakEwma PEAK_EWMA = new PeakEwma(PeakEwma.DEFAULT_DECAY);

    private static final List<SchedulerFactory> CATALOGUE = List.of(
            WEIGHTED_ROUND_ROBIN,
            ROUND_ROBIN,
            WEIGHTED_LEAST_CONNECTIONS,
            SOURCE_HASH,
            FOUR_TUPLE_HASH,
            PATH_HASH,
            QuicConnectionId.DEFAULT,
            POWER_OF_TWO_CHOICES,
            PEAK_EWMA);

    private Schedulers() {}

    /**
     * Weighted round robin, {@code wrr}, the default: each server takes part in proportion to its weight, exactly so over one period (the
     * sum of the weights over their greatest common divisor), and evenly spread within it: after any k picks from its start, each server is
     * less than one pick from its share. One rotation for all event loops, unless {@link RoundRobin#perLoop()} says otherwise.
     *
     * <p><b>Use</b> for servers of known strength and flows of like cost. <b>Not</b> where servers slow down, each in its own time: it goes on
     * giving them their share. <b>Cost</b>: one atomic step and one look into a table, at any number of servers; the table holds one period, built
     * off the data path when weights change. <b>Proof</b>: properties over weights of 0 to 100 and up to 1,000 servers; nginx's algorithm,
     * beside it, strays further. Source: Tijdeman 1980, see the class {@code SmoothSequence}.
     *
     * @return the factory
     */
    public static RoundRobin weightedRoundRobin() {
        return WEIGHTED_ROUND_ROBIN;
    }

    /**
     * Round robin, {@code rr}: all in sequence, weights ignored, but for weight 0, which takes nothing. Slow start does not show in it.
     *
     * <p><b>Use</b> for equal servers; cost and proof are those of {@link #weightedRoundRobin()}.
     *
     * @return the factory
     */
    public static RoundRobin roundRobin() {
        return ROUND_ROBIN;
    }

    /**
     * Weighted least connections, {@code wlc}: the server with the fewest active flows for its weight; equals take turns by weight. The flows of
     * all pools and listeners that share the server count.
     *
     * <p><b>Use</b> for flows that last long and differ in cost: WebSockets, database connections, downloads. <b>Not</b> with session stickiness,
     * which fixes what this would balance; nor where a server that fails fast looks idle until its health check notices. <b>Cost</b>: up to
     * 256 servers a pick reads each server's count, so time grows with their number; beyond, it reads 32, the next ones in turn by weight.
     * <b>Proof</b>: the pick is a minimum up to 256 servers; flows that stay end up in proportion to the weights; beyond, within a few flows
     * of it.
     *
     * @return the factory
     */
    public static SchedulerFactory weightedLeastConnections() {
        return WEIGHTED_LEAST_CONNECTIONS;
    }

    /**
     * Consistent hash of the client address, {@code sch}: a client stays on its server as long as that server is there, and with it over any number
     * of balancer nodes and restarts, without a table of clients. It depends on server ids and configured weights alone: slow start plays no part.
     *
     * <p><b>Use</b> where a server profits from clients it knows (caches, sessions in memory) and there are many more clients than servers.
     * <b>Not</b> where many clients share an address (a NAT, a proxy): they share a server as well. Whoever knows ids and weights can compute where an
     * address goes. <b>Cost</b>: one hash and one look into a table of {@link ConsistentHash#slots(int)}, at any number of servers; building it takes
     * milliseconds, off the data path, when servers or weights change. <b>Proof</b>: properties over weights of 1 to 100 and up to 1,000
     * servers: one that goes or comes moves its own clients and less than 1 % of the others (seen: 0.2 %), nobody gets more than 3.2 % above
     * its share, rounded up to a slot, or nothing at all; the table equals its definition. Source: see the class {@code HashSlots}.
     *
     * @return the factory
     */
    public static ConsistentHash sourceHash() {
        return SOURCE_HASH;
    }

    /**
     * Consistent hash of the four-tuple of addresses and ports, {@code tch}: as {@link #sourceHash()}, but connections of one client spread over all
     * servers. For TCP and UDP; on HTTP, where one connection carries many requests, a listener with it is refused.
     *
     * <p><b>Use</b> where a connection should find the same server through several balancer nodes or after a balancer's restart, as for packets
     * that a router may send to another node. Else {@link #weightedRoundRobin()} is more even at the same cost.
     *
     * @return the factory
     */
    public static ConsistentHash fourTupleHash() {
        return FOUR_TUPLE_HASH;
    }

    /**
     * Consistent hash of the path of a request, {@code uch}: requests for one path go to one server, as for {@link #sourceHash()} those of one client do. For HTTP; on TCP and UDP a
     * listener with it is refused.
     *
     * <p><b>Use</b> where servers keep what they have answered, so that each thing is kept once. <b>Not</b> where few paths have most of the requests: load follows
     * them. <b>Cost</b>: one step for each character, a view of the request's bytes, and what {@link #sourceHash()} costs. Whoever chooses paths can choose such as go to one server.
     *
     * @return the factory
     */
    public static ConsistentHash pathHash() {
        return PATH_HASH;
    }

    /**
     * Consistent hash of a parameter in the query of a request, {@code uch}: as {@link #pathHash()}. Requests without it go by the client's address.
     *
     * @param parameter its name, 1 to 100 visible ASCII characters other than {@code & = #}; compared as it stands in the request, as is the value. The first one of the name counts
     * @return the factory
     */
    public static ConsistentHash queryHash(String parameter) {
        return new ConsistentHash(ConsistentHash.Key.QUERY, requireNonNull(parameter, "parameter"));
    }

    /**
     * Consistent hash of a header field of a request, {@code uch}: as {@link #pathHash()}. Requests without it go by the client's address.
     *
     * @param field its name, a token of 1 to 100 characters, in any case. The first one of the name counts
     * @return the factory
     */
    public static ConsistentHash headerHash(String field) {
        String name = requireNonNull(field, "field").toLowerCase(Locale.ROOT);
        return new ConsistentHash(ConsistentHash.Key.HEADER, name);
    }

    /**
     * Consistent hash of a cookie of a request, {@code uch}: as {@link #pathHash()}. Requests without it go by the client's address.
     *
     * @param cookie its name, a token of 1 to 100 characters. The first one of the name counts
     * @return the factory
     */
    public static ConsistentHash cookieHash(String cookie) {
        return new ConsistentHash(ConsistentHash.Key.COOKIE, requireNonNull(cookie, "cookie"));
    }

    /**
     * QUIC connection id, {@code qch}: the datagrams of one QUIC connection to one server, though its client's address or port change. A client begins with an id of
     * its own making: its hash decides, as for {@link #sourceHash()}. The ids that servers choose then are learnt from their packets with long headers, in a
     * table of fixed size that all loops share, and lead back to their server; what else comes goes by {@link #fourTupleHash()}. For UDP; on TCP and HTTP a
     * listener with it is refused.
     *
     * <p><b>Use</b> for QUIC and HTTP/3. A NAT that gives a client another port, which it need not notice, breaks nothing. A client that moves to another network
     * on purpose takes an id that it was told encrypted: those are known only with {@link QuicConnectionId#serverNumberAt}. <b>Not</b> where servers choose no ids
     * (of length 0), nor for connections of which another balancer node saw the beginning, unless they carry numbers. <b>Cost</b>: a look-up in the table for
     * the length of the id, for a short header for each length that servers use; a server's packet with a long header writes one word. <b>Proof</b>:
     * properties over any bytes, a model of the table, sockets with clients that change their address, also from loop to loop. Source: RFC 8999.
     *
     * @return the factory
     */
    public static QuicConnectionId quicConnectionId() {
        return QuicConnectionId.DEFAULT;
    }

    /**
     * Power of two choices, {@code p2c}: two servers are drawn at random by weight, and the one with fewer active flows for its weight is picked.
     *
     * <p><b>Use</b> for many servers or many balancer nodes, and flows that differ in cost: almost as even as {@link #weightedLeastConnections()}
     * without looking at all, and several nodes do not run to the same idle server at once. <b>Not</b> where exact shares matter. <b>Cost</b>: a
     * random number and two counts, at any number of servers. <b>Proof</b>: of two servers the better one is always picked, the fullest of several
     * never; a thousand servers stay within a few flows of each other. Source: Mitzenmacher 2001.
     *
     * @return the factory
     */
    public static SchedulerFactory powerOfTwoChoices() {
        return POWER_OF_TWO_CHOICES;
    }

    /**
     * Peak EWMA, {@code ewma}: two servers are drawn as for {@link #powerOfTwoChoices()}, and the one is picked where the flow can be expected
     * to take less: the moving average of the time that flows took there, which one slow flow raises at once, times its active flows and this one,
     * divided by its weight. A failed flow counts as a second. The average fades over {@link PeakEwma#decay(Duration)}, so a server that was slow
     * is tried again.
     *
     * <p><b>Use</b> for HTTP requests and for connections of one request each, to servers whose speed changes: a cold cache, a full collection, a
     * noisy neighbour. <b>Not</b> where the client decides how long a flow lasts (WebSockets, idle connections), nor where requests differ by
     * orders of magnitude in cost. Weights hold under load; with few flows the faster server takes most. <b>Cost</b>: that of {@code p2c} and two
     * averages; a completion changes one word of its server. <b>Proof</b>: unit and property tests of the average, a stress test of
     * concurrent completions. Source: Finagle.
     *
     * @return the factory
     */
    public static PeakEwma peakEwma() {
        return PEAK_EWMA;
    }

    /**
     * All schedulers of the catalogue.
     *
     * @return an unmodifiable list
     */
    public static List<SchedulerFactory> catalogue() {
        return CATALOGUE;
    }

    /**
     * Finds a scheduler of the catalogue by its code. For those that come from other libraries see {@code io.clb.Extensions}.
     *
     * @param name such as {@code "wrr"}
     * @return the factory, or empty
     */
    public static Optional<SchedulerFactory> find(String name) {
        requireNonNull(name, "name");
        return CATALOGUE.stream().filter(factory -> factory.name().equals(name)).findFirst();
    }

    /** One line of the catalogue. */
    private abstract static class Entry implements SchedulerFactory {

        private final String name;

        Entry(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
