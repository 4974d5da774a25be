package io.clb.engine;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The failures of one server in a row, over all loops. At the limit it closes, and so tells of it once; it counts again when control opens it. So control has one
 * note for each server to read at most, however many flows fail.
 */
final class FailureStreak {

    private static final int CLOSED = -1;

    // the count, or CLOSED: stepped and closed by any loop, opened and closed by control
    private final AtomicInteger word = new AtomicInteger(CLOSED);

    // written by control; read by any loop
    private volatile int limit;

    /** Begins to count. Control only. */
    void open(int failures) {
        limit = failures;
        word.set(0);
    }

    /** Counts no more. Control only. */
    void close() {
        limit = 0;
        word.set(CLOSED);
    }

    /** The failures that it counts to; 0 if it is off. */
    int limit() {
        return limit;
    }

    /** The failures so far; negative while it does not count. */
    int count() {
        return word.get();
    }

    /** Counts a failure. Any loop. True for the one that reaches the limit. */
    boolean failed() {
        while (true) {
            int count = word.get();
            if (count == CLOSED) {
                return false;
            }
            int next = count + 1 >= limit ? CLOSED : count + 1;
            if (word.compareAndSet(count, next)) {
                return next == CLOSED;
            }
        }
    }

    /** Begins anew. Any loop; only reads as long as nothing fails. */
    void succeeded() {
        int count = word.get();
        while (count > 0 && !word.compareAndSet(count, 0)) {
            count = word.get();
        }
    }
}
