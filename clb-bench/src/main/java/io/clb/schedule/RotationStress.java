package io.clb.schedule;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two loops step one rotation. */
@JCStressTest
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "The first loop stepped first; the next step follows.")
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "The second loop stepped first; the next step follows.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A step was taken twice or left out.")
@State
public class RotationStress {

    private final Rotation rotation = new Rotation(3, 0);

    @Actor
    public void firstLoop(III_Result result) {
        result.r1 = rotation.next();
    }

    @Actor
    public void secondLoop(III_Result result) {
        result.r2 = rotation.next();
    }

    @Arbiter
    public void afterwards(III_Result result) {
        result.r3 = rotation.next();
    }
}
