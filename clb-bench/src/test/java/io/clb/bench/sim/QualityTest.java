package io.clb.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clb.bench.peers.algorithms.PeerAlgorithms;
import io.clb.schedule.Schedulers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the tables of docs/guides/which-scheduler.md show. */
class QualityTest {

    private static final int[] EQUAL = IntStream.generate(() -> 100).limit(20).toArray();

    @Test
    void countsTheDistanceFromTheShareInPicks() {
        // After one pick of "a" at 5, 1, 1 its share is 5/7, after two 10/7.
        assertThat(Quality.worstDistance(PeerAlgorithms.find("peer:smooth"), new int[] {5, 1, 1}))
                .isCloseTo(4.0 / 7, within(1e-12));
    }

    @Test
    void findsTheSmoothAlgorithmAPickOffWhereOursIsNot() {
        int[] weights = {6, 2, 30, 98, 11, 68, 23, 5, 68, 26};
        assertThat(Quality.worstDistance(PeerAlgorithms.find("peer:smooth"), weights))
                .isGreaterThan(1);
        assertThat(Quality.worstDistance(Schedulers.weightedRoundRobin(), weights))
                .isLessThan(1);
    }

    @Test
    void findsOurHashMoreEvenThanARingAndSteadierThanMaglev() {
        Quality.Hashing ours = Quality.hashing(Schedulers.sourceHash(), EQUAL);
        assertThat(ours.highest())
                .isLessThan(1.06)
                .isLessThan(
                        Quality.hashing(PeerAlgorithms.find("peer:ring"), EQUAL).highest());
        assertThat(ours.movedByOne())
                .isLessThan(0.001)
                .isLessThan(Quality.hashing(PeerAlgorithms.find("peer:maglev"), EQUAL)
                        .movedByOne());
    }

    @Test
    void findsThatRendezvousMovesNothing() {
        Quality.Hashing found = Quality.hashing(PeerAlgorithms.find("peer:rendezvous"), EQUAL);
        assertThat(found.movedByOne()).isZero();
        assertThat(found.movedByTenth()).isZero();
        assertThat(found.highest()).isBetween(1.0, 1.06);
    }
}
