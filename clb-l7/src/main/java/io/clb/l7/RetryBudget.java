package io.clb.l7;

import java.util.concurrent.TimeUnit;

/** How many retries a listener has left on one loop. Confined to it. */
final class RetryBudget {

    /** What one retry costs: a request brings as many hundredths as the listener says. */
    private static final int RETRY = 100;

    private static final int MAX = 100 * RETRY;

    /** One for each of these there may be anyway: with few requests, a share of them would be none. */
    private static final long ALWAYS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private int balance = MAX;
    private long sinceNanos;

    RetryBudget(long nowNanos) {
        sinceNanos = nowNanos;
    }

    /** A request came, which brings so many hundredths of a retry. */
    void request(int percent) {
        balance = Math.min(MAX, balance + percent);
    }

    /** Takes a retry, if there is one. */
    boolean take(long nowNanos) {
        long always = (nowNanos - sinceNanos) / ALWAYS_NANOS;
        if (always > 0) {
            sinceNanos += always * ALWAYS_NANOS;
            balance = (int) Math.min(MAX, balance + always * RETRY);
        }
        if (balance < RETRY) {
            return false;
        }
        balance -= RETRY;
        return true;
    }
}
