package io.clb.bench.soak;

import java.util.concurrent.atomic.LongAdder;

/** What clients have seen. */
final class Tally {

    /** Sessions that went as they should. */
    final LongAdder good = new LongAdder();

    /** Sessions that the client itself broke off. */
    final LongAdder aborted = new LongAdder();

    /** Sessions that were refused, reset or ended early. */
    final LongAdder broken = new LongAdder();

    /** Sessions, or datagrams, of which no answer came in time. */
    final LongAdder silent = new LongAdder();

    /** Answers that were not what was sent. */
    final LongAdder wrong = new LongAdder();

    @Override
    public String toString() {
        return good + " good, " + aborted + " aborted by the client, " + broken + " broken, " + silent
                + " without an answer, " + wrong + " wrong";
    }
}
