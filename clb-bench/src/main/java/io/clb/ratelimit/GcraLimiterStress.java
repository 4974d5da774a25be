package io.clb.ratelimit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Two loops ask one limiter at once; 0 is a permit, anything else the nanoseconds to wait for one. */
public class GcraLimiterStress {

    private GcraLimiterStress() {}

    /** There is one permit, and the next in a second. */
    @JCStressTest
    @Outcome(id = "0, 1000000000", expect = Expect.ACCEPTABLE, desc = "The first loop got the permit.")
    @Outcome(id = "1000000000, 0", expect = Expect.ACCEPTABLE, desc = "The second loop got the permit.")
    @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "The one permit was given twice.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Nobody got the permit, or a wait is wrong.")
    @State
    public static class OnePermit {

        private final GcraLimiter limiter = new GcraLimiter(Share.of(1, 2), 1, 0);

        @Actor
        public void firstLoop(JJ_Result result) {
            result.r1 = limiter.tryAcquire(1, 0);
        }

        @Actor
        public void secondLoop(JJ_Result result) {
            result.r2 = limiter.tryAcquire(1, 0);
        }
    }

    /** There are two permits, and the next in a second. */
    @JCStressTest
    @Outcome(id = "0, 0, 1000000000", expect = Expect.ACCEPTABLE, desc = "Each loop got one, and none is left.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A permit was refused that was there, or given that was not.")
    @State
    public static class TwoPermits {

        private final GcraLimiter limiter = new GcraLimiter(Share.of(1, 2), 2, 0);

        @Actor
        public void firstLoop(JJJ_Result result) {
            result.r1 = limiter.tryAcquire(1, 0);
        }

        @Actor
        public void secondLoop(JJJ_Result result) {
            result.r2 = limiter.tryAcquire(1, 0);
        }

        @Arbiter
        public void afterwards(JJJ_Result result) {
            result.r3 = limiter.tryAcquire(1, 0);
        }
    }
}
