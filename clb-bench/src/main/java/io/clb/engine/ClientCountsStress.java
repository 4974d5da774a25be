package io.clb.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Two loops count connections of one client at once. */
public class ClientCountsStress {

    private static final long CLIENT = 1L << 40;

    private ClientCountsStress() {}

    /** The client is new: both loops may find no word of it. */
    @JCStressTest
    @Outcome(id = "true, false, 1", expect = Expect.ACCEPTABLE, desc = "The first loop was first.")
    @Outcome(id = "false, true, 1", expect = Expect.ACCEPTABLE, desc = "The second loop was first.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Both or neither, or the count is wrong.")
    @State
    public static class OnlyOne {

        private final ClientCounts counts = new ClientCounts(1, 64, 1);

        @Actor
        public void firstLoop(ZZI_Result result) {
            result.r1 = counts.tryBegin(CLIENT, 1);
        }

        @Actor
        public void secondLoop(ZZI_Result result) {
            result.r2 = counts.tryBegin(CLIENT, 1);
        }

        @Arbiter
        public void afterwards(ZZI_Result result) {
            result.r3 = counts.count(CLIENT);
        }
    }

    /** Both may come in. */
    @JCStressTest
    @Outcome(id = "true, true, 2", expect = Expect.ACCEPTABLE, desc = "Both are counted, in one word.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "One was refused or lost, or each has a word of its own.")
    @State
    public static class Both {

        private final ClientCounts counts = new ClientCounts(1, 64, 1);

        @Actor
        public void firstLoop(ZZI_Result result) {
            result.r1 = counts.tryBegin(CLIENT, 2);
        }

        @Actor
        public void secondLoop(ZZI_Result result) {
            result.r2 = counts.tryBegin(CLIENT, 2);
        }

        @Arbiter
        public void afterwards(ZZI_Result result) {
            result.r3 = counts.count(CLIENT);
        }
    }

    /** The client's only connection ends while another comes. */
    @JCStressTest
    @Outcome(id = "true, true, 1", expect = Expect.ACCEPTABLE, desc = "It ended first.")
    @Outcome(id = "true, false, 0", expect = Expect.ACCEPTABLE, desc = "The other came first.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The count is wrong.")
    @State
    public static class OneAfterTheOther {

        private final ClientCounts counts = new ClientCounts(1, 64, 1);

        public OneAfterTheOther() {
            counts.tryBegin(CLIENT, 1);
        }

        @Actor
        public void firstLoop(ZZI_Result result) {
            counts.end(CLIENT);
            result.r1 = true;
        }

        @Actor
        public void secondLoop(ZZI_Result result) {
            result.r2 = counts.tryBegin(CLIENT, 1);
        }

        @Arbiter
        public void afterwards(ZZI_Result result) {
            result.r3 = counts.count(CLIENT);
        }
    }

    /** The client's only connection, counted before an update wanted more room, ends while another comes. */
    @JCStressTest
    @Outcome(id = "true, true, 1", expect = Expect.ACCEPTABLE, desc = "It ended first.")
    @Outcome(id = "true, false, 0", expect = Expect.ACCEPTABLE, desc = "The other came first.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The count is wrong.")
    @State
    public static class OneAfterTheOtherInALargerTable {

        private final ClientCounts before = new ClientCounts(1, 64, 1);
        private final ClientCounts counts = new ClientCounts(10, 64, before);

        public OneAfterTheOtherInALargerTable() {
            before.tryBegin(CLIENT, 1);
        }

        @Actor
        public void firstLoop(ZZI_Result result) {
            before.end(CLIENT);
            result.r1 = true;
        }

        @Actor
        public void secondLoop(ZZI_Result result) {
            result.r2 = counts.tryBegin(CLIENT, 1);
        }

        @Arbiter
        public void afterwards(ZZI_Result result) {
            result.r3 = counts.count(CLIENT);
        }
    }

    /** Of the client's two groups one has a word less free, so that the loops may choose words in both; the first loop's connection is over at once. */
    @JCStressTest
    @Outcome(
            id = "true, true, 14",
            expect = Expect.ACCEPTABLE,
            desc = "One word counts the client, and all others are free.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A connection was refused, or a word was lost or given away twice.")
    @State
    public static class TwoGroups {

        private static final long IN_BOTH = 1L << 32;

        private final ClientCounts counts = new ClientCounts(1, 64, 1);

        public TwoGroups() {
            counts.tryBegin(CLIENT << 1, 1);
        }

        @Actor
        public void firstLoop(ZZI_Result result) {
            result.r1 = counts.tryBegin(CLIENT | IN_BOTH, 2);
            counts.end(CLIENT | IN_BOTH);
        }

        @Actor
        public void secondLoop(ZZI_Result result) {
            result.r2 = counts.tryBegin(CLIENT | IN_BOTH, 2);
        }

        @Arbiter
        public void afterwards(ZZI_Result result) {
            for (long other = 4; counts.tryBegin((other << 40) | IN_BOTH, 1); other++) {
                result.r3++;
            }
        }
    }
}
