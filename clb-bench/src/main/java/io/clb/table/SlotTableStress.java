package io.clb.table;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two loops use one set of the table. Client c is address c, and its server has slot 10 c. */
public class SlotTableStress {

    private static final long IDLE_SECONDS = 60;
    private static final long NOW = 1_000_000_000_000L;
    private static final long EARLIER = NOW - 10_000_000_000L;

    private SlotTableStress() {}

    private static SlotTable set() {
        return new SlotTable(8, IDLE_SECONDS, 42);
    }

    /** Two flows of a newcomer are given two servers at once. */
    @JCStressTest
    @Outcome(id = "10", expect = Expect.ACCEPTABLE, desc = "The first loop's server is remembered.")
    @Outcome(id = "20", expect = Expect.ACCEPTABLE, desc = "The second loop's server is remembered.")
    @Outcome(id = "-1", expect = Expect.FORBIDDEN, desc = "Both were forgotten, though each had a free place.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A server was recalled that nobody remembered.")
    @State
    public static class TwoPutsForOneAddress {

        private final SlotTable table = set();

        @Actor
        public void firstLoop() {
            table.put(0, 1, 10, NOW);
        }

        @Actor
        public void secondLoop() {
            table.put(0, 1, 20, NOW);
        }

        @Arbiter
        public void afterwards(I_Result result) {
            result.r1 = table.find(0, 1, NOW);
        }
    }

    /** A client is given another server while an old flow of its ends. */
    @JCStressTest
    @Outcome(id = "20", expect = Expect.ACCEPTABLE, desc = "The new server is remembered.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The old flow's end took the client back to its old server.")
    @State
    public static class PutAndRefresh {

        private final SlotTable table = set();

        public PutAndRefresh() {
            table.put(0, 1, 10, EARLIER);
        }

        @Actor
        public void newFlowIsTaken() {
            table.put(0, 1, 20, NOW);
        }

        @Actor
        public void oldFlowEnds() {
            table.refresh(0, 1, 10, NOW);
        }

        @Arbiter
        public void afterwards(I_Result result) {
            result.r1 = table.find(0, 1, NOW);
        }
    }

    /** Two newcomers want the same free place. */
    @JCStressTest
    @Outcome(id = "10, 20", expect = Expect.ACCEPTABLE, desc = "Both are remembered.")
    @Outcome(id = "10, -1", expect = Expect.ACCEPTABLE, desc = "The second client lost the race, and is forgotten.")
    @Outcome(id = "-1, 20", expect = Expect.ACCEPTABLE, desc = "The first client lost the race, and is forgotten.")
    @Outcome(id = "-1, -1", expect = Expect.FORBIDDEN, desc = "Both were forgotten.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A client was given somebody else's server.")
    @State
    public static class TwoPutsForTwoAddresses {

        private final SlotTable table = set();

        @Actor
        public void firstLoop() {
            table.put(0, 1, 10, NOW);
        }

        @Actor
        public void secondLoop() {
            table.put(0, 2, 20, NOW);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            result.r1 = table.find(0, 1, NOW);
            result.r2 = table.find(0, 2, NOW);
        }
    }

    /** A client moves from one server to another while a second flow of its own looks it up. */
    @JCStressTest
    @Outcome(id = "10, 20", expect = Expect.ACCEPTABLE, desc = "The look-up came first, and finds the old server.")
    @Outcome(
            id = "20, 20",
            expect = Expect.ACCEPTABLE,
            desc = "The move came first, and the look-up finds the new server.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The client was lost on the way, or a mixture was found.")
    @State
    public static class PutWhileTheAddressIsLookedUp {

        private final SlotTable table = set();

        public PutWhileTheAddressIsLookedUp() {
            table.put(0, 1, 10, EARLIER);
        }

        @Actor
        public void moves() {
            table.put(0, 1, 20, NOW);
        }

        @Actor
        public void looksUp(II_Result result) {
            result.r1 = table.find(0, 1, NOW);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            result.r2 = table.find(0, 1, NOW);
        }
    }

    /** A newcomer takes the place of the client that was away longest, which comes back just then. */
    @JCStressTest
    @Outcome(id = "10, 90", expect = Expect.ACCEPTABLE, desc = "The old client was found before it had to give way.")
    @Outcome(id = "-1, 90", expect = Expect.ACCEPTABLE, desc = "The old client had given way already.")
    @Outcome(
            expect = Expect.FORBIDDEN,
            desc = "The old client was given the newcomer's server, or the newcomer was lost.")
    @State
    public static class PutInPlaceOfAnAddressThatIsLookedUp {

        private final SlotTable table = set();

        public PutInPlaceOfAnAddressThatIsLookedUp() {
            table.put(0, 1, 10, EARLIER);
            for (int client = 2; client <= 8; client++) {
                table.put(0, client, client * 10, NOW);
            }
        }

        @Actor
        public void newcomer() {
            table.put(0, 9, 90, NOW);
        }

        @Actor
        public void looksUp(II_Result result) {
            result.r1 = table.find(0, 1, NOW);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            result.r2 = table.find(0, 9, NOW);
        }
    }
}
