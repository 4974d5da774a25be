package io.clb.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Failures of one server on two loops at once. */
public final class FailureStreakStress {

    private FailureStreakStress() {}

    private static FailureStreak oneBefore(int limit) {
        FailureStreak streak = new FailureStreak();
        streak.open(limit);
        for (int i = 1; i < limit; i++) {
            streak.failed();
        }
        return streak;
    }

    /** Two loops fail when one failure is missing: control is told once. */
    @JCStressTest
    @Outcome(id = "1, 0, -1", expect = Expect.ACCEPTABLE, desc = "The first loop told, the other came too late.")
    @Outcome(id = "0, 1, -1", expect = Expect.ACCEPTABLE, desc = "The other loop told, the first came too late.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Control is told twice or never, or failures still count.")
    @State
    public static class TwoFailures {

        private final FailureStreak streak = oneBefore(3);

        @Actor
        public void one(III_Result result) {
            result.r1 = streak.failed() ? 1 : 0;
        }

        @Actor
        public void other(III_Result result) {
            result.r2 = streak.failed() ? 1 : 0;
        }

        @Arbiter
        public void control(III_Result result) {
            result.r3 = streak.count();
        }
    }

    /** Two loops fail where many failures are missing: none is lost. */
    @JCStressTest
    @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both count.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A failure was lost.")
    @State
    public static class BothCount {

        private final FailureStreak streak = oneBefore(1);

        /** Begins to count. */
        public BothCount() {
            streak.open(5);
        }

        @Actor
        public void one() {
            streak.failed();
        }

        @Actor
        public void other() {
            streak.failed();
        }

        @Arbiter
        public void control(I_Result result) {
            result.r1 = streak.count();
        }
    }

    /** A loop fails when one failure is missing, and the server answers on another. */
    @JCStressTest
    @Outcome(
            id = "1, -1",
            expect = Expect.ACCEPTABLE,
            desc = "The failure came first: it is told, and the answer too late.")
    @Outcome(
            id = "0, 1",
            expect = Expect.ACCEPTABLE,
            desc = "The answer came first: the failure is the first of a new row.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "What was told counts again, or the answer is lost.")
    @State
    public static class FailureAndAnswer {

        private final FailureStreak streak = oneBefore(3);

        @Actor
        public void fails(II_Result result) {
            result.r1 = streak.failed() ? 1 : 0;
        }

        @Actor
        public void answers() {
            streak.succeeded();
        }

        @Arbiter
        public void control(II_Result result) {
            result.r2 = streak.count();
        }
    }
}
