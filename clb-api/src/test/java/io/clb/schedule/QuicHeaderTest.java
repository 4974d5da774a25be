package io.clb.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.FakeUdpFlow;
import io.clb.spi.Datagram;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What is read of packets of QUIC, and of what is none. */
class QuicHeaderTest {

    @Property
    void readsBothIdsOfEveryLongHeader(
            @ForAll int version, @ForAll @IntRange(max = 20) int destination, @ForAll @IntRange(max = 20) int source) {
        Datagram packet = QuicPackets.longHeader(version, QuicPackets.id(destination, 1), QuicPackets.id(source, 2));
        assertThat(QuicHeader.isLong(packet)).isTrue();
        assertThat(QuicHeader.destinationLength(packet)).isEqualTo(destination);
        assertThat(QuicHeader.sourceLength(packet, destination)).isEqualTo(source);
        assertThat(bytes(packet, QuicHeader.LONG_DESTINATION, destination)).isEqualTo(QuicPackets.id(destination, 1));
        assertThat(bytes(packet, QuicHeader.source(destination), source)).isEqualTo(QuicPackets.id(source, 2));
        assertThat(QuicHeader.isVersionNegotiation(packet)).isEqualTo(version == 0);
    }

    /** Any bytes, mostly such as begin like a long header: nothing is read beyond their end, which would throw. */
    @Property(tries = 20_000)
    void readsNothingBeyondTheEndOfAnyBytes(@ForAll("datagrams") int[] payload) {
        Datagram packet = FakeUdpFlow.datagram(payload);
        int destination = QuicHeader.destinationLength(packet);
        assertThat(destination).isBetween(QuicHeader.NONE, QuicHeader.MAX_ID);
        if (destination != QuicHeader.NONE) {
            int source = QuicHeader.sourceLength(packet, destination);
            assertThat(source).isBetween(0, QuicHeader.MAX_ID);
            assertThat(QuicHeader.source(destination) + source).isLessThanOrEqualTo(payload.length);
            assertThat(payload[0] & 0x80).isPositive();
        }
    }

    /** The same for all of the scheduler, as a client's first datagram and as a server's. */
    @Property(tries = 5_000)
    void takesAnyBytesFromClientsAndServers(
            @ForAll("datagrams") int[] fromServer, @ForAll("datagrams") int[] fromClient) {
        QuicIds ids = new QuicIds(1_024, 1);
        ids.learn(QuicPackets.answer(QuicPackets.id(8, 1)), 1, 0);
        ids.learn(QuicPackets.answer(QuicPackets.id(20, 1)), 1, 0);
        ids.learn(FakeUdpFlow.datagram(fromServer), 2, 0);
        assertThat(ids.findShort(FakeUdpFlow.datagram(fromClient), 0)).isBetween(-1, 2);
    }

    @Test
    void refusesAHeaderThatIsCutAnywhere() {
        int[] whole = bytes(QuicPackets.initial(QuicPackets.id(8, 1)), 0, 18);
        assertThat(QuicHeader.destinationLength(FakeUdpFlow.datagram(whole))).isEqualTo(8);
        for (int length = 0; length < whole.length; length++) {
            assertThat(QuicHeader.destinationLength(FakeUdpFlow.datagram(Arrays.copyOf(whole, length))))
                    .as("%d bytes", length)
                    .isEqualTo(QuicHeader.NONE);
        }
    }

    @Test
    void refusesIdsLongerThanThoseOfVersionsOneAndTwo() {
        assertThat(QuicHeader.destinationLength(QuicPackets.initial(QuicPackets.id(21, 1))))
                .isEqualTo(QuicHeader.NONE);
        assertThat(QuicHeader.destinationLength(QuicPackets.answer(QuicPackets.id(21, 1))))
                .isEqualTo(QuicHeader.NONE);
    }

    @Property
    void makesDifferentKeysOfDifferentIds(
            @ForAll @IntRange(min = 1, max = 20) int length,
            @ForAll @IntRange(max = 19) int at,
            @ForAll @IntRange(min = 1, max = 255) int change,
            @ForAll int number) {
        int[] id = QuicPackets.id(length, number);
        int[] other = id.clone();
        other[at % length] ^= change;
        assertThat(key(other)).isNotEqualTo(key(id));
        assertThat(key(Arrays.copyOf(id, length + 1))).isNotEqualTo(key(id));
    }

    private static long[] key(int[] id) {
        Datagram bytes = FakeUdpFlow.datagram(id);
        return new long[] {QuicId.high(bytes, 0, id.length), QuicId.low(bytes, 0, id.length)};
    }

    private static int[] bytes(Datagram packet, int at, int length) {
        int[] bytes = new int[length];
        Arrays.setAll(bytes, i -> packet.at(at + i) & 0xff);
        return bytes;
    }

    @Provide
    Arbitrary<int[]> datagrams() {
        Arbitrary<Integer> bytes = Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.integers().between(0, 255)),
                Tuple.of(2, Arbitraries.integers().between(0, 22)),
                Tuple.of(1, Arbitraries.of(0x80, 0xc0, 0xff)));
        return bytes.array(int[].class).ofMinSize(0).ofMaxSize(64);
    }
}
