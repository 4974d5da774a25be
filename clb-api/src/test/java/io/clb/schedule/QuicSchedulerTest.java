package io.clb.schedule;

import static io.clb.schedule.QuicPackets.answer;
import static io.clb.schedule.QuicPackets.id;
import static io.clb.schedule.QuicPackets.initial;
import static io.clb.schedule.QuicPackets.longHeader;
import static io.clb.schedule.QuicPackets.shortHeader;
import static org.assertj.core.api.Assertions.assertThat;

import io.clb.contract.Allocation;
import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.contract.FakeUdpFlow;
import io.clb.spi.Datagram;
import io.clb.spi.DatagramScheduler;
import io.clb.spi.FlowKind;
import io.clb.spi.GroupView;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which server a connection id leads to. Packets: {@link QuicHeaderTest}; over sockets: clb-l4's QuicTest. */
class QuicSchedulerTest {

    private static final int CONNECTIONS = 1_000;

    private final FakeGroup group = FakeGroup.ofWeights(100, 100, 100, 100);
    private volatile @Nullable Object last;

    private static DatagramScheduler create(GroupView group, @Nullable Scheduler previous) {
        return (DatagramScheduler) Schedulers.quicConnectionId().create(group, previous);
    }

    /** From an address and port that no other has. */
    private static FakeUdpFlow client(int number, Datagram first) {
        FakeUdpFlow flow = new FakeUdpFlow().sending(first);
        flow.from(number, 0);
        return flow;
    }

    private static @Nullable Server pick(Scheduler scheduler, int client, Datagram first) {
        return scheduler.pick(client(client, first), 0);
    }

    @Test
    void anIdThatAClientMadeUpLeadsToOneServerWhateverTheAddress() {
        Scheduler scheduler = create(group, null);
        Scheduler other = create(group.withSeed(9), null);
        for (int i = 0; i < CONNECTIONS; i++) {
            Server server = pick(scheduler, i, initial(id(8, i)));
            assertThat(pick(scheduler, -1 - i, initial(id(8, i)))).isSameAs(server);
            assertThat(pick(other, 7, initial(id(8, i)))).isSameAs(server);
        }
    }

    @Test
    void idsThatClientsMakeUpAreSharedByWeight() {
        FakeGroup weighted = FakeGroup.ofWeights(100, 50, 0, 50);
        Scheduler scheduler = create(weighted, null);
        int[] taken = new int[4];
        for (int i = 0; i < 10_000; i++) {
            Server server = pick(scheduler, 1, initial(id(18, i)));
            assertThat(server).isNotNull();
            taken[server.slot()]++;
        }
        assertThat(taken[0]).isBetween(4_700, 5_300);
        assertThat(taken[1]).isBetween(2_300, 2_700);
        assertThat(taken[2]).isZero();
    }

    @Test
    void anIdThatAServerChoseLeadsBackToItInBothKindsOfHeaders() {
        DatagramScheduler scheduler = create(group, null);
        for (int i = 0; i < CONNECTIONS; i++) {
            int[] chosen = id(1 + i % 20, 5_000 + i);
            FakeServer server = group.server(i % 4);
            scheduler.fromServer(server, answer(chosen), 0);
            assertThat(pick(scheduler, i, initial(chosen))).isSameAs(server);
            assertThat(pick(scheduler, i, shortHeader(chosen))).isSameAs(server);
        }
    }

    @Test
    void whatNobodyKnowsGoesByTheFourTuple() {
        DatagramScheduler scheduler = create(group, null);
        Scheduler tuples = Schedulers.fourTupleHash().create(group, null);
        scheduler.fromServer(group.server(0), answer(id(8, 1)), 0);
        Datagram[] strangers = {
            shortHeader(id(8, 2)),
            initial(id(0, 1)),
            initial(id(21, 1)),
            FakeUdpFlow.datagram(),
            FakeUdpFlow.datagram(0xff),
            FakeUdpFlow.datagram(0x40)
        };
        for (int i = 0; i < CONNECTIONS; i++) {
            Server server = pick(tuples, i, strangers[0]);
            for (Datagram stranger : strangers) {
                assertThat(pick(scheduler, i, stranger)).isSameAs(server);
            }
        }
        assertThat(scheduler.pick(new FakeFlow(), 0)).isSameAs(tuples.pick(new FakeFlow(), 0));
    }

