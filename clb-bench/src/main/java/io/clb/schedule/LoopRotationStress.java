package io.clb.schedule;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A loop steps its own rotation while control builds a successor from it. */
@JCStressTest
@Outcome(id = "2, 0, 0", expect = Expect.ACCEPTABLE, desc = "Control looked before the first step.")
@Outcome(
        id = "2, 0, 2",
        expect = Expect.ACCEPTABLE,
        desc = "Control looked between the steps, at the end of the period.")
@Outcome(id = "2, 0, 1", expect = Expect.ACCEPTABLE, desc = "Control looked after both steps.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A step was lost, or the successor starts where the loop never stood.")
@State
public class LoopRotationStress {

    private final Rotation rotation = new Rotation(3, 2 / 3.0);

    @Actor
    public void loop(III_Result result) {
        result.r1 = rotation.nextAlone();
        result.r2 = rotation.nextAlone();
    }

    @Actor
    public void control(III_Result result) {
        int next = new Rotation(3, rotation.phase()).nextAlone();
        // 2 is where it all starts: shown as 0, so that nothing seen is 0 too and not an outcome of its own.
        result.r3 = next == 2 ? 0 : next == 0 ? 2 : 1;
    }
}
