package io.clb.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** Two loops count the first of something, each in a stripe that it makes, while a third thread reads the sum twice. */
@JCStressTest
@Outcome(id = "0, 0, 2", expect = Expect.ACCEPTABLE, desc = "The reader was first.")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "One loop counted between the two.")
@Outcome(id = "0, 2, 2", expect = Expect.ACCEPTABLE, desc = "Both loops counted between the two.")
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "The reader came between the loops.")
@Outcome(id = "1, 2, 2", expect = Expect.ACCEPTABLE, desc = "The second loop counted between the two.")
@Outcome(id = "2, 2, 2", expect = Expect.ACCEPTABLE, desc = "The loops were first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A count was lost, or a sum went down.")
@State
public class StripesStress {

    private static final int CELL = 40;

    private final Stripes stripes = new Stripes(2, 64);

    @Actor
    public void firstLoop() {
        stripes.add(0, CELL, 1);
    }

    @Actor
    public void secondLoop() {
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