    @Test
    void learnsNothingFromANegotiationOfVersionsNorFromShortHeaders() {
        DatagramScheduler scheduler = create(group, null);
        for (int i = 0; i < 100; i++) {
            Server server = pick(scheduler, i, initial(id(8, i)));
            for (FakeServer teller : group.servers()) {
                scheduler.fromServer(teller, longHeader(0, id(8, 7), id(8, i)), 0);
                scheduler.fromServer(teller, shortHeader(id(8, i)), 0);
            }
            assertThat(pick(scheduler, i, initial(id(8, i)))).isSameAs(server);
        }
    }

    @Test
    void aChangeOfServersForgetsNoIdAndOneWhoseServerIsGoneGoesByItsHash() {
        DatagramScheduler before = create(group, null);
        for (int i = 0; i < CONNECTIONS; i++) {
            before.fromServer(group.server(i % 4), answer(id(8, i)), 0);
        }
        FakeGroup fewer = group.without(2);
        DatagramScheduler without = create(fewer, before);
        DatagramScheduler after = create(group, without);
        for (int i = 0; i < CONNECTIONS; i++) {
            Server server = pick(without, i, shortHeader(id(8, i)));
            assertThat(server).isIn(fewer.servers());
            if (i % 4 != 2) {
                assertThat(server).isSameAs(group.server(i % 4));
            }
            assertThat(pick(after, i, shortHeader(id(8, i)))).isSameAs(group.server(i % 4));
        }
    }

    @Test
    void aServerThatCouldNotBeReachedIsLeftForTheSameOtherOne() {
        DatagramScheduler scheduler = create(group, null);
        int[] chosen = id(8, 1);
        scheduler.fromServer(group.server(3), answer(chosen), 0);
        Server next = scheduler.pick(client(1, initial(chosen)).failedOn(group.server(3)), 0);
        assertThat(next).isNotNull().isNotSameAs(group.server(3));
        assertThat(scheduler.pick(client(2, initial(chosen)).failedOn(group.server(3)), 0))
                .isSameAs(next);
    }

    @Test
    void whenTheTableIsFullTheOldestIdsGiveWayAndAreCounted() {
        DatagramScheduler scheduler = (DatagramScheduler)
                Schedulers.quicConnectionId().connectionIds(1_024).create(group, null);
        for (int i = 0; i < 10_000; i++) {
            scheduler.fromServer(group.server(0), answer(id(8, i)), i * 1_000_000_000L);
        }
        assertThat(scheduler.forgotten()).isBetween(8_976L, 9_300L);
        assertThat(create(group, scheduler).forgotten()).isEqualTo(scheduler.forgotten());
        for (int i = 9_900; i < 10_000; i++) {
            assertThat(pick(scheduler, i, shortHeader(id(8, i)))).isSameAs(group.server(0));
        }
        assertThat(pick(scheduler, 1, shortHeader(id(8, 1)))).isNotNull();
    }

    @Test
    void aNumberInAnIdThatWasNeverSeenLeadsToTheServerThatHasIt() {
        Map<Integer, String> numbers = Map.of(0, "300", 1, "65535", 2, "x", 3, "65536");
        GroupView numbered = new Numbered(group, numbers);
        Scheduler scheduler = Schedulers.quicConnectionId().serverNumberAt(1, 2).create(numbered, null);
        Scheduler tuples = Schedulers.fourTupleHash().create(group, null);
        for (int i = 0; i < 100; i++) {
            assertThat(pick(scheduler, i, shortHeader(withNumber(i, 300)))).isSameAs(group.server(0));
            assertThat(pick(scheduler, i, shortHeader(withNumber(i, 65_535)))).isSameAs(group.server(1));
            Datagram nobodys = shortHeader(withNumber(i, 301));
            assertThat(pick(scheduler, i, nobodys)).isSameAs(pick(tuples, i, nobodys));
            Datagram cut = FakeUdpFlow.datagram(0x40, 1, 1);
            assertThat(pick(scheduler, i, cut)).isSameAs(pick(tuples, i, cut));
        }
    }

