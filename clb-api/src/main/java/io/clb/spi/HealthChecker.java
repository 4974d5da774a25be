package io.clb.spi;

import java.util.concurrent.CompletionStage;

/**
 * Probes one server once. The balancer calls it in its interval, keeps the time, and counts verdicts against the thresholds.
 *
 * <p>Called on a thread of the balancer's that must not be held up: start what takes time, and return its stage. A check that blocks runs
 * on {@link Probe#blocking()}:
 * {@code return CompletableFuture.supplyAsync(() -> ping(probe.host(), probe.port()), probe.blocking())}.
 *
 * <p>Give an instance to a group ({@code .healthCheck(HealthCheck.custom(myChecker))}), or offer it by name: list the class in
 * {@code META-INF/services/io.clb.spi.HealthChecker} (and {@code provides} in a module), give it a {@link #name()}, and
 * {@code HealthCheck.custom(Extensions.healthChecker("..."))} runs it. Equal checkers share the probes of an address, and probes begin
 * anew with a checker that is not equal: one that is found anew with each change of the configuration needs {@code equals}.
 */
@FunctionalInterface
public interface HealthChecker {

    /**
     * Returns the name that {@code Extensions.healthChecker} finds this by.
     *
     * @return the name; the class's simple name unless overridden
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * Begins a probe. At most one is in flight for each server.
     *
     * @param probe what to probe
     * @return the verdict to come. Failing exceptionally, or not within {@link Probe#timeout()}, counts as unhealthy; it is cancelled
     *     then if it is a {@link java.util.concurrent.Future}
     */
    CompletionStage<Verdict> check(Probe probe);
}
