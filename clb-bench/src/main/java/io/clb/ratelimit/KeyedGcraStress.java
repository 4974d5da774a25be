package io.clb.ratelimit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** Two loops ask for keys of one group at once; 0 is a permit, anything else the nanoseconds to wait for one. */
public class KeyedGcraStress {

    /** More than a group has. */
    private static final int NEW = 100;

    private KeyedGcraStress() {}

    /** One group, with one permit a second for each key, and so many keys in debt. */
    private static KeyedGcra table(int keys) {
        KeyedGcra table = new KeyedGcra(Share.of(1, 2), 1, 8, 0, null);
        for (int key = 0; key < keys; key++) {
            table.tryAcquire(key(key), 0);
        }
        return table;
    }

    private static long key(int number) {
        return (number + 1L) << 45;
    }

    /** The clocks differ: only for the second loop the first entry is paid. So they enter the key at different places. */
    @JCStressTest
    @Outcome(id = "0, 999999911, 999999911", expect = Expect.ACCEPTABLE, desc = "The first loop got the permit.")
    @Outcome(id = "1000000100, 0, 1000000000", expect = Expect.ACCEPTABLE, desc = "The second loop got the permit.")
    @Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "The one permit was given twice.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Nobody got the permit, or a wait is wrong.")
    @State
    public static class NewKey {

        private final KeyedGcra table = table(1);

        @Actor
        public void firstLoop(JJJ_Result result) {
            result.r1 = table.tryAcquire(key(NEW), 999_999_900);
        }

        @Actor
        public void secondLoop(JJJ_Result result) {
            result.r2 = table.tryAcquire(key(NEW), 1_000_000_000);
        }

        @Arbiter
        public void afterwards(JJJ_Result result) {
            result.r3 = table.tryAcquire(key(NEW), 1_000_000_000);
        }
    }

    /** There is one entry left; the key that comes second finds the group full, and shares the debt of another. */
    @JCStressTest
    @Outcome(id = "0, 1000000000, 1", expect = Expect.ACCEPTABLE, desc = "The first loop's key got the entry.")
    @Outcome(id = "1000000000, 0, 1", expect = Expect.ACCEPTABLE, desc = "The second loop's key got the entry.")
    @Outcome(expect = Expect.FORBIDDEN, desc = "Both or none got the entry, or nobody counted.")
    @State
    public static class LastEntry {

        private final KeyedGcra table = table(7);

        @Actor
        public void firstLoop(JJJ_Result result) {
            result.r1 = table.tryAcquire(key(NEW), 0);
        }

        @Actor
        public void secondLoop(JJJ_Result result) {
            result.r2 = table.tryAcquire(key(NEW + 1), 0);
        }

        @Arbiter
        public void afterwards(JJJ_Result result) {
            result.r3 = table.shared();
        }
    }
}
