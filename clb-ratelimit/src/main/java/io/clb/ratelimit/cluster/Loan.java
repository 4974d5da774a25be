package io.clb.ratelimit.cluster;

/**
 * What one node lends another of its part of a limit, as the lender knows it. That is what the last report said, but the borrower may not have heard that one, and use
 * what an earlier said. So what was lent is the lender's again only when the borrower has heard of less, or can use it no more, as its lease is over.
 */
final class Loan {

    private long said;

    /** The most that the borrower may use. */
    private long most;

    // the first report that said less than that; the most that was said since; and when nobody can use what was said
    // before
    private long reducedBy;
    private long saidSince;
    private long returnsNanos;

    /** The most that the borrower may use. */
    long most() {
        return most;
    }

    /**
     * Takes note of what a report says.
     *
     * @param number of the report
     * @param returnedNanos how long what is said before a report can be used after it
     */
    void say(long parts, long number, long nowNanos, long returnedNanos) {
        said = parts;
        if (parts >= most) {
            most = parts;
            reducedBy = 0;
        } else if (reducedBy == 0) {
            reducedBy = number;
            saidSince = parts;
            returnsNanos = nowNanos + returnedNanos;
        } else {
            saidSince = Math.max(saidSince, parts);
        }
    }

    /**
     * Takes back what the borrower cannot use any more.
     *
     * @param heard the number of the last report that the borrower has heard
     */
    void returned(long heard, long nowNanos) {
        if (reducedBy != 0 && (heard >= reducedBy || nowNanos - returnsNanos >= 0)) {
            most = saidSince;
            reducedBy = 0;
        }
    }

    /** What the last report said. */
    long said() {
        return said;
    }
}
