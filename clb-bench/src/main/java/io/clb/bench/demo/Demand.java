package io.clb.bench.demo;

import java.util.concurrent.TimeUnit;

/**
 * How much a limit should let through of what was asked for: in each tenth of a second what came, up to the rate. A limiter saves up what it may let
 * through for so long and no longer, so a pause of the clients', on a busy machine, is no fault of its.
 */
final class Demand {

    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final double most;
    private long slice;
    private long askedInSlice;
    private double dueBefore;

    /** Begins with nothing asked, for a rate per second. */
    Demand(double rate) {
        this.most = rate * SLICE_NANOS / TimeUnit.SECONDS.toNanos(1);
    }

    /** Somebody asked, and was served or refused. */
    synchronized void asked(long nowNanos) {
        long now = Math.floorDiv(nowNanos, SLICE_NANOS);
        if (now != slice) {
            dueBefore = due();
            slice = now;
            askedInSlice = 0;
        }
        askedInSlice++;
    }

    /** How many should have been served so far. */
    synchronized double due() {
        return dueBefore + Math.min((double) askedInSlice, most);
    }
}
