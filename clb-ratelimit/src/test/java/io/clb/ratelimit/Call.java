package io.clb.ratelimit;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** A call some time after the one before, in thousandths of the burst. */
record Call(int pause, int permits) {

    /** Calls that come fast, or with time to earn two bursts in between. */
    static Arbitrary<List<Call>> some() {
        return some(2_000);
    }

    static Arbitrary<List<Call>> some(int mostPause) {
        Arbitrary<Integer> pauses = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 100), Arbitraries.integers().between(0, mostPause));
        return Combinators.combine(pauses, Arbitraries.integers().between(1, 1_000))
                .as(Call::new)
                .list()
                .ofMaxSize(40);
    }

    long pauseNanos(ExactLimit limit) {
        return Math.round(limit.burstNanos() / 1_000.0 * pause);
    }

    long permits(ExactLimit limit) {
        return Math.max(1, limit.burst() / 1_000 * permits);
    }
}