    /** Clients make up ids at random: a number in one is chance. */
    @Test
    void aNumberInAnIdThatAClientMadeUpMeansNothing() {
        GroupView numbered = new Numbered(group, Map.of(0, "0", 1, "1", 2, "2", 3, "3"));
        Scheduler scheduler = Schedulers.quicConnectionId().serverNumberAt(1, 1).create(numbered, null);
        Scheduler plain = create(group, null);
        for (int i = 0; i < 100; i++) {
            Datagram first = initial(withNumber(i, 1 << 8));
            assertThat(pick(scheduler, i, first)).isSameAs(pick(plain, i, first));
        }
    }

    @Test
    void whoWasSeenToChooseAnIdCountsMoreThanTheNumberInIt() {
        GroupView numbered = new Numbered(group, Map.of(0, "0", 1, "1", 2, "2", 3, "3"));
        DatagramScheduler scheduler = (DatagramScheduler)
                Schedulers.quicConnectionId().serverNumberAt(2, 1).create(numbered, null);
        int[] chosen = withNumber(1, 2);
        scheduler.fromServer(group.server(1), answer(chosen), 0);
        assertThat(pick(scheduler, 1, shortHeader(chosen))).isSameAs(group.server(1));
    }

    @Test
    void picksAndLearnsWithoutAllocating() {
        DatagramScheduler scheduler = create(group, null);
        for (int length = 1; length <= 20; length++) {
            scheduler.fromServer(group.server(0), answer(id(length, length)), 0);
        }
        FakeUdpFlow flow = client(1, shortHeader(id(8, 99)));
        Datagram answer = answer(id(8, 98));
        assertThat(Allocation.bytesPerCall(() -> last = scheduler.pick(flow, 0)))
                .isLessThan(1);
        assertThat(Allocation.bytesPerCall(() -> scheduler.fromServer(group.server(1), answer, 0)))
                .isLessThan(1);
    }

    @Test
    void servesDatagramsOnlyAndIsEqualWithEqualSettings() {
        QuicConnectionId plain = Schedulers.quicConnectionId();
        assertThat(FlowKind.values()).filteredOn(plain::serves).containsExactly(FlowKind.ASSOCIATION);
        assertThat(plain.slots(65_536).connectionIds(65_536)).isEqualTo(plain).hasSameHashCodeAs(plain);
        assertThat(plain.serverNumberAt(1, 2)).isNotEqualTo(plain).isEqualTo(plain.serverNumberAt(1, 2));
        assertThat(plain.serverNumberAt(1, 2).serverNumberAt(-1, 0)).isEqualTo(plain);
        assertThat(plain.connectionIds(2_048)).isNotEqualTo(plain);
        assertThat(plain.slots(70_000)).isNotEqualTo(plain);
        assertThat(plain).hasToString("qch");
        assertThat(plain.serverNumberAt(1, 2)).hasToString("qch(65536 slots, 65536 ids, number of 2 bytes at 1)");
    }

    /** An id of eight bytes with a number of two in its second and third. */
    private static int[] withNumber(int seed, int number) {
        int[] id = id(8, seed);
        id[1] = number >>> 8;
        id[2] = number & 0xff;
        return id;
    }

    /** A group whose servers have numbers. */
    private record Numbered(FakeGroup servers, Map<Integer, String> numbers) implements GroupView {

        @Override
        public Map<String, String> tags(int index) {
            return Map.of(QuicConnectionId.NUMBER_TAG, numbers.getOrDefault(index, ""));
        }

        @Override
        public String name() {
            return servers.name();
        }

        @Override
        public int size() {
            return servers.size();
        }

        @Override
        public Server server(int index) {
            return servers.server(index);
        }

        @Override
        public int weight(int index) {
            return servers.weight(index);
        }

        @Override
        public int loops() {
            return servers.loops();
        }

        @Override
        public long seed() {
            return servers.seed();
        }
    }
}
