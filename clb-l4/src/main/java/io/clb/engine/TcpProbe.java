package io.clb.engine;

import io.clb.HealthCheck;
import io.clb.spi.Verdict;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;

/** Healthy if a connection opens. It is closed with RST, so that neither side keeps a trace of it. */
final class TcpProbe implements ProbeProtocol {

    @Override
    public HealthCheck.Kind kind() {
        return HealthCheck.Kind.TCP;
    }

    @Override
    public void probe(ProbeAttempt attempt) {
        InetSocketAddress address = attempt.address();
        if (address == null) {
            attempt.complete(Verdict.failed("the name " + attempt.host() + " has no address"));
            return;
        }
        SocketChannel socket;
        try {
            socket = attempt.newSocket();
        } catch (ChannelException e) {
            attempt.complete(Verdict.failed("no socket for the probe: " + Failures.text(e)));
            return;
        }
        attempt.onEnd(() -> Traffic.reset(socket));
        socket.config().setAutoRead(false).setConnectTimeoutMillis(0);
        attempt.loop().eventLoop().register(socket);
        ChannelFuture connected = socket.connect(address);
        connected.addListener(future -> attempt.complete(
                future.isSuccess() ? Verdict.ok() : Verdict.failed(Failures.text(future.cause()))));
    }
}
