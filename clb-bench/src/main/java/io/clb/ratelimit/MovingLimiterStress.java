package io.clb.ratelimit;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A loop asks while control moves the share, and again after that; 0 is a permit, anything else the nanoseconds to wait for one. */
public class MovingLimiterStress {

    /** Further than any clock of these tests. */
    private static final long FAR = 1L << 60;

    private MovingLimiterStress() {}

    private static MovingLimiter onePermit() {
        return new MovingLimiter(1, Duration.ofSeconds(1), 1, Parts.WHOLE, 0);
    }

    private static long asked(MovingLimiter limiter) {
        return limiter.tryAcquire(1, 0) == 0 ? 0 : 1;
    }

    /** The share is moved away and there is one permit: it stays, and is given once. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The permit was given once.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The one permit was given twice, or a move took it away.")
    @State
    public static class MovedAway {

        private final MovingLimiter limiter = onePermit();

        @Actor
        public void loop(JJ_Result result) {
            result.r1 = asked(limiter);
        }

        @Actor
        public void control() {
            limiter.move(0, FAR, 0, 0);
        }

        @Arbiter
        public void afterwards(JJ_Result result) {
            result.r2 = asked(limiter);
        }
    }

    /** The share is doubled: the larger burst has to be earned, so there is one permit still. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The permit was given once.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A move made a permit, or lost one.")
    @State
    public static class Raised {

        private final MovingLimiter limiter = onePermit();

        @Actor
        public void loop(JJ_Result result) {
            result.r1 = asked(limiter);
        }

        @Actor
        public void control() {
            limiter.move(2 * Parts.WHOLE, FAR, 0, 0);
        }

        @Arbiter
        public void afterwards(JJ_Result result) {
            result.r2 = asked(limiter);
        }
    }
}
