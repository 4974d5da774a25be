package io.clb.schedule;

import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two loops tell, or ask for, the latency of one server. Results are in whole milliseconds. */
public class LatencyStress {

    private static final float DECAY = TimeUnit.SECONDS.toNanos(10);
    private static final long LATER = TimeUnit.SECONDS.toNanos(10);

    private LatencyStress() {}

    private static void tell(Latency latency, long millis, long now) {
        latency.told(TimeUnit.MILLISECONDS.toNanos(millis), now, DECAY);
    }

    private static int ask(Latency latency, long now) {
        float nanos = latency.nanos(now, DECAY);
        return nanos == Latency.UNKNOWN ? -1 : (int) (nanos / 1e6f);
    }

    /** Two flows leave a server of which nothing is known. */
    @JCStressTest
    @Outcome(id = "1000", expect = Expect.ACCEPTABLE, desc = "The longer time counts, whichever came first.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "A peak was lost.")
    @State
    public static class PeakAndShorterTime {

        private final Latency latency = new Latency();

        @Actor
        public void firstLoop() {
            tell(latency, 10, 0);
        }

        @Actor
        public void secondLoop() {
            tell(latency, 1_000, 0);
        }

        @Arbiter
        public void afterwards(I_Result result) {
            result.r1 = ask(latency, 0);
        }
    }

    /** Two shorter times after a peak of 100 ms, which has had time to fade to 37 %. */
    @JCStressTest
    @Outcome(id = "43", expect = Expect.ACCEPTABLE, desc = "10 ms came first: 10 + 90 / e.")
    @Outcome(id = "49", expect = Expect.ACCEPTABLE, desc = "20 ms came first: 20 + 80 / e.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "An average that neither order gives.")
    @State
    public static class TwoShorterTimes {

        private final Latency latency = new Latency();

        public TwoShorterTimes() {
            tell(latency, 100, 0);
        }

        @Actor
        public void firstLoop() {
            tell(latency, 10, LATER);
        }

        @Actor
        public void secondLoop() {
            tell(latency, 20, LATER);
        }

        @Arbiter
        public void afterwards(I_Result result) {
            result.r1 = ask(latency, LATER);
        }
    }

    /** Average and time change together: half of one with half of the other would be a latency that nobody measured. */
    @JCStressTest
    @Outcome(id = "36, 36", expect = Expect.ACCEPTABLE, desc = "Asked before: 100 ms, faded.")
    @Outcome(id = "36, 500", expect = Expect.ACCEPTABLE, desc = "Told between.")
    @Outcome(id = "500, 500", expect = Expect.ACCEPTABLE, desc = "Asked afterwards: the new peak, not faded.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Torn, or back in time.")
    @State
    public static class TellAndAsk {

        private final Latency latency = new Latency();

        public TellAndAsk() {
            tell(latency, 100, 0);
        }

        @Actor
        public void firstLoop() {
            tell(latency, 500, LATER);
        }

        @Actor
        public void secondLoop(II_Result result) {
            result.r1 = ask(latency, LATER);
            result.r2 = ask(latency, LATER);
        }
    }
}
