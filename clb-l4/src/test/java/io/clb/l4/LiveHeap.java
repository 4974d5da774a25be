package io.clb.l4;

import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The heap that is in use after full collections. */
public final class LiveHeap {

    private static final int SETTLED_BYTES = 64 * 1_024;

    private LiveHeap() {}

    /** Collects until that frees no more: what finalizers and cleaners hold goes only after they have run. */
    public static long bytes() {
        AtomicLong used = new AtomicLong();
        await().pollInterval(Duration.ofMillis(30)).until(() -> {
            System.gc();
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            return Math.abs(used.getAndSet(now) - now) < SETTLED_BYTES;
        });
        return used.get();
    }
}
