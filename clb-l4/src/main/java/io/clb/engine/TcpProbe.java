package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.spi.Verdict;

/** Healthy if a connection opens. */
final class TcpProbe implements ProbeProtocol {

    @Override
    public HealthCheck.Kind kind() {
        return HealthCheck.Kind.TCP;
    }

    @Override
    public void probe(ProbeAttempt attempt) {
        attempt.connect(socket -> socket.config().setAutoRead(false), socket -> attempt.complete(Verdict.ok()));
    }
}
