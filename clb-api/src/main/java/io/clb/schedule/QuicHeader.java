package io.clb.schedule;

import io.clb.spi.Datagram;

/**
 * Reads the connection ids of QUIC packets: what all versions have in common (RFC 8999), ids no longer than those of versions 1 and 2 (RFC 9000 17.2, RFC 9369).
 * Takes any bytes, and says "none" of what is not such a packet. Of coalesced packets the first counts; all have the same ids (RFC 9000 12.2).
 */
final class QuicHeader {

    /** The longest id. */
    static final int MAX_ID = 20;

    /** There is no long header, or not all of it, or an id in it is too long. */
    static final int NONE = -1;

    /** Where the destination id of a short header begins. */
    static final int SHORT_DESTINATION = 1;

    private static final int VERSION = 1;
    private static final int VERSION_END = 5;

    /** Where the destination id of a long header begins, behind its length. */
    static final int LONG_DESTINATION = VERSION_END + 1;

    private QuicHeader() {}

    /** Whether it would be a packet with a long header if it were one of QUIC: all that says so is a bit. */
    static boolean isLong(Datagram packet) {
        return packet.length() > 0 && packet.at(0) < 0;
    }

    /**
     * Returns how long the destination id of a long header is, if all of the header up to the source id is there.
     *
     * @return 0 to 20, or {@link #NONE}
     */
    static int destinationLength(Datagram packet) {
        if (!isLong(packet)) {
            return NONE;
        }
        int length = idLength(packet, VERSION_END);
        return length == NONE || idLength(packet, LONG_DESTINATION + length) == NONE ? NONE : length;
    }

    /**
     * Returns how long the source id of a long header is.
     *
     * @param destinationLength what {@link #destinationLength} said of the packet, not {@link #NONE}
     * @return 0 to 20
     */
    static int sourceLength(Datagram packet, int destinationLength) {
        return packet.at(LONG_DESTINATION + destinationLength);
    }

    /** Returns where the source id of a long header begins, behind its length. */
    static int source(int destinationLength) {
        return LONG_DESTINATION + destinationLength + 1;
    }

    /** Whether a packet with a long header only says which versions there are: its source id is what the client made up (RFC 8999 6). */
    static boolean isVersionNegotiation(Datagram packet) {
        int version = 0;
        for (int i = VERSION; i < VERSION_END; i++) {
            version |= packet.at(i);
        }
        return version == 0;
    }

    /** The length of an id that stands before it, or {@link #NONE} if it is too long, or not all there. */
    private static int idLength(Datagram packet, int at) {
        if (at >= packet.length()) {
            return NONE;
        }
        int length = packet.at(at) & 0xff;
        return length <= MAX_ID && at + 1 + length <= packet.length() ? length : NONE;
    }
}
