package io.clb.l4;

import static java.util.Objects.requireNonNull;

import io.clb.engine.FakeClock;
import io.clb.spi.HealthChecker;
import io.clb.spi.Probe;
import io.clb.spi.Verdict;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A health check that leaves the verdicts to the test. */
final class ManualCheck implements HealthChecker {

    private static final int TRIES = 10;

    /** A probe under way, to be completed by the test. */
    record Asked(Probe probe, CompletableFuture<Verdict> answer) {}

    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<Verdict> check(Probe probe) {
        CompletableFuture<Verdict> answer = new CompletableFuture<>();
        asked.add(new Asked(probe, answer));
        return answer;
    }

    /** Waits for the next probe. */
    Asked next() throws InterruptedException {
        return requireNonNull(asked.poll(TRIES, TimeUnit.SECONDS), "no probe came");
    }

    /** Moves time on until the next probe comes, which is after one interval, once the verdict before is digested. */
    Asked next(FakeClock clock, Duration interval) throws InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            clock.advance(interval);
            Asked next = asked.poll(1, TimeUnit.SECONDS);
            if (next != null) {
                return next;
            }
        }
        throw new AssertionError("no probe came");
    }
}
