package io.clb.engine;

/** Where nanoseconds come from. Replaced in tests, which so move time instead of waiting for it. */
@FunctionalInterface
public interface Clock {

    /** The clock of the JVM. */
    Clock SYSTEM = System::nanoTime;

    /**
     * Returns the time, as {@link System#nanoTime()} does: only differences mean something, and it does not go back. If it did, nothing would come
     * early, and what waits late by as much.
     *
     * @return nanoseconds
     */
    long nanoTime();
}
