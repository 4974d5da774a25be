package io.clb.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Something that many sockets notice at once and that is told once in a second, by whoever noticed it first. */
final class Notice {

    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long NEVER_TOLD = Long.MIN_VALUE;

    // stepped by any loop
    private final AtomicLong toldNanos = new AtomicLong(NEVER_TOLD);

    /** Whether it is the caller's to tell now. */
    boolean isDue(long nowNanos) {
        long told = toldNanos.get();
        return (told == NEVER_TOLD || nowNanos - told >= QUIET_NANOS) && toldNanos.compareAndSet(told, nowNanos);
    }
}
