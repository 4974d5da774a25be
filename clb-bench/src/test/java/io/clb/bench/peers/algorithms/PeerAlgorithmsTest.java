package io.clb.bench.peers.algorithms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clb.contract.FakeFlow;
import io.clb.contract.FakeGroup;
import io.clb.contract.FakeServer;
import io.clb.spi.Scheduler;
import io.clb.spi.Server;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerAlgorithmsTest {

    private static final int[] WEIGHTS = {100, 50, 25, 0, 25};

    /** 1,000 for each unit of weight. */
    private static final int PICKS = 200_000;

    private final FakeFlow flow = new FakeFlow();

    /** Off from the share in parts of it: none for those that count; for random ones what chance leaves; for the ring what 160 points leave. */
    @ParameterizedTest
    @CsvSource({
        "peer:smooth, 0",
        "peer:edf, 0.0001",
        "peer:stride, 0.001",
        "peer:alias, 0.03",
        "peer:ring, 0.25",
        "peer:maglev, 0.03",
        "peer:rendezvous, 0.03"
    })
    void givesServersTheirShares(String name, double tolerance) {
        FakeGroup group = FakeGroup.ofWeights(WEIGHTS);
        Scheduler scheduler = PeerAlgorithms.find(name).create(group, null);
        int[] taken = new int[WEIGHTS.length];
        for (int i = 0; i < PICKS; i++) {
            taken[slotOf(scheduler, client(i))]++;
        }
        for (int i = 0; i < WEIGHTS.length; i++) {
            double share = 1_000.0 * WEIGHTS[i];
            assertThat((double) taken[i]).isBetween(share * (1 - tolerance), share * (1 + tolerance));
        }
    }

    /** The order that the commit message of nginx gives: a, a, b, a, c, a, a. */
    @Test
    void smoothScanSpreadsFiveOneOneAsItsAuthorShows() {
        Scheduler scheduler = PeerAlgorithms.find("peer:smooth").create(FakeGroup.ofWeights(5, 1, 1), null);
        int[] picks =
                IntStream.range(0, 7).map(i -> slotOf(scheduler, client(i))).toArray();
        assertThat(picks).containsExactly(0, 0, 1, 0, 2, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"peer:ring", "peer:maglev", "peer:rendezvous"})
    void keepsAClientOnItsServerAndMovesFewWhenAnotherGoes(String name) {
        int[] weights = new int[20];
        Arrays.fill(weights, 100);
        FakeGroup group = FakeGroup.ofWeights(weights);
        Scheduler before = PeerAlgorithms.find(name).create(group, null);
        Scheduler after = PeerAlgorithms.find(name).create(group.without(7), before);
        int moved = 0;
        for (int i = 0; i < 10_000; i++) {
            int slot = slotOf(before, client(i));
            assertThat(slotOf(before, client(i))).isEqualTo(slot);
            moved += slot != 7 && slotOf(after, client(i)) != slot ? 1 : 0;
        }
        assertThat(moved).isLessThan(name.equals("peer:maglev") ? 1_000 : 1);
    }

    @Test
    void goesOnToAServerThatTheFlowHasNotTried() {
        FakeGroup group = FakeGroup.ofWeights(100, 50, 1);
        PeerAlgorithms.catalogue().forEach(factory -> {
            Scheduler scheduler = factory.create(group, null);
            FakeFlow retry = new FakeFlow();
            for (FakeServer server : group.servers()) {
                Server picked = scheduler.pick(retry, 0);
                assertThat(picked).as("%s, %s left", factory, server).isNotNull();
                retry.failedOn(picked);
            }
            assertThat(scheduler.pick(retry, 0)).isNull();
        });
    }

    @Test
    void picksNobodyWhereNobodyIs() {
        PeerAlgorithms.catalogue()
                .forEach(factory -> assertThat(
                                factory.create(FakeGroup.ofWeights(0), null).pick(new FakeFlow(), 0))
                        .isNull());
    }

    @Test
    void namesThoseThatThereAre() {
        assertThatThrownBy(() -> PeerAlgorithms.find("peer:none"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("peer:none")
                .hasMessageContaining("peer:ring");
    }

    private FakeFlow client(int number) {
        return flow.from(0, FakeFlow.ipv4(10, number >> 16, number >> 8 & 0xff, number & 0xff));
    }

    private static int slotOf(Scheduler scheduler, FakeFlow client) {
        Server server = scheduler.pick(client, 0);
        assertThat(server).isNotNull();
        return server.slot();
    }
}
