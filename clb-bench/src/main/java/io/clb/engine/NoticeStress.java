package io.clb.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two loops notice the same at once: it is told once. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The first loop tells, the other is quiet.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The other loop tells, the first is quiet.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It is told twice or never.")
@State
public class NoticeStress {

    private final Notice notice = new Notice();

    @Actor
    public void one(II_Result result) {
        result.r1 = notice.isDue(1) ? 1 : 0;
    }

    @Actor
    public void other(II_Result result) {
        result.r2 = notice.isDue(2) ? 1 : 0;
    }
}
