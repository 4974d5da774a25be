package io.clb.schedule;

import io.clb.contract.FakeUdpFlow;
import io.clb.spi.Datagram;
import java.util.Random;
import java.util.stream.IntStream;

/** Packets of QUIC, as far as a balancer reads them. */
final class QuicPackets {

    static final int VERSION_1 = 1;

    private QuicPackets() {}

    /** A packet with a long header, and something behind it. */
    static Datagram longHeader(int version, int[] destination, int[] source) {
        return join(
                new int[] {0xc3, version >>> 24, version >>> 16, version >>> 8, version},
                new int[] {destination.length},
                destination,
                new int[] {source.length},
                source,
                new int[] {1, 2, 3});
    }

    /** The first packet of a client that made up an id. */
    static Datagram initial(int[] id) {
        return longHeader(VERSION_1, id, new int[] {5, 6, 7});
    }

    /** The first answer of a server that chose an id. */
    static Datagram answer(int[] id) {
        return longHeader(VERSION_1, new int[] {5, 6, 7}, id);
    }

    /** A packet of a connection that is established, and something behind its header. */
    static Datagram shortHeader(int[] id) {
        return join(new int[] {0x47}, id, new int[] {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9});
    }

    /** An id that depends on a number alone. */
    static int[] id(int length, int number) {
        return new Random(number).ints(length, 0, 256).toArray();
    }

    static Datagram join(int[]... parts) {
        return FakeUdpFlow.datagram(IntStream.range(0, parts.length)
                .boxed()
                .flatMapToInt(i -> IntStream.of(parts[i]))
                .toArray());
    }
}
