package io.clb.schedule;

import io.clb.spi.Datagram;

/** A connection id of 1 to 20 bytes within a datagram, as two words that are different for different ids. */
final class QuicId {

    private static final int SECOND = Long.BYTES;
    private static final int THIRD = 2 * Long.BYTES;

    private QuicId() {}

    /** The first eight bytes. */
    static long high(Datagram packet, int at, int length) {
        return word(packet, at, Math.min(length, SECOND));
    }

    /** The others, and how many there are in all. */
    static long low(Datagram packet, int at, int length) {
        long second = length <= SECOND ? 0 : word(packet, at + SECOND, Math.min(length, THIRD) - SECOND);
        long third = length <= THIRD ? 0 : word(packet, at + THIRD, length - THIRD);
        return Mix.mix(second) ^ (third << Byte.SIZE) ^ length;
    }

    /** The same on every node. */
    static long hash(Datagram packet, int at, int length) {
        return Mix.hash(high(packet, at, length), low(packet, at, length));
    }

    /** Up to eight bytes as a number, the first byte highest. */
    static long word(Datagram packet, int at, int length) {
        long word = 0;
        for (int i = at; i < at + length; i++) {
            word = (word << Byte.SIZE) | (packet.at(i) & 0xff);
        }
        return word;
    }
}
