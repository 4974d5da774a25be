package io.clb.engine;

import io.clb.HealthCheck;

/** A kind of health check that the engine runs on its loops: the seam that modules plug probes into, found by {@link java.util.ServiceLoader}. */
public interface ProbeProtocol {

    /**
     * Returns the kind of check that this serves.
     *
     * @return the kind
     */
    HealthCheck.Kind kind();

    /**
     * Begins a probe. Called on the attempt's loop.
     *
     * @param attempt what to probe, and where to say what was found
     */
    void probe(ProbeAttempt attempt);
}
