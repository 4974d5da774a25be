package io.clb.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** Loops count the first of something, in stripes and blocks that come into being with it. */
public class StripesStress {

    private static final int CELL = 40;
    private static final int CELLS = 64;

    private StripesStress() {}

    /** Two loops count at once. */
    @JCStressTest
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both are in the sum.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A count was lost.")
    @State
    public static class TwoLoops {

        private final Stripes stripes = new Stripes(2, CELLS);

        @Actor
        public void firstLoop() {
            stripes.add(0, CELL, 1);
        }

        @Actor
        public void secondLoop() {
            stripes.add(1, CELL, 1);
        }

        @Arbiter
        public void afterwards(J_Result result) {
            result.r1 = stripes.sum(CELL);
        }
    }

    /** Somebody reads twice while a loop counts two. */
    @JCStressTest
    @Outcome(id = "0, 0, 2", expect = Expect.ACCEPTABLE, desc = "The reader was first.")
    @Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "One was counted between the two.")
    @Outcome(id = "0, 2, 2", expect = Expect.ACCEPTABLE, desc = "Both were counted between the two.")
    @Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "The reader came between the counts.")
    @Outcome(id = "1, 2, 2", expect = Expect.ACCEPTABLE, desc = "The second was counted between the two.")
    @Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "The loop was first.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A count was lost, or a sum went down.")
    @State
    public static class ALoopAndAReader {

        private final Stripes stripes = new Stripes(2, CELLS);

        @Actor
        public void loop() {
            stripes.add(1, CELL, 1);
            stripes.add(1, CELL, 1);
        }

        @Actor
        public void reader(JJJ_Result result) {
            result.r1 = stripes.sum(CELL);
            result.r2 = stripes.sum(CELL);
        }

        @Arbiter
        public void afterwards(JJJ_Result result) {
            result.r3 = stripes.sum(CELL);
        }
    }
}
