package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.spi.Verdict;
import io.netty.channel.socket.SocketChannel;

/** Healthy if a connection opens, and takes the header of the PROXY protocol where there is to be one. */
final class TcpProbe implements ProbeProtocol {

    @Override
    public HealthCheck.Kind kind() {
        return HealthCheck.Kind.TCP;
    }

    @Override
    public void probe(ProbeAttempt attempt) {
        attempt.connect(socket -> socket.config().setAutoRead(false), socket -> connected(attempt, socket));
    }

    private static void connected(ProbeAttempt attempt, SocketChannel socket) {
        if (attempt.check().proxyProtocol() == null) {
            attempt.complete(Verdict.ok());
        } else {
            // With FIN: a reset could cost the server the header, which it would then miss.
            socket.close().addListener(closed -> attempt.complete(Verdict.ok()));
        }
    }
}
