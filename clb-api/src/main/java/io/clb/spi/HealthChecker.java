package io.clb.spi;

import java.util.concurrent.CompletionStage;

/**
 * Probes one server once. The balancer calls it in its interval, keeps the time, and counts verdicts against the thresholds.
 *
 * <p>Called on a thread of the balancer's that must not be held up: start what takes time, and return its stage. A check that blocks runs
 * on {@link Probe#blocking()}:
 * {@code return CompletableFuture.supplyAsync(() -> ping(probe.host(), probe.port()), probe.blocking())}.
 */
@FunctionalInterface
public interface HealthChecker {

    /**
     * Begins a probe. At most one is in flight for each server.
     *
     * @param probe what to probe
     * @return the verdict to come. Failing exceptionally, or not within {@link Probe#timeout()}, counts as unhealthy; it is cancelled
     *     then if it is a {@link java.util.concurrent.Future}
     */
    CompletionStage<Verdict> check(Probe probe);
}
