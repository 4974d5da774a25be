package io.clb.engine;

import io.clb.spi.ServerDiscovery;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The mailbox of a discovery: those who report, and control, which reads once for each note in its inbox. */
public class RunDiscoveryStress {

    private static final Observers OBSERVERS = new Observers("stress");
    private static final Threads THREADS = new Threads("stress", true);
    private static final ServerDiscovery DISCOVERY = run -> () -> {};

    private RunDiscoveryStress() {}

    /** The run of a discovery, and what control read last: control's thread is played by those who {@link #read}. */
    private static class Read {

        private final Control control = new Control("stress", () -> 0, THREADS);
        private final RunDiscovery run =
                new RunDiscovery("stress", "g", DISCOVERY, List.of(), control, Runnable::run, OBSERVERS, this::take);
        private int last;
        private int count;

        private void take() {
            RunDiscovery.Report report = run.takeReport();
            if (report != null && report.failure() != null) {
                last = Integer.parseInt(report.failure());
                count++;
            }
        }

        final void report(int number) {
            run.failed(Integer.toString(number));
        }

        /** Does all that is in the inbox by now. */
        final void read() {
            control.post(() -> control.end(() -> {}));
            control.run();
        }

        final void result(II_Result result) {
            result.r1 = last;
            result.r2 = count;
        }
    }

    /** Two threads report at once: one report is left, and there is a note of it. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The first was the last.")
    @Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "The second was the last.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Both are lost, or both are read.")
    @State
    public static class TwoReport {

        private final Read read = new Read();

        @Actor
        public void one() {
            read.report(1);
        }

        @Actor
        public void other() {
            read.report(2);
        }

        @Arbiter
        public void afterwards(II_Result result) {
            read.read();
            read.result(result);
        }
    }

    /** A report comes while control reads the one before, which came from another thread: the last is read in any case. */
    @JCStressTest
    @Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "The second took the place of the first in time.")
    @Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "Both were read.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "The last report lies there without a note.")
    @State
    public static class OneReportsOneReads {

        private final Read read = new Read();

        public OneReportsOneReads() {
            read.report(1);
        }

        @Actor
        public void reports() {
            read.report(2);
        }

        @Actor
        public void reads() {
            read.read();
        }

        @Arbiter
        public void afterwards(II_Result result) {
            read.read();
            read.result(result);
        }
    }
}
