package io.clb.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What code that runs on event loops allocates: it should be nothing. */
public final class Allocation {

    /** Enough for the second compiler, which drops what does not escape; not measured beyond that. */
    private static final int WARM_UP = 100_000;

    /** Enough to make what the measurement itself allocates vanish in the mean. */
    private static final int MEASURED = 200_000;

    private Allocation() {}

    /**
     * Measures a call on this thread, after warming it up. Skips the test on a JVM that cannot tell.
     *
     * @param call what to measure
     * @return the mean of allocated bytes
     */
    public static double bytesPerCall(Runnable call) {
        ThreadMXBean threads = bean();
        repeat(WARM_UP, call);
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        repeat(MEASURED, call);
        return (double) (threads.getThreadAllocatedBytes(thread) - before) / MEASURED;
    }

    private static ThreadMXBean bean() {
        boolean known = ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
                && bean.isThreadAllocatedMemorySupported()
                && bean.isThreadAllocatedMemoryEnabled();
        assumeTrue(known, "this JVM does not count what a thread allocates");
        return (ThreadMXBean) ManagementFactory.getThreadMXBean();
    }

    private static void repeat(int times, Runnable call) {
        for (int i = 0; i < times; i++) {
            call.run();
        }
    }
}
