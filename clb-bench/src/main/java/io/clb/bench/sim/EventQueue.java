package io.clb.bench.sim;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time: what is due, in the order of its time and, at one time, in the order in which it was asked for. */
final class EventQueue {

    private final PriorityQueue<Event> due =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
    private long nowNanos;
    private long number;

    private record Event(long atNanos, long number, Runnable action) {}

    long nowNanos() {
        return nowNanos;
    }

    void at(long nanos, Runnable action) {
        due.add(new Event(Math.max(nanos, nowNanos), number++, action));
    }

    void after(long nanos, Runnable action) {
        at(nowNanos + nanos, action);
    }

    /** Does again and again, for the first time after one period. */
    void every(long periodNanos, Runnable action) {
        after(periodNanos, () -> {
            action.run();
            every(periodNanos, action);
        });
    }

    /** Lets time pass, up to and including a moment. */
    void runUntil(long endNanos) {
        for (Event next = due.peek(); next != null && next.atNanos <= endNanos; next = due.peek()) {
            due.remove();
            nowNanos = next.atNanos;
            next.action.run();
        }
        nowNanos = endNanos;
    }
}
