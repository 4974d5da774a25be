package io.clb.schedule;

import io.clb.spi.Datagram;
import io.clb.spi.DatagramScheduler;
import io.clb.spi.Flow;
import io.clb.spi.GroupView;
import io.clb.spi.Server;
import io.clb.spi.UdpFlow;
import io.clb.table.ServersBySlot;
import org.jspecify.annotations.Nullable;

/**
 * The server that chose the connection id of the client's first datagram, if it is known to have done so; else, in a long header, the id is one that the client made
 * up, or whose server is gone, and its hash decides. In a short header nothing says where an id ends: one that nobody knows is no key, and the four-tuple decides.
 *
 * <p>Numbers in ids are looked for in short headers alone. An id that a client makes up is as good as random, and could be any server's number; in short headers
 * there are none (RFC 9000 7.2).
 */
final class QuicScheduler implements DatagramScheduler {

    private final HashScheduler hashes;
    private final QuicIds ids;
    private final ServersBySlot servers;
    private final @Nullable ServerNumbers numbers;

    private QuicScheduler(HashScheduler hashes, QuicIds ids, ServersBySlot servers, @Nullable ServerNumbers numbers) {
        this.hashes = hashes;
        this.ids = ids;
        this.servers = servers;
        this.numbers = numbers;
    }

    static QuicScheduler create(QuicConnectionId settings, GroupView group, @Nullable QuicScheduler previous) {
        return new QuicScheduler(
                HashScheduler.create(
                        ConsistentHash.Key.FOUR_TUPLE,
                        "",
                        settings.slots(),
                        group,
                        previous == null ? null : previous.hashes),
                previous == null ? new QuicIds(settings.connectionIds(), group.seed()) : previous.ids,
                new ServersBySlot(group),
                settings.serverNumberOffset() < 0 ? null : new ServerNumbers(settings, group));
    }

    @Override
    public @Nullable Server pick(Flow flow, long nowNanos) {
        return flow instanceof UdpFlow association
                ? pick(association, association.first(), nowNanos)
                : hashes.pick(flow, nowNanos);
    }

    private @Nullable Server pick(UdpFlow flow, Datagram first, long nowNanos) {
        int length = QuicHeader.destinationLength(first);
        if (length > 0) {
            int at = QuicHeader.LONG_DESTINATION;
            Server chose = servers.find(ids.find(first, at, length, nowNanos), flow);
            return chose == null ? hashes.pickBy(QuicId.hash(first, at, length), flow) : chose;
        }
        Server chose = QuicHeader.isLong(first) ? null : ofShort(flow, first, nowNanos);
        return chose == null ? hashes.pick(flow, nowNanos) : chose;
    }

    /** Who was seen to choose an id is known better than a number that may be chance, or older than the configuration. */
    private @Nullable Server ofShort(UdpFlow flow, Datagram first, long nowNanos) {
        Server chose = servers.find(ids.findShort(first, nowNanos), flow);
        return chose != null || numbers == null ? chose : numbers.find(first, flow);
    }

    @Override
    public void fromServer(Server server, Datagram datagram, long nowNanos) {
        ids.learn(datagram, server.slot(), nowNanos);
    }

    @Override
    public boolean keepsAffinity() {
        return true;
    }

    @Override
    public long forgotten() {
        return ids.forgotten();
    }
}
