package io.clb.schedule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Candidates and the smooth sequence in which they take turns. Not to be changed. */
final class Turns {

    private final Candidates candidates;
    private final char[] order;

    private Turns(Candidates candidates, char[] order) {
        this.candidates = candidates;
        this.order = order;
    }

    /** Arranges turns. While weights stay as they were, so does the order, which takes time to build. */
    static Turns of(Candidates candidates, @Nullable Turns previous) {
        return new Turns(
                candidates,
                previous != null && Arrays.equals(previous.candidates.weights(), candidates.weights())
                        ? previous.order
                        : SmoothSequence.of(candidates.weights()));
    }

    Candidates candidates() {
        return candidates;
    }

    /** One period of turns, as indexes of candidates; empty if there is none. */
    char[] order() {
        return order;
    }
}
