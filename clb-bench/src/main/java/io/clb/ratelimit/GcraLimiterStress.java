package io.clb.ratelimit;

import io.clb.spi.RateLimiter;
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

    /** One loop gives the one permit back while the other asks for one. */
    @JCStressTest
    @Outcome(
            id = "0, 1000000000",
            expect = Expect.ACCEPTABLE,
            desc = "It was back in time for the other loop, and is gone.")
    @Outcome(id = "1000000000, 0", expect = Expect.ACCEPTABLE, desc = "It came back too late, and is there.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The permit was lost or doubled, or a wait is wrong.")
    @State
    public static class GivenBack {

        private final GcraLimiter limiter = new GcraLimiter(Share.of(1, 2), 1, 0);

        public GivenBack() {
            limiter.tryAcquire(1, 0);
        }

        @Actor
        public void givingLoop() {
            limiter.giveBack(1, 0, 0);
        }

        @Actor
        public void askingLoop(JJ_Result result) {
            result.r1 = limiter.tryAcquire(1, 0);
        }

        @Arbiter
        public void afterwards(JJ_Result result) {
            result.r2 = limiter.tryAcquire(1, 0);
        }
    }

    /** Two loops lease 16 permits each, of 96 at once that are there beside what is kept for that. */
    @JCStressTest
    @Outcome(id = "0, 0, 78", expect = Expect.ACCEPTABLE, desc = "Each has leased a batch, and the others are there.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A permit was lost or doubled.")
    @State
    public static class Leases {

        private final GcraLimiter limiter = new GcraLimiter(Share.of(1_280, 2), 1, 2, 0, null);
        private final RateLimiter first = limiter.onLoop(0);
        private final RateLimiter second = limiter.onLoop(1);

        @Actor
        public void firstLoop(JJJ_Result result) {
            result.r1 = first.tryAcquire(1, 0);
        }

        @Actor
        public void secondLoop(JJJ_Result result) {
            result.r2 = second.tryAcquire(1, 0);
        }

        /** Each uses what it holds. */
        @Arbiter
        public void afterwards(JJJ_Result result) {
            result.r3 = first.tryAcquire(1, 0) + second.tryAcquire(1, 0);
            while (first.tryAcquire(1, 0) == 0) {
                result.r3++;
            }
        }
    }
}
