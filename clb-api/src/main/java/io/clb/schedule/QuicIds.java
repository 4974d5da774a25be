package io.clb.schedule;

import io.clb.spi.Datagram;
import io.clb.table.SlotTable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connection ids that servers chose, as far as they showed them: in the source ids of their packets with long headers, which begin every connection. What servers
 * choose later travels encrypted. Every loop learns, and reads what others learnt; how long an id in a short header is, where nothing says so, is learnt too.
 */
final class QuicIds {

    private final SlotTable slots;

    // a bit for each length that was learnt; set by any loop, after the id is in the table, and read by any
    private final AtomicInteger lengths = new AtomicInteger();

    QuicIds(int capacity, long key) {
        slots = new SlotTable(capacity, SlotTable.NO_IDLE_TIME, key);
    }

    /** Learns from a packet of a server's. */
    void learn(Datagram packet, int slot, long nowNanos) {
        int destination = QuicHeader.destinationLength(packet);
        if (destination == QuicHeader.NONE || QuicHeader.isVersionNegotiation(packet)) {
            return;
        }
        int length = QuicHeader.sourceLength(packet, destination);
        if (length == 0) {
            return;
        }
        int at = QuicHeader.source(destination);
        slots.put(QuicId.high(packet, at, length), QuicId.low(packet, at, length), slot, nowNanos);
        int bit = 1 << length;
        if ((lengths.get() & bit) == 0) {
            lengths.accumulateAndGet(bit, (all, one) -> all | one);
        }
    }

    /** Returns the slot of the server that chose an id, or -1. */
    int find(Datagram packet, int at, int length, long nowNanos) {
        long high = QuicId.high(packet, at, length);
        long low = QuicId.low(packet, at, length);
        int slot = slots.find(high, low, nowNanos);
        if (slot >= 0) {
            slots.refresh(high, low, slot, nowNanos);
        }
        return slot;
    }

    /** Returns the slot of the server that chose the id of a packet with a short header, or -1: of all lengths that there are, the longest that fits. */
    int findShort(Datagram packet, long nowNanos) {
        int longestThatFits = Math.min(packet.length() - QuicHeader.SHORT_DESTINATION, QuicHeader.MAX_ID);
        if (longestThatFits <= 0) {
            return -1;
        }
        int fitting = lengths.get() & ((2 << longestThatFits) - 1);
        while (fitting > 0) {
            int longest = Integer.highestOneBit(fitting);
            int slot = find(packet, QuicHeader.SHORT_DESTINATION, Integer.numberOfTrailingZeros(longest), nowNanos);
            if (slot >= 0) {
                return slot;
            }
            fitting -= longest;
        }
        return -1;
    }

    /** How often an id gave way to another. */
    long forgotten() {
        return slots.forgotten();
    }
}
